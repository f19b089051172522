package io.offerplane.shim.supervise;

import com.google.protobuf.ByteString;
import io.offerplane.shim.cgroup.CgroupHierarchy;
import io.offerplane.shim.container.ContainerSession;
import io.offerplane.shim.container.ContainerSpec;
import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.container.OciConfig;
import io.offerplane.shim.container.Program;
import io.offerplane.shim.container.WaitStatus;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session by {@code crun exec} of task-init's other mode, which carries input and output in frames over two named pipes. This process holds
 * their other ends: when it dies the session sees the end of its input, and ends. The frames are described in session.c.
 */
final class SessionProcess implements ContainerSession {

    private static final Logger log = LoggerFactory.getLogger(SessionProcess.class);

    /** What its folder's name begins with. */
    static final String FOLDER = "session-";

    private static final int HEAD_BYTES = 5;
    private static final int MAX_BYTES = 1 << 16;

    /** Frames that wait for the command to read; then the client waits. */
    private static final int WAITING_FRAMES = 4;

    /** Between two looks whether the session still takes input. */
    private static final long LOOK_AGAIN_MILLIS = 500;

    private final Path folder;
    private final MarkedProcesses processes;
    private final FileChannel in;
    private final FileChannel out;
    /** So that the pipe doesn't end before the session has begun to write. */
    private final FileChannel keeper;

    private final BlockingQueue<ByteBuffer> frames = new ArrayBlockingQueue<>(WAITING_FRAMES);
    private final AtomicBoolean closed = new AtomicBoolean();

