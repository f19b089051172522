package io.offerplane.yarn.node;

import io.offerplane.yarn.node.launch.ContainerEnvironment;
import io.offerplane.yarn.node.launch.ContainerLauncher;
import io.offerplane.yarn.node.launch.Expansion;
import io.offerplane.yarn.node.launch.LaunchOrder;
import io.offerplane.yarn.node.launch.LaunchScript;
import io.offerplane.yarn.node.launch.RunningContainer;
import io.offerplane.yarn.node.localize.LocalizationException;
import io.offerplane.yarn.node.localize.Localizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.hadoop.io.DataInputByteBuffer;
import org.apache.hadoop.security.Credentials;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.api.records.LocalResource;
import org.apache.hadoop.yarn.api.records.NodeId;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a container ready: directories, files, tokens, script; then has it launched. And tidies up afterwards. */
final class ContainerStarts {
    private static final Logger log = LoggerFactory.getLogger(ContainerStarts.class);
    private static final String TOKENS = "container_tokens";

    /**
     * What an application asks to be started.
     *
     * @param commands joined, one line of shell
     * @param environment the application's own variables
     * @param resources files by the name of their link
     * @param tokens Hadoop's credentials, empty where there are none
     * @param serviceData for auxiliary services
     * @param image whose files it runs on, or empty
     */
    record Request(
            List<String> commands,
            Map<String, String> environment,
            Map<String, LocalResource> resources,
            ByteBuffer tokens,
            Map<String, ByteBuffer> serviceData,
            Optional<String> image) {}

    private final NodeSettings settings;
    private final Supplier<NodeId> node;
    private final Localizer localizer;
    private final ContainerLauncher launcher;
    private final AuxServices services;

    /** Starts on the node of this id, which need not be known before the first container comes. */
    ContainerStarts(
            NodeSettings settings,
            Supplier<NodeId> node,
            Localizer localizer,
            ContainerLauncher launcher,
            AuxServices services) {
        this.settings = settings;
        this.node = node;
        this.localizer = localizer;
        this.launcher = launcher;
        this.services = services;
    }

    RunningContainer start(ContainerRun run, Request request) throws IOException, LocalizationException {
        String user = run.token().getApplicationSubmitter();
        ContainerId id = run.id();
        NodeDirectories directories = settings.directories();
        Path work = directories.work(user, id);
        Path logs = directories.containerLogs(id);
        directories.make(user, id);
        byte[] tokens = bytes(request.tokens());
        SequencedMap<String, Path> links = localizer.localize(
                request.resources(),
                new Localizer.Caches(
                        directories.publicCache(),
                        directories.userCache(user),
                        directories.applicationCache(user, run.application())),
                asUser(user, tokens),
                work);
        if (run.stopping()) {
            throw new IOException("stopped before it was launched");
        }
        writeFor(work.resolve(TOKENS), tokens, "rw-------");
        Expansion expansion = Expansion.forContainer(logs, settings.containerJava());
        SequencedMap<String, String> nodes = nodeVariables(user, id, work, logs);
        ContainerEnvironment environment =
                ContainerEnvironment.of(settings.whitelist(), nodes, request.environment(), expansion);
        List<String> commands =
                request.commands().stream().map(expansion::expand).toList();
        String script = LaunchScript.of(environment, links, commands, logs);
        Path file = work.resolve("launch_container.sh");
        writeFor(file, script.getBytes(java.nio.charset.StandardCharsets.UTF_8), "rwx------");
        return launcher.launch(new LaunchOrder(
                id.toString(),
                user,
                List.of("bash", file.toString()),
                work,
                Map.of("PATH", System.getenv().getOrDefault("PATH", "/usr/local/bin:/usr/bin:/bin")),
                Stream.of(directories.publicCache(), directories.userCache(user))
                        .filter(Files::isDirectory)
                        .toList(),
                List.of(directories.application(user, run.application()), logs),
                run.token().getResource().getMemorySize(),
                run.token().getResource().getVirtualCores(),
                request.image()));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static UserGroupInformation asUser(String user, byte[] tokens) throws IOException {
        UserGroupInformation as = UserGroupInformation.createRemoteUser(user);
        if (tokens.length > 0) {
            Credentials credentials = new Credentials();
            DataInputByteBuffer in = new DataInputByteBuffer();
            in.reset(ByteBuffer.wrap(tokens));
            credentials.readTokenStorageStream(in);
            as.addCredentials(credentials);
        }
        return as;
    }

    private static void writeFor(Path file, byte[] content, String permissions) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
        Files.write(file, content, StandardOpenOption.WRITE);
    }

    // Nothing of the application's overrides these.
    private SequencedMap<String, String> nodeVariables(String user, ContainerId id, Path work, Path logs) {
        NodeDirectories directories = settings.directories();
        ApplicationId application = id.getApplicationAttemptId().getApplicationId();
        SequencedMap<String, String> variables = new LinkedHashMap<>();
        variables.put("CONTAINER_ID", id.toString());
        variables.put("NM_PORT", Integer.toString(node.get().getPort()));
        variables.put("NM_HOST", node.get().getHost());
        variables.put("NM_HTTP_PORT", "0");
        variables.put("LOCAL_DIRS", directories.application(user, application).toString());
        variables.put("LOCAL_USER_DIRS", directories.userDirectory(user) + "/");
        variables.put("LOG_DIRS", logs.toString());
        variables.put("USER", user);
        variables.put("LOGNAME", user);
        variables.put("HOME", "/home/");
        variables.put("PWD", work.toString());
        variables.put("JVM_PID", "$$");
        variables.put("HADOOP_TOKEN_FILE_LOCATION", work.resolve(TOKENS).toString());
        variables.put("LOCALIZATION_COUNTERS", "0,0,0,0,0");
        variables.putAll(services.environment());
        return variables;
    }

    /** A container is over: its directory goes; what it left for the application stays, and so do its logs. */
    void ended(ContainerRun run) {
        try {
            NodeDirectories.delete(settings.directories().work(run.token().getApplicationSubmitter(), run.id()));
        } catch (IOException e) {
            log.warn("the directory of {} could not be deleted", run.id(), e);
        }
    }

    void applicationEnded(String user, ApplicationId application) throws IOException {
        localizer.forget(settings.directories().applicationCache(user, application));
        NodeDirectories.delete(settings.directories().application(user, application));
    }
}
