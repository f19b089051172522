package io.offerplane.shim.container;

/** A container could not be started. The message is for the framework: what was wrong, and what would be right. */
public final class ContainerLaunchException extends Exception {
    private static final long serialVersionUID = 1;

    public ContainerLaunchException(String message) {
        super(message);
    }

    public ContainerLaunchException(String message, Throwable cause) {
        super(message, cause);
    }
}
