package io.offerplane.e2e;

import static io.offerplane.e2e.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.offerplane.e2e.client.JournalEntry;
import io.offerplane.e2e.client.MasterState;
import io.offerplane.e2e.client.PymesosScheduler;
import io.offerplane.e2e.client.Singularity;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What unmodified frameworks see of a Mesos master and its agents. The same tests run against a real Mesos 1.11.0, which proves
 * them, and against Offerplane, which they prove.
 */
abstract class FrameworkContract {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** {@code host:port} of the master under test. */
    abstract String master();

    private PymesosScheduler.Options framework(String name) {
        return PymesosScheduler.framework(master(), name);
    }

    @Test
    void everyUpdateOfEveryTaskArrivesInOrderAndIsAcknowledged() {
        try (PymesosScheduler framework =
                framework("in-order").tasks(20, 0.1, 32, "echo task {n}").start()) {
            JsonNode summary = framework.awaitEnd(Duration.ofMinutes(2));

            assertThat(summary.at("/latest/TASK_FINISHED").asInt())
                    .as("finished, in %s", summary)
                    .isEqualTo(20);
            for (String task : framework.launched()) {
                List<String> states = framework.updates(task).stream()
                        .filter(update -> !update.repeated())
                        .map(JournalEntry::state)
                        .toList();
                // TASK_STARTING is an executor's choice; the rest is not.
                assertThat(states)
                        .as("states of %s", task)
                        .containsSubsequence("TASK_RUNNING", "TASK_FINISHED")
                        .doesNotHaveDuplicates()
                        .isSubsetOf("TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED");
            }
            Set<String> toAcknowledge = new HashSet<>();
            framework.updates().forEach(update -> toAcknowledge.add(update.text("/status/uuid")));
            Set<String> acknowledged = new HashSet<>();
            framework.entries("acknowledged").forEach(entry -> acknowledged.add(entry.text("/uuid")));
            assertThat(toAcknowledge).hasSizeGreaterThanOrEqualTo(40);
            assertThat(acknowledged).isEqualTo(toAcknowledge);
        }
    }

    @Test
    void aTaskThatEndsWithAnErrorIsReportedFailedWithItsExitStatus() {
        try (PymesosScheduler framework =
                framework("failing").tasks(1, 0.1, 32, "exit 3").start()) {
            JournalEntry failed = framework.await(
                    "a failed task",
                    SOON,
                    entry -> entry.is("update") && entry.state().equals("TASK_FAILED"));

            assertThat(failed.text("/status/message")).contains("exited with status 3");
        }
    }

    @Test
    void aKilledTaskThatObeysEndsAtOnce() {
        try (PymesosScheduler framework = framework("obedient")
                .tasks(1, 0.1, 32, "sleep 1000")
                .with("--stay", "--capability", "TASK_KILLING_STATE", "--kill-grace", "60")
                .start()) {
            String task =
                    framework.awaitTasks(1, "TASK_RUNNING", SOON).iterator().next();

            framework.kill(task);

            // Well below the grace period of 60 s: SIGTERM was enough.
            JournalEntry killed = framework.await(
                    "the task is killed",
                    Duration.ofSeconds(30),
                    entry -> entry.is("update") && entry.state().equals("TASK_KILLED"));
            assertThat(killed.taskId()).isEqualTo(task);
            assertThat(framework.updates(task)).extracting(JournalEntry::state).contains("TASK_KILLING");
        }
    }

    @Test
    void aKilledTaskThatResistsIsEndedAfterItsGracePeriod() {
        try (PymesosScheduler framework = framework("resistant")
                .tasks(1, 0.1, 32, "trap '' TERM; while true; do sleep 1; done")
                .with("--stay", "--capability", "TASK_KILLING_STATE", "--kill-grace", "4")
                .start()) {
            String task =
                    framework.awaitTasks(1, "TASK_RUNNING", SOON).iterator().next();
            // The shell sets its trap a moment after it is running; a kill before that would be obeyed.
            eventually("a second of running", Duration.ofSeconds(5), () -> {
                JournalEntry running = framework.updates(task).getLast();
                assertThat(System.currentTimeMillis() / 1000.0 - running.at()).isGreaterThan(1.0);
            });

            framework.kill(task);

            JournalEntry killed = framework.await(
                    "the task is killed",
                    Duration.ofSeconds(30),
                    entry -> entry.is("update") && entry.state().equals("TASK_KILLED"));
            JournalEntry killing = framework.await(
                    "it was announced",
                    SOON,
                    entry -> entry.is("update") && entry.state().equals("TASK_KILLING"));
            assertThat(killed.at() - killing.at())
                    .as("seconds from TASK_KILLING to TASK_KILLED, with a grace period of 4 s")
                    .isGreaterThan(3.5);
        }
    }

