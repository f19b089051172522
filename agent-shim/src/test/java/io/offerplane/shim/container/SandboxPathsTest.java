package io.offerplane.shim.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Places that volumes are mounted from, made when they are asked for. */
class SandboxPathsTest {

    private static final int TASKS = 4;
    private static final int ROUNDS = 200;
    private static final ContainerUser USER = new ContainerUser(1234, 1235, List.of(), "/");

    @TempDir
    Path sandbox;

    @Test
    void tasksThatStartTogetherMayAskForOneFolder() throws Exception {
        assumeTrue("root".equals(System.getProperty("user.name")), "giving files away needs root");
        CyclicBarrier together = new CyclicBarrier(TASKS);
        try (ExecutorService threads = Executors.newFixedThreadPool(TASKS)) {
            for (int round = 0; round < ROUNDS; round++) {
                Path shared = Path.of("volumes-" + round, "talk");
                Callable<Integer> task = () -> {
                    together.await();
                    Path made = SandboxPaths.ensureSource(sandbox, shared, USER);
                    return (Integer) Files.getAttribute(made, "unix:uid");
                };
                List<Future<Integer>> asked = new ArrayList<>();
                for (int i = 0; i < TASKS; i++) {
                    asked.add(threads.submit(task));
                }
                for (Future<Integer> owner : asked) {
                    assertThat(owner.get()).isEqualTo(USER.uid());
                }
            }
        }
    }
}
