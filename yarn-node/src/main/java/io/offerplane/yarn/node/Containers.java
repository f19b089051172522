package io.offerplane.yarn.node;

import io.offerplane.yarn.node.launch.ContainerLauncher;
import io.offerplane.yarn.node.launch.RunningContainer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ContainerExitStatus;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The containers of this node, running or over and not yet acknowledged by the head, and the applications they are of. */
final class Containers {
    private static final Logger log = LoggerFactory.getLogger(Containers.class);

    private final Map<ContainerId, ContainerRun> runs = new ConcurrentSkipListMap<>();
    // The application's user, from its first container to its end.
    private final Map<ApplicationId, String> applications = new ConcurrentHashMap<>();
    private final ContainerStarts starts;
    private final NodeState state;
    private final AuxServices services;
    private final Runnable news;

    /** A table that tells {@code news} whenever there is something for the head. */
    Containers(ContainerStarts starts, NodeState state, AuxServices services, Runnable news) {
        this.starts = starts;
        this.state = state;
        this.services = services;
        this.news = news;
    }

    @Nullable
    ContainerRun find(ContainerId id) {
        return runs.get(id);
    }

    Collection<ContainerRun> all() {
        return List.copyOf(runs.values());
    }

    Set<ApplicationId> applications() {
        return Set.copyOf(applications.keySet());
    }

    /**
     * Takes a container in and starts it elsewhere; false when it is known already.
     *
     * @throws IOException when it can't be written down
     */
    boolean start(ContainerRun run, ContainerStarts.Request request) throws IOException {
        if (runs.putIfAbsent(run.id(), run) != null) {
            return false;
        }
        try {
            state.accepted(run.token(), request.serviceData());
        } catch (IOException e) {
            runs.remove(run.id());
            throw e;
        }
        applications.putIfAbsent(run.application(), run.token().getApplicationSubmitter());
        services.containerStarts(run.token(), request.serviceData());
        follow(run);
        Thread.ofVirtual().name("start-" + run.id()).start(() -> run.run(() -> starts.start(run, request)));
        news.run();
        return true;
    }

    private void follow(ContainerRun run) {
        var _ = run.ended().whenComplete((none, failure) -> {
            note(() -> state.ended(run.id(), run.end()));
            services.containerEnded(run.token());
            starts.ended(run);
            news.run();
        });
    }

    private interface Writing {
        void write() throws IOException;
    }

    /** What can't be written now is missing after a restart, and nothing but that. */
    private static void note(Writing writing) {
        try {
            writing.write();
        } catch (IOException e) {
            log.error("the node's state can't be written", e);
        }
    }

    /** Takes up what an earlier process of the node held. */
    void takeUp(NodeState.Application application, ContainerLauncher launcher, Duration killDelay) throws IOException {
        applications.put(application.id(), application.user());
        services.applicationStarts(application.user(), application.id(), application.serviceData());
        for (NodeState.Held held : application.containers()) {
            ContainerRun run = new ContainerRun(held.token(), killDelay);
            runs.put(run.id(), run);
            if (held.end().isPresent()) {
                run.over(held.end().get());
                continue;
            }
            Optional<RunningContainer> running = launcher.takeUp(run.id().toString());
            follow(run);
            if (running.isPresent()) {
                log.info("{} is taken up", run.id());
                services.containerStarts(held.token(), Map.of());
                run.run(running::get);
            } else {
                run.over(new NodeState.End(
                        ContainerExitStatus.ABORTED, "The node's process ended before it had launched the container."));
            }
        }
    }

    /** The head has passed on how these ended. */
    void acknowledged(List<ContainerId> ids) {
        for (ContainerId id : ids) {
            runs.computeIfPresent(id, (key, run) -> {
                if (!run.done()) {
                    return run;
                }
                note(() -> state.acknowledged(id));
                return null;
            });
        }
    }

    /** An application is over: what still runs ends, then what it left here is deleted. Returns whether it had been here. */
    boolean applicationEnded(ApplicationId application) {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (ContainerRun run : runs.values()) {
            if (run.application().equals(application)) {
                run.stop(ContainerExitStatus.KILLED_AFTER_APP_COMPLETION, "Container killed on app-finish event.");
                ends.add(run.ended());
            }
        }
        String user = applications.remove(application);
        if (user == null) {
            return false;
        }
        var _ = CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new))
                .whenComplete((none, failure) ->
                        Thread.ofVirtual().name("tidy-" + application).start(() -> tidy(user, application)));
        return true;
    }

    private void tidy(String user, ApplicationId application) {
        services.applicationEnded(application);
        try {
            starts.applicationEnded(user, application);
            state.applicationEnded(application);
        } catch (IOException e) {
            log.warn("files of {} could not be deleted", application, e);
        }
    }

    /** Ends everything, and waits for it. */
    void stopAll() {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (ContainerRun run : runs.values()) {
            run.stop(ContainerExitStatus.ABORTED, "Container killed as its node shuts down.");
            ends.add(run.ended());
        }
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (java.util.concurrent.ExecutionException | java.util.concurrent.TimeoutException e) {
            log.warn("not all containers have ended", e);
        }
    }
}
