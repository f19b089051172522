package io.offerplane.shim.http;

import io.offerplane.shim.container.ContainerName;

/** Who makes a call that runs or ends something. */
sealed interface Caller {

    /** Whether calls about a container are theirs to make. */
    boolean mayReach(ContainerName container);

    /** Whether they may have containers run as any user, whoever runs the container around it. */
    boolean mayBeAnyone();

    /**
     * One with the node's credentials.
     *
     * @param principal their name
     */
    record Operator(String principal) implements Caller {
        @Override
        public boolean mayReach(ContainerName container) {
            return true;
        }

        @Override
        public boolean mayBeAnyone() {
            return true;
        }
    }

    /**
     * A process of a container, such as an executor.
     *
     * @param home the innermost container that it is in
     */
    record Inmate(ContainerName home) implements Caller {
        @Override
        public boolean mayReach(ContainerName container) {
            return container.isWithin(home);
        }

        @Override
        public boolean mayBeAnyone() {
            return false;
        }
    }
}
