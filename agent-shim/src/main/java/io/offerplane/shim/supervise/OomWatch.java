package io.offerplane.shim.supervise;

import io.offerplane.shim.cgroup.CgroupHierarchy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds containers in which the kernel has killed a process for the lack of memory, by looking at each group's counter once a
 * second through a file that stays open: 5 microseconds a container. conmon's own notice was seen not to come on version 1, and
 * version 1's files wake no file watcher.
 */
final class OomWatch implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(OomWatch.class);
    private static final long INTERVAL_MILLIS = 1000;
    private static final int FILE_BYTES = 512;

    private final Map<String, FileChannel> files = new ConcurrentHashMap<>();
    private final Consumer<String> found;
    private final Thread thread = Thread.ofPlatform().name("oom").daemon().unstarted(this::run);

    /**
     * @param found called once per container, with its id, on the watch's own thread; must not block
     */
    OomWatch(Consumer<String> found) {
        this.found = found;
    }

    void start() {
        thread.start();
    }

    /** Watches a container whose group exists; does nothing when it is gone already. */
    void add(String id, Path counterFile) {
        files.computeIfAbsent(id, k -> {
            try {
                return FileChannel.open(counterFile, StandardOpenOption.READ);
            } catch (IOException gone) {
                log.debug("{} is gone", counterFile, gone);
                return null;
            }
        });
    }

    void remove(String id) {
        FileChannel file = files.remove(id);
        if (file != null) {
            try {
                file.close();
            } catch (IOException e) {
                log.debug("Cannot close the counter of {}", id, e);
            }
        }
    }

    private void run() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(FILE_BYTES);
        byte[] bytes = new byte[FILE_BYTES];
        try {
            while (true) {
                Thread.sleep(INTERVAL_MILLIS);
                files.forEach((id, file) -> look(id, file, buffer, bytes));
            }
        } catch (InterruptedException e) {
            files.keySet().forEach(this::remove);
        }
    }

    private void look(String id, FileChannel file, ByteBuffer buffer, byte[] bytes) {
        try {
            buffer.clear();
            file.read(buffer, 0);
            buffer.flip();
            int length = buffer.remaining();
            buffer.get(bytes, 0, length);
            String text = new String(bytes, 0, length, StandardCharsets.US_ASCII);
            if (CgroupHierarchy.keyed(text, "oom_kill").orElse(0) > 0) {
                remove(id);
                found.accept(id);
            }
        } catch (IOException gone) {
            remove(id);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