    private SessionProcess(Path folder, MarkedProcesses processes) throws IOException, InterruptedException {
        this.folder = folder;
        this.processes = processes;
        Path input = folder.resolve("in");
        Path output = folder.resolve("out");
        makePipes(input, output);
        // Open both ways no open waits for the other side.
        this.in = FileChannel.open(input, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.keeper = FileChannel.open(output, StandardOpenOption.READ, StandardOpenOption.WRITE);
        this.out = FileChannel.open(output, StandardOpenOption.READ);
    }

    private static void makePipes(Path input, Path output) throws IOException, InterruptedException {
        Process mkfifo = new ProcessBuilder("mkfifo", "-m", "600", input.toString(), output.toString())
                .redirectErrorStream(true)
                .start();
        String said = new String(mkfifo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (mkfifo.waitFor() != 0) {
            throw new IOException("mkfifo can't make " + input + ": " + said.strip());
        }
    }

    /**
     * Starts one, and waits until its command is about to start.
     *
     * @param folder in the container's bundle; made here, and gone with the session
     * @param terminal of the command, if it is to have one
     */
    static SessionProcess start(
            Spawner spawner,
            CgroupHierarchy cgroups,
            ContainerSpec spec,
            Path folder,
            Program program,
            Optional<WindowSize> terminal)
            throws IOException, InterruptedException {
        String mark = mark(spec.id(), folder);
        MarkedProcesses processes = new MarkedProcesses(cgroups, spec.cgroup(), mark);
        Files.createDirectory(folder);
        SessionProcess session = null;
        try {
            try (OutputStream config = Files.newOutputStream(folder.resolve("process.json"))) {
                OciConfig.writeSession(
                        config, spec.withEnvironment(processes.marked(spec.environment())), program, terminal);
            }
            session = new SessionProcess(folder, processes);
            session.begin(spawner, mark, spec.id());
            return session;
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (session == null) {
                DefaultRootfs.removeTree(folder);
            } else {
                session.close();
            }
            throw e;
        }
    }

    /** What its processes are known by. */
    static String mark(String containerId, Path folder) {
        return containerId + "-" + folder.getFileName();
    }

    private void begin(Spawner spawner, String order, String id) throws IOException {
        Thread.ofVirtual().name("session-", 0).start(() -> {
            try {
                Spawner.Answer answer = spawner.session(order, id, folder);
                log.debug("Session {} of container {} is over: {}", folder.getFileName(), id, answer.text());
            } catch (IOException e) {
                log.warn("The end of a session of container {} was not seen", id, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                // Whoever listens reads what is left, and then the end.
                closeQuietly(keeper);
            }
        });
        Thread.ofPlatform().name("session-input").daemon().start(this::write);
        Frame first = read();
        if (first.type() != 'B') {
            throw new IOException("the session began with '" + (char) first.type() + "'");
        }
    }

    private record Frame(byte type, ByteString data) {}

    private Frame read() throws IOException {
        ByteBuffer head = fill(HEAD_BYTES);
        byte type = head.get();
        int length = head.getInt();
        if (length < 0 || length > MAX_BYTES) {
            throw new IOException("a frame of the session claims " + Integer.toUnsignedLong(length) + " bytes; "
                    + MAX_BYTES + " are the most");
        }
        return new Frame(type, ByteString.copyFrom(fill(length)));
    }

    private ByteBuffer fill(int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (out.read(buffer) < 0) {
                throw new IOException(why());
            }
        }
        return buffer.flip();
    }

    /** The OCI runtime's own words, where it has any. */
    private String why() throws IOException {
        Path words = folder.resolve("log");
        String said = Files.exists(words)
                ? Files.readString(words, StandardCharsets.ISO_8859_1).strip()
                : "";
        return said.isEmpty() ? "the session was killed" : "The OCI runtime can't run it: " + said;
    }

    @Override
    public Heard next() throws IOException {
        Frame frame = read();
        return switch (frame.type()) {
            case 'O' -> new Output(false, frame.data());
            case 'R' -> new Output(true, frame.data());
            case 'X' -> new Ended(status(frame.data()));
            default -> throw new IOException("the session says '" + (char) frame.type() + "'");
        };
    }

    private static WaitStatus status(ByteString data) throws IOException {
        if (data.size() != Integer.BYTES) {
            throw new IOException("the session's status has " + data.size() + " bytes");
        }
        int encoded = data.asReadOnlyByteBuffer().getInt();
        int signal = encoded & 0x7f;
        return signal == 0
                ? new WaitStatus.Exited(encoded >> 8 & 0xff)
                : new WaitStatus.Signaled(signal, (encoded & 0x80) != 0);
    }

    @Override
    public void input(ByteString data) throws IOException, InterruptedException {
        if (data.size() > MAX_BYTES) {
            throw new IllegalArgumentException("input of " + data.size() + " bytes; " + MAX_BYTES + " are the most");
        }
        put('I', data);
    }

    @Override
    public void endInput() throws IOException, InterruptedException {
        put('E', ByteString.EMPTY);
    }

    @Override
    public void resize(WindowSize size) throws IOException, InterruptedException {
        ByteBuffer data = ByteBuffer.allocate(2 * Short.BYTES)
                .putShort((short) size.rows())
                .putShort((short) size.columns());
        put('W', ByteString.copyFrom(data.flip()));
    }

    @Override
    public void signal(int number) throws IOException, InterruptedException {
        put('S', ByteString.copyFrom(new byte[] {(byte) number}));
    }

    private void put(char type, ByteString data) throws IOException, InterruptedException {
        ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + data.size());
        frame.put((byte) type).putInt(data.size());
        data.copyTo(frame);
        frame.flip();
        do {
            if (closed.get()) {
                throw new IOException("the session has ended");
            }
        } while (!frames.offer(frame, LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS));
    }

    /** On a thread of its own, as it waits in the kernel for the command to read. */
    private void write() {
        try {
            while (true) {
                ByteBuffer frame = frames.poll(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
                if (closed.get()) {
                    return;
                }
                while (frame != null && frame.hasRemaining()) {
                    in.write(frame);
                }
            }
        } catch (IOException ended) {
            log.debug("Session {} takes no more input", folder.getFileName(), ended);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        closeQuietly(in);
        processes.end();
        closeQuietly(keeper);
        closeQuietly(out);
        try {
            DefaultRootfs.removeTree(folder);
        } catch (IOException e) {
            // It goes with the container.
            log.debug("{} stays for now", folder, e);
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("A pipe was closed already", e);
        }
    }
}
