package io.offerplane.shim.image;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A program that writes to the images' disk, and is ended before it fills it. */
final class NodeProgram {
    /** Left alone on the disk: without it, the shim's journal could not be written. */
    private static final long RESERVE_BYTES = 1L << 30;

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final int KEPT_WORDS = 8 << 10;

    private final FileStore disk;

    NodeProgram(Path folder) throws IOException {
        this.disk = Files.getFileStore(folder);
    }

    /** Told of a program that runs. */
    interface Listener {
        void started(ProcessHandle process);
    }

    /**
     * Runs a program to its end. It gets no more of the shim's environment than is said.
     *
     * @throws IOException when it can't be run, fails, or the disk is nearly full; with the end of what it said on both of its streams
     */
    void run(List<String> command, Map<String, String> environment, Path folder, Listener listener)
            throws IOException, InterruptedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        StringBuilder said = new StringBuilder();
        Thread reader = Thread.ofVirtual().start(() -> read(process.getInputStream(), said));
        try {
            process.getOutputStream().close();
            listener.started(process.toHandle());
            while (!process.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                long free = disk.getUsableSpace();
                if (free < RESERVE_BYTES) {
                    throw new IOException(
                            "the node's disk has only " + free + " bytes left; expected " + RESERVE_BYTES);
                }
            }
            reader.join();
        } finally {
            process.destroyForcibly().waitFor();
        }
        if (process.exitValue() != 0) {
            String words;
            synchronized (said) {
                words = said.toString().strip();
            }
            throw new IOException(words.isEmpty() ? "it ended with " + process.exitValue() : words);
        }
    }

    private static void read(InputStream in, StringBuilder said) {
        byte[] buffer = new byte[4096];
        try (in) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                synchronized (said) {
                    said.append(new String(buffer, 0, n, StandardCharsets.UTF_8));
                    if (said.length() > KEPT_WORDS) {
                        said.delete(0, said.length() - KEPT_WORDS);
                    }
                }
            }
        } catch (IOException ended) {
            // Its words end here.
            return;
        }
    }
}
