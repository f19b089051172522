package io.offerplane.shim.local;

import io.offerplane.shim.cgroup.ContainerUsage;
import io.offerplane.shim.container.ContainerExit;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerLimits;
import io.offerplane.shim.container.ContainerRuntime;
import io.offerplane.shim.container.ContainerSession;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.WaitStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/** A runtime that tells of each end before anybody else hears of it. */
final class ExitRecorder implements ContainerRuntime {

    private final ContainerRuntime runtime;
    private final BiConsumer<ContainerSpec, ContainerExit> ended;

    /** @param ended told on the thread that waits; once more after a restart of the shim in between */
    ExitRecorder(ContainerRuntime runtime, BiConsumer<ContainerSpec, ContainerExit> ended) {
        this.runtime = runtime;
        this.ended = ended;
    }

    @Override
    public String newId(String cgroup, boolean plain) {
        return runtime.newId(cgroup, plain);
    }

    @Override
    public void abandon(String id) {
        runtime.abandon(id);
    }

    @Override
    public Optional<Path> preparedSandbox(String id) {
        return runtime.preparedSandbox(id);
    }

    @Override
    public ContainerExit awaitExit(ContainerSpec spec) throws InterruptedException {
        ContainerExit exit = runtime.awaitExit(spec);
        ended.accept(spec, exit);
        return exit;
    }

    @Override
    public void start(ContainerSpec spec) throws ContainerLaunchException, InterruptedException {
        runtime.start(spec);
    }

    @Override
    public void update(ContainerSpec spec) throws IOException, InterruptedException {
        runtime.update(spec);
    }

    @Override
    public WaitStatus exec(ContainerSpec spec, String purpose, Program program, Duration timeout)
            throws IOException, TimeoutException, InterruptedException {
        return runtime.exec(spec, purpose, program, timeout);
    }

    @Override
    public ContainerSession join(ContainerSpec spec, Program program, Optional<ContainerSession.WindowSize> terminal)
            throws IOException, InterruptedException {
        return runtime.join(spec, program, terminal);
    }

    @Override
    public void signal(ContainerSpec spec, Signal signal) {
        runtime.signal(spec, signal);
    }

    @Override
    public void remove(ContainerSpec spec) throws IOException, InterruptedException {
        runtime.remove(spec);
    }

    @Override
    public void enclose(String cgroup, ContainerLimits limits) throws IOException {
        runtime.enclose(cgroup, limits);
    }

    @Override
    public void release(String cgroup) throws IOException {
        runtime.release(cgroup);
    }

    @Override
    public Optional<ContainerUsage> usage(ContainerSpec spec) {
        return runtime.usage(spec);
    }
}
