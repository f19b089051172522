package io.offerplane.yarn.node;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.hadoop.yarn.api.records.ApplicationId;
import org.apache.hadoop.yarn.api.records.ContainerId;
import org.apache.hadoop.yarn.security.ContainerTokenIdentifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the next process of this node must know to take containers up: whose they are, how those ended that the head hasn't acknowledged, and what
 * applications told auxiliary services. A folder for each application, a file for each fact, each written whole before it has its name. Thread-safe for different containers.
 */
final class NodeState {
    private static final Logger log = LoggerFactory.getLogger(NodeState.class);

    private static final String SERVICES = "services";
    private static final String TOKEN = ".token";
    private static final String END = ".end";
    private static final String UNFINISHED = ".new";

    /** A container that ended. */
    record End(int exitStatus, String diagnostics) {}

    /**
     * A container that was accepted and is not acknowledged.
     *
     * @param end empty while nothing is known of it
     */
    record Held(ContainerTokenIdentifier token, Optional<End> end) {}

    /** An application with containers here, or whose files are still needed by those on other nodes. */
    record Application(ApplicationId id, String user, Map<String, ByteBuffer> serviceData, List<Held> containers) {
        Application {
            serviceData = Map.copyOf(serviceData);
            containers = List.copyOf(containers);
        }
    }

    private final Path folder;

    NodeState(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    /** Everything that an earlier process wrote down. What can't be read is left out, and said. */
    List<Application> load() throws IOException {
        List<Application> all = new ArrayList<>();
        try (Stream<Path> applications = Files.list(folder)) {
            for (Path application : applications.sorted().toList()) {
                try {
                    all.add(application(application));
                } catch (IOException | IllegalArgumentException e) {
                    log.error("{} can't be read, its containers are not taken up", application, e);
                }
            }
        }
        return all;
    }

    private static Application application(Path application) throws IOException {
        List<Held> containers = new ArrayList<>();
        try (Stream<Path> files = Files.list(application)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(TOKEN)) {
                    Path end = file.resolveSibling(name.replace(TOKEN, END));
                    containers.add(new Held(
                            token(Files.readAllBytes(file)),
                            Files.exists(end) ? Optional.of(end(Files.readAllBytes(end))) : Optional.empty()));
                }
            }
        }
        DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(Files.readAllBytes(application.resolve(SERVICES))));
        String user = in.readUTF();
        Map<String, ByteBuffer> data = new TreeMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            data.put(in.readUTF(), ByteBuffer.wrap(in.readNBytes(in.readInt())));
        }
        return new Application(
                ApplicationId.fromString(application.getFileName().toString()), user, data, containers);
    }

    private static ContainerTokenIdentifier token(byte[] bytes) throws IOException {
        ContainerTokenIdentifier token = new ContainerTokenIdentifier();
        token.readFields(new DataInputStream(new ByteArrayInputStream(bytes)));
        return token;
    }

    private static End end(byte[] bytes) throws IOException {
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes));
        return new End(in.readInt(), new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }

    /** A container is about to be started; it is known to the next process when this returns. */
    void accepted(ContainerTokenIdentifier token, Map<String, ByteBuffer> serviceData) throws IOException {
        Path application = folder(token.getContainerID());
        Files.createDirectories(application);
        Path services = application.resolve(SERVICES);
        if (!serviceData.isEmpty() || !Files.exists(services)) {
            write(services, services(token.getApplicationSubmitter(), serviceData));
        }
        write(application.resolve(token.getContainerID() + TOKEN), token.getBytes());
    }

    private static byte[] services(String user, Map<String, ByteBuffer> serviceData) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(user);
        out.writeInt(serviceData.size());
        for (Map.Entry<String, ByteBuffer> service : serviceData.entrySet()) {
            byte[] data = new byte[service.getValue().remaining()];
            service.getValue().duplicate().get(data);
            out.writeUTF(service.getKey());
            out.writeInt(data.length);
            out.write(data);
        }
        return bytes.toByteArray();
    }

    void ended(ContainerId id, End end) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(end.exitStatus());
        out.write(end.diagnostics().getBytes(StandardCharsets.UTF_8));
        if (Files.exists(folder(id))) {
            write(folder(id).resolve(id + END), bytes.toByteArray());
        }
    }

    /** The head knows how it ended. */
    void acknowledged(ContainerId id) throws IOException {
        Files.deleteIfExists(folder(id).resolve(id + TOKEN));
        Files.deleteIfExists(folder(id).resolve(id + END));
    }

    /** Nothing is left of it on this node. */
    void applicationEnded(ApplicationId id) throws IOException {
        NodeDirectories.delete(folder.resolve(id.toString()));
    }

    private Path folder(ContainerId id) {
        return folder.resolve(id.getApplicationAttemptId().getApplicationId().toString());
    }

    private static void write(Path file, byte[] content) throws IOException {
        Path unfinished =
                Files.createTempFile(file.getParent(), file.getFileName().toString(), UNFINISHED);
        try (FileChannel out = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
            ByteBuffer left = ByteBuffer.wrap(content);
            while (left.hasRemaining()) {
                out.write(left);
            }
            out.force(false);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
