package io.offerplane.shim.container;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What process 1 of a container that was made ahead is told to run, and as whom: all that a configuration would have said of the process, but for what
 * all such containers have in common. Its form is described where it is read, in {@code task-init.c}.
 */
public final class LaunchOrder {

    private static final String VERSION = "1";
    private static final String END = "end";

    private LaunchOrder() {}

    /** Whether an order can say what the container runs: its form ends texts by NUL, and so do the kernel's own. */
    public static boolean canSay(ContainerSpec spec) {
        return plain(spec.command())
                && plain(spec.workingDirectory())
                && !spec.arguments().isEmpty()
                && spec.arguments().stream().allMatch(LaunchOrder::plain)
                && spec.environment().entrySet().stream().allMatch(v -> plain(v.getKey()) && plain(v.getValue()));
    }

    private static boolean plain(String text) {
        return text.indexOf('\0') < 0;
    }

    /**
     * The order's bytes.
     *
     * @throws IllegalArgumentException when {@link #canSay} is false
     */
    public static byte[] of(ContainerSpec spec) {
        if (!canSay(spec)) {
            throw new IllegalArgumentException("container " + spec.id()
                    + " runs nothing, or something with a NUL in it, which no program can be told");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream(2048);
        text(out, VERSION);
        text(out, Integer.toString(spec.user().uid()));
        text(out, Integer.toString(spec.user().gid()));
        list(
                out,
                spec.user().supplementary().stream()
                        .map(g -> Integer.toString(g))
                        .toList());
        text(out, spec.workingDirectory());
        text(out, spec.command());
        list(out, spec.arguments());
        list(
                out,
                spec.environment().entrySet().stream()
                        .map((Map.Entry<String, String> v) -> v.getKey() + "=" + v.getValue())
                        .toList());
        text(out, END);
        return out.toByteArray();
    }

    private static void list(ByteArrayOutputStream out, List<String> texts) {
        text(out, Integer.toString(texts.size()));
        texts.forEach(t -> text(out, t));
    }

    private static void text(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        out.write(0);
    }
}