    @Test
    void aFrameworkThatComesBackWithinItsTimeoutKeepsItsTasks() {
        String id;
        Set<String> tasks;
        try (PymesosScheduler first = framework("returning")
                .tasks(3, 0.1, 32, "sleep 1000")
                .with("--stay", "--failover-timeout", "120")
                .start()) {
            id = first.awaitSubscribed();
            tasks = first.awaitTasks(3, "TASK_RUNNING", SOON);
            first.crash();
        }

        try (PymesosScheduler second = framework("returning")
                .tasks(1, 0.1, 32, "echo one more")
                .with("--stay", "--failover-timeout", "120", "--framework-id", id)
                .start()) {
            assertThat(second.awaitSubscribed()).isEqualTo(id);
            // What still runs, by the master's word.
            second.reconcile();
            eventually("reconciliation tells of all three tasks", SOON, () -> assertThat(second.latestStates())
                    .containsAllEntriesOf(Map.of(
                            tasks.stream().sorted().toList().get(0), "TASK_RUNNING",
                            tasks.stream().sorted().toList().get(1), "TASK_RUNNING",
                            tasks.stream().sorted().toList().get(2), "TASK_RUNNING")));
            // The new scheduler is in charge: it may launch, and kill what the first one launched.
            second.awaitTasks(1, "TASK_FINISHED", SOON);
            tasks.forEach(second::kill);
            assertThat(second.awaitTasks(3, "TASK_KILLED", SOON)).isEqualTo(tasks);
        }
    }

    @Test
    void aFrameworkThatStaysAwayPastItsTimeoutLosesItsTasksAndItsId() {
        String id;
        try (PymesosScheduler framework = framework("leaving")
                .tasks(2, 0.1, 32, "sleep 1000")
                .with("--stay", "--failover-timeout", "3")
                .start()) {
            id = framework.awaitSubscribed();
            framework.awaitTasks(2, "TASK_RUNNING", SOON);
            framework.leave();
        }

        eventually("the framework is removed, and its tasks with it", SOON, () -> {
            MasterState state = MasterState.of(master());
            assertThat(state.framework(id)).isEmpty();
            assertThat(state.completedFramework(id)).isPresent();
            assertThat(state.tasks())
                    .noneMatch(task -> task.path("framework_id").asText().equals(id));
        });
        try (PymesosScheduler late = framework("leaving")
                .tasks(1, 0.1, 32, "true")
                .with("--framework-id", id)
                .start()) {
            assertThat(late.await("it is refused", SOON, entry -> entry.is("error"))
                            .text("/message"))
                    .isEqualTo("Framework has been removed");
        }
    }

    @Test
    void singularityDeploysScalesAndKillsAWorker() {
        try (Singularity singularity = Singularity.start(master())) {
            eventually("Singularity is subscribed", Duration.ofMinutes(2), () -> assertThat(
                            singularity.get("state").body().toString())
                    .contains("SUBSCRIBED"));
            assertThat(singularity
                            .post("requests", "{\"id\":\"hello\",\"requestType\":\"WORKER\",\"instances\":2}")
                            .status())
                    .isEqualTo(200);
            Singularity.Answer deployed = singularity.post("deploys", """
                    {"deploy": {"requestId": "hello", "id": "d1", "command": "sleep 300",
                      "resources": {"cpus": 0.1, "memoryMb": 32, "numPorts": 1}}}""");
            assertThat(deployed.status()).as("deploy: %s", deployed.body()).isEqualTo(200);

            awaitRunning(singularity, 2);

            Singularity.Answer scaled = singularity.put("requests/request/hello/scale", "{\"instances\": 3}");
            assertThat(scaled.status()).as("scale: %s", scaled.body()).isEqualTo(200);
            awaitRunning(singularity, 3);
            assertThat(singularity
                            .put("requests/request/hello/scale", "{\"instances\": 1}")
                            .status())
                    .isEqualTo(200);
            awaitRunning(singularity, 1);

            assertThat(singularity.delete("requests/request/hello").status()).isLessThan(300);
            awaitRunning(singularity, 0);
        } finally {
            tearDownSingularity();
        }
    }

    private void awaitRunning(Singularity singularity, int instances) {
        eventually(
                instances + " instances run, by Singularity's word and by the master's", Duration.ofMinutes(2), () -> {
                    assertThat(singularity.get("tasks/active").body()).hasSize(instances);
                    assertThat(MasterState.of(master()).tasks().stream()
                                    .filter(task -> task.path("id").asText().startsWith("hello-d1-"))
                                    .map(task -> task.path("state").asText()))
                            .hasSize(instances)
                            .containsOnly(instances == 0 ? new String[0] : new String[] {"TASK_RUNNING"});
                });
    }

    /** Singularity never tears itself down: its operators end it so. */
    private void tearDownSingularity() {
        MasterState state = MasterState.of(master());
        state.json().path("frameworks").forEach(framework -> {
            if (framework.path("name").asText().equals("Singularity")) {
                MasterState.teardown(master(), framework.path("id").asText());
            }
        });
    }
}
