package io.offerplane.engine;

import io.offerplane.engine.Agent.ExecutorKey;
import io.offerplane.engine.task.TaskSpec.ExecutorSpec;

/** A custom executor on an agent. It holds resources of its own from its first task to the end of its last. */
final class Executor {
    final ExecutorKey key;
    final ExecutorSpec spec;
    final Subscription charged;
    int liveTasks;

    Executor(ExecutorKey key, ExecutorSpec spec, Subscription charged) {
        this.key = key;
        this.spec = spec;
        this.charged = charged;
    }
}
