package io.offerplane.shim.task;

import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerSpec;
import java.nio.file.Path;

/**
 * A container that is there, for what is to run in it or within it.
 *
 * @param name its own
 * @param spec as it was started; of an executor without a process what can be known of it
 * @param hasProcess whether anything of its own runs, so that another program can join it
 * @param rootSandbox on the host, of the outermost container around it
 * @param frameworkId of its framework
 * @param executorId of its executor
 * @param frameworkUser FrameworkInfo.user
 */
public record HostContainer(
        ContainerName name,
        ContainerSpec spec,
        boolean hasProcess,
        Path rootSandbox,
        String frameworkId,
        String executorId,
        String frameworkUser) {}
