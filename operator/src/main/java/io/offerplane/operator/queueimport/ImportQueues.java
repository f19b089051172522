package io.offerplane.operator.queueimport;

import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;

/**
 * {@code capacity-scheduler.xml} or {@code fair-scheduler.xml} in, {@code Queue} objects out. Exit codes: 0 when there are queues, whether or not there is
 * something to remark; 64 when called wrongly; 65 when the file can't be used; 66 when it can't be read.
 */
public final class ImportQueues {
    private static final int LARGEST = 4 << 20;
    private static final int WRONG_CALL = 64;
    private static final int UNUSABLE = 65;
    private static final int UNREADABLE = 66;

    private static final String USAGE = """
            usage: ImportQueues [--total cpu=CORES,memory=AMOUNT[,NAME=AMOUNT]...] FILE|-

            Turns YARN's capacity-scheduler.xml or fair-scheduler.xml into Queue objects for kubectl apply.

              --total   what the cluster has, such as cpu=400,memory=1600Gi: percents become guarantees and limits by it;
                        without it they become weights alone
              FILE      the file, or - for the standard input

            The objects go to the standard output. What has no equivalent stands there as a comment before the queue that it
            is about, and all of it once more on the standard error stream.
            """;

    private ImportQueues() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.in, System.out, System.err));
    }

    static int run(String[] arguments, InputStream in, PrintStream out, PrintStream err) {
        String file = null;
        Optional<Map<String, Quantity>> total = Optional.empty();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--help", "-h" -> {
                    out.print(USAGE);
                    return 0;
                }
                case "--total" -> {
                    String text = i + 1 < arguments.length ? arguments[++i] : "";
                    total = HadoopAmounts.parseTotal(text);
                    if (total.isEmpty()) {
                        return wrong(err, "--total is \"" + text + "\" (expected: such as cpu=400,memory=1600Gi)");
                    }
                }
                default -> {
                    if (file != null || (arguments[i].startsWith("-") && !arguments[i].equals("-"))) {
                        return wrong(err, "\"" + arguments[i] + "\" is one word too many");
                    }
                    file = arguments[i];
                }
            }
        }
        if (file == null) {
            return wrong(err, "no file is named");
        }
        try {
            QueueImport queues = read(bytes(file, in), total);
            out.print(QueueManifest.of(queues));
            report(queues, err);
            return 0;
        } catch (IOException failed) {
            err.println(file + " can't be read: " + failed.getMessage());
            return UNREADABLE;
        } catch (UnusableFile unusable) {
            err.println(file + " can't be used: " + unusable.getMessage());
            return UNUSABLE;
        }
    }

    private static int wrong(PrintStream err, String what) {
        err.println(what);
        err.print(USAGE);
        return WRONG_CALL;
    }

    private static byte[] bytes(String file, @Nullable InputStream standard) throws IOException, UnusableFile {
        try (InputStream in = file.equals("-") && standard != null ? standard : Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new UnusableFile("it is larger than " + (LARGEST >> 20) + " MiB");
            }
            return bytes;
        }
    }

    /** Which of the two it is, its outermost element says. */
    static QueueImport read(byte[] file, Optional<Map<String, Quantity>> total) throws UnusableFile {
        Element outermost = HadoopXml.parse(file);
        return switch (outermost.getTagName()) {
            case "configuration" -> CapacitySchedulerFile.read(HadoopXml.properties(outermost), total);
            case "allocations" -> FairSchedulerFile.read(outermost, total);
            default ->
                throw new UnusableFile(
                        "it begins with <" + outermost.getTagName()
                                + "> (expected: <configuration> of capacity-scheduler.xml or <allocations> of fair-scheduler.xml)");
        };
    }

    private static void report(QueueImport queues, PrintStream err) {
        queues.remarks().forEach(err::println);
        for (QueueImport.Imported queue : queues.queues()) {
            queue.remarks().forEach(remark -> err.println(queue.spec().path() + ": " + remark));
        }
        long remarked = queues.remarks().size()
                + queues.queues().stream()
                        .mapToLong(queue -> queue.remarks().size())
                        .sum();
        err.println(queues.queues().size() + " queues; " + remarked + " remarks");
    }
}
