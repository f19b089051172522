package io.offerplane.shim;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.shim.http.AgentHttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.ExecutorInfo;
import org.apache.mesos.v1.Protos.TaskState;
import org.apache.mesos.v1.agent.Protos.ProcessIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Programs that join running containers over real HTTP, as {@code mesos task exec} has them, by crun. */
class ContainerSessionsTest {

    private static final String FOREVER = "while true; do sleep 0.1; done";
    private static final String OPERATOR = AgentClient.basic("ops", "s3cret");

    private TestNode node;
    private AgentHttpServer http;
    private int port;
    private AgentClient operator;
    private final List<SessionClient> sessions = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        node = TestNode.create();
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        node.httpPort(port);
        Path credentials = node.folder().resolve("credentials");
        Files.writeString(credentials, "{\"credentials\":[{\"secret\":\"s3cret\",\"principal\":\"ops\"}]}");
        node.set("API_CREDENTIALS_FILE", credentials.toString());
        node.startShim();
        http = AgentHttpServer.start(node.agent(), port);
        operator = new AgentClient(port, OPERATOR, AgentClient.JSON);
    }

    @AfterEach
    void stop() throws Exception {
        for (SessionClient session : sessions) {
            session.close();
        }
        if (operator != null) {
            operator.close();
        }
        if (http != null) {
            http.close();
        }
        if (node != null) {
            node.close();
        }
    }

    private SessionClient client(String form) {
        SessionClient session = new SessionClient(port, OPERATOR, form);
        sessions.add(session);
        return session;
    }

    private SessionClient client() {
        return client(AgentClient.JSON);
    }

    private String task(String id, String command) {
        node.leader().launch(TestNode.shell(id, command).build(), TestNode.framework());
        return node.leader()
                .awaitState(id, TaskState.TASK_RUNNING)
                .getContainerStatus()
                .getContainerId()
                .getValue();
    }

    private int exitStatus(ContainerID id) throws Exception {
        return operator.await(id).response().getWaitContainer().getExitStatus();
    }

    private long processes() {
        try {
            String group =
                    node.podGroup() + "/offerplane/" + node.containerGroups().getFirst();
            return node.cgroups().usage(group).orElseThrow().processes();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {AgentClient.JSON, AgentClient.PROTOBUF})
    void aProgramJoinsAContainerAndItsOutputAndEndAreTold(String form) throws Exception {
        String parent = task("t", "echo $$ > number; export X=1; " + FOREVER);
        ContainerID id = AgentClient.id(parent, "exec");
        SessionClient session = client(form);
        assertThat(session.open(SessionClient.session(
                        id, AgentClient.shell("cat number; pwd; echo $MESOS_TASK_ID; echo bad >&2; ps; exit 4"))))
                .isEqualTo("200");
        session.awaitEnd();
        // It sees the task's own processes and files.
        assertThat(session.stdout()).contains("\n/mnt/mesos/sandbox\nt\n").contains("sleep 0.1");
        assertThat(session.stderr()).isEqualTo("bad\n");
        assertThat(exitStatus(id)).isEqualTo(4 << 8);
        assertThat(node.leader().states("t").getLast()).isEqualTo(TaskState.TASK_RUNNING);
    }

    @Test
    void inputReachesItAndStaysOpenUntilItsEndIsSaid() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "cat");
        SessionClient session = client();
        session.open(SessionClient.session(id, AgentClient.shell("cat; echo over")));
        // As the mesos command does it: once to see whether it can, then in earnest.
        session.attachInput(id);
        session.finishRequest();
        assertThat(session.inputAnswer()).isEqualTo("200");
        session.attachInput(id);
        session.beat();
        session.type("one\n");
        session.awaitOutput("one\n");
        SessionClient second = client();
        second.attachInput(id);
        assertThat(second.inputAnswer()).isEqualTo("409 Multiple input connections are not allowed");
        String much = "x".repeat(100_000);
        session.type(much);
        session.type("");
        session.awaitEnd();
        assertThat(session.stdout()).isEqualTo("one\n" + much + "over\n");
        assertThat(session.inputAnswer()).isEqualTo("200");
        assertThat(exitStatus(id)).isZero();
        session.attachInput(id);
        assertThat(session.inputAnswer()).isEqualTo("500 Unknown container " + parent + ".cat");
    }

    @Test
    void inputThatIsNoneIsRefused() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "cat");
        SessionClient session = client();
        session.open(SessionClient.session(id, AgentClient.shell("cat")));
        session.attachInput(id);
        session.type(ProcessIO.Data.Type.STDOUT, "x");
        assertThat(session.inputAnswer()).isEqualTo("400 Expecting 'process_io.data.type' to be 'STDIN'");
        session.attachInput(AgentClient.id(parent));
        assertThat(session.inputAnswer()).isEqualTo("500 I/O switchboard server was disabled for this container");
    }

    @Test
    void aTerminalHasASizeAndJobControl() throws Exception {
        String parent = task("t", "exec sleep 1000");
        ContainerID id = AgentClient.id(parent, "tty");
        SessionClient session = client();
        session.open(SessionClient.onTerminal(
                id,
                CommandInfo.newBuilder()
                        .setShell(false)
                        .setValue("sh")
                        .addArguments("sh")
                        .addArguments("-i"),
                20,
                60));
        session.attachInput(id);
        session.type("busybox stty size; busybox tty\n");
        session.awaitOutput("20 60\r\n/dev/pts/");
        session.resize(33, 44);
        session.type("busybox stty size\n");
        session.awaitOutput("33 44\r\n");
        session.type("sleep 1000\n");
        // Two of the task, two of the session, and this one.
        FakeLeader.await("a program to interrupt", () -> processes() == 5);
        session.type("\u0003");
        session.type("echo code $?\n");
        session.awaitOutput("code 130\r\n");
        // An empty record is no end to a terminal; its own character is.
        session.type("");
        session.type("exit 5\n");
        session.awaitEnd();
        assertThat(session.stdout()).doesNotContain("job control turned off");
        assertThat(exitStatus(id)).isEqualTo(5 << 8);
    }

    @Test
    void itEndsWithItsClientAndLeavesNothingBehind() throws Exception {
        String parent = task("t", "exec sleep 1000");
        FakeLeader.await("the task alone", () -> processes() == 2);
        ContainerID id = AgentClient.id(parent, "left");
        SessionClient session = client();
        session.open(SessionClient.session(id, AgentClient.shell("setsid sleep 1001 & echo here; sleep 1002")));
        session.awaitOutput("here");
        session.hangUp();
        assertThat(exitStatus(id)).isEqualTo(9);
        FakeLeader.await("the task alone", () -> processes() == 2);
        assertThat(node.leader().states("t").getLast()).isEqualTo(TaskState.TASK_RUNNING);
        try (var files = Files.list(node.work().resolve("runtime/bundles").resolve(parent))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .noneMatch(name -> name.startsWith("session-"));
        }
    }

    @Test
    void nothingOfItOutlivesItsShim() throws Exception {
        http.close();
        node.stopShim();
        node.startShimProcess();
        String parent = task("t", "exec sleep 1000");
        SessionClient session = client();
        session.open(SessionClient.session(
                AgentClient.id(parent, "s"), AgentClient.shell("setsid sleep 1001 & echo here; sleep 1002")));
        session.awaitOutput("here");
        node.killShimProcess();
        session.awaitEnd();
        node.startShimProcess();
        FakeLeader.await("the task alone", () -> processes() == 2);
    }

    @Test
    void itCanBeKilledAndEndsWithTheContainerThatItJoined() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "killed");
        SessionClient session = client();
        session.open(
                SessionClient.session(id, AgentClient.shell("trap 'echo term; exit 3' TERM; echo ready; " + FOREVER)));
        session.awaitOutput("ready");
        assertThat(operator.kill(id, 15).toString()).isEqualTo("200");
        session.awaitEnd();
        assertThat(session.stdout()).isEqualTo("ready\nterm\n");
        assertThat(exitStatus(id)).isEqualTo(3 << 8);
        ContainerID last = AgentClient.id(parent, "last");
        SessionClient other = client();
        other.open(SessionClient.session(last, AgentClient.shell("echo ready; " + FOREVER)));
        other.awaitOutput("ready");
        node.leader().kill("t");
        other.awaitEnd();
        node.leader().awaitState("t", TaskState.TASK_KILLED);
        FakeLeader.await("nothing is left", () -> {
            try {
                return node.leftovers().isEmpty();
            } catch (IOException e) {
                return false;
            }
        });
    }

    @Test
    void moreThanOneClientReadsAndASlowOneKeepsNobodyWaiting() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID id = AgentClient.id(parent, "many");
        SessionClient session = client();
        session.open(SessionClient.session(
                id, AgentClient.shell("read go; head -c 5000000 /dev/zero | tr '\\0' x; echo; echo last; read on")));
        SessionClient second = client(AgentClient.PROTOBUF);
        assertThat(second.open(SessionClient.attached(id))).isEqualTo("200");
        // This one never reads: what it is behind is bounded, and then it is given up.
        AgentClient.Stalled stalled =
                operator.stalled(SessionClient.attached(id).build());
        session.attachInput(id);
        session.type("go\n");
        session.awaitOutput("last\n");
        assertThat(session.stdout()).hasSize(5_000_006);
        second.awaitOutput("x");
        session.type("on\n");
        session.awaitEnd();
        second.awaitEnd();
        assertThat(exitStatus(id)).isZero();
        stalled.close();
    }

    @Test
    void whatIsNoSessionTakesNobody() throws Exception {
        String parent = task("t", FOREVER);
        ContainerID plain = AgentClient.id(parent, "plain");
        operator.launch(plain, AgentClient.shell(FOREVER));
        assertThat(client().open(SessionClient.attached(plain)))
                .isEqualTo("500 I/O switchboard server was disabled for this container");
        assertThat(client().open(SessionClient.attached(AgentClient.id(parent, "none"))))
                .isEqualTo("500 Unknown container " + parent + ".none");
        assertThat(client().open(SessionClient.session(plain, AgentClient.shell("true"))))
                .isEqualTo("202");
        // A session may join a nested container, too.
        SessionClient session = client();
        session.open(SessionClient.session(
                AgentClient.id(parent, "plain", "in"), AgentClient.shell("echo $MESOS_DIRECTORY")));
        session.awaitEnd();
        assertThat(session.stdout()).endsWith("/containers/plain\n");
        SessionClient stranger = new SessionClient(port, "", AgentClient.JSON);
        sessions.add(stranger);
        assertThat(stranger.open(SessionClient.session(AgentClient.id(parent, "x"), AgentClient.shell("true"))))
                .startsWith("401");
        assertThat(stranger.open(SessionClient.attached(plain))).startsWith("401");
    }

    @Test
    void tasksOfAGroupAreJoinedAndTheirExecutorIsNot() throws Exception {
        ExecutorInfo executor = ExecutorInfo.newBuilder()
                .setType(ExecutorInfo.Type.DEFAULT)
                .setExecutorId(ExecutorID.newBuilder().setValue("g"))
                .addResources(TestNode.scalar("cpus", 0.1))
                .addResources(TestNode.scalar("mem", 32))
                .build();
        node.leader()
                .launchGroup(
                        TestNode.framework(),
                        TestNode.shell("a", FOREVER).setExecutor(executor).build());
        ContainerID task = node.leader()
                .awaitState("a", TaskState.TASK_RUNNING)
                .getContainerStatus()
                .getContainerId();
        String parent = task.getParent().getValue();
        SessionClient session = client();
        session.open(SessionClient.session(
                AgentClient.id(parent, task.getValue(), "s"), AgentClient.shell("echo $MESOS_TASK_ID")));
        session.awaitEnd();
        assertThat(session.stdout()).isEqualTo("a\n");
        assertThat(client().open(SessionClient.session(AgentClient.id(parent, "s"), AgentClient.shell("true"))))
                .startsWith("400")
                .contains("without a process");
        ContainerID beside = AgentClient.id(parent, "beside");
        assertThat(operator.launch(beside, AgentClient.shell("exit 2")).toString())
                .isEqualTo("200");
        assertThat(exitStatus(beside)).isEqualTo(2 << 8);
        operator.launch(AgentClient.id(parent, "more"), AgentClient.shell(FOREVER));
        node.leader().kill("a");
        node.leader().awaitState("a", TaskState.TASK_KILLED);
        FakeLeader.await("nothing is left", () -> {
            try {
                return node.leftovers().isEmpty();
            } catch (IOException e) {
                return false;
            }
        });
    }
}
