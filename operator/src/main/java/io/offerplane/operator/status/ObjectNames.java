package io.offerplane.operator.status;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** Names for objects that stand for something whose own name may break Kubernetes' rules. */
public final class ObjectNames {
    private static final int MAX_SLUG = 40;

    private ObjectNames() {}

    /**
     * A slug of what people call it, and the start of a digest of its true id: readable, and never the same for two ids.
     *
     * @param called any text
     * @param id what tells it apart
     */
    public static String of(String called, String id) {
        String slug =
                called.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-+|-+$", "");
        if (slug.length() > MAX_SLUG) {
            slug = slug.substring(0, MAX_SLUG).replaceAll("-+$", "");
        }
        return (slug.isEmpty() ? "x" : slug) + "-" + digest(id);
    }

    /** The first ten hex digits of the text's SHA-256. */
    public static String digest(String text) {
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(sum, 0, 5);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
