package io.offerplane.shim.fetch;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a file's content must hash to. Mesos has no field for it, so it is written where servers never see it: as the URI's fragment,
 * {@code #sha256=} with 64 hexadecimal digits or {@code #sha512=} with 128. Any other fragment is what it is in Mesos.
 *
 * @param algorithm as the JDK names it
 * @param hex lower-case digits
 */
record Checksum(String algorithm, String hex) {

    private static final Pattern FRAGMENT =
            Pattern.compile("#(?:sha256=(?<sha256>[0-9a-fA-F]{64})|sha512=(?<sha512>[0-9a-fA-F]{128}))$");

    Checksum {
        hex = hex.toLowerCase(java.util.Locale.ROOT);
    }

    static Optional<Checksum> of(String uri) {
        Matcher matcher = FRAGMENT.matcher(uri);
        if (!matcher.find()) {
            return Optional.empty();
        }
        String sha256 = matcher.group("sha256");
        return Optional.of(
                sha256 != null ? new Checksum("SHA-256", sha256) : new Checksum("SHA-512", matcher.group("sha512")));
    }

    /** The URI as it is asked for. */
    static String without(String uri) {
        return FRAGMENT.matcher(uri).replaceFirst("");
    }

    MessageDigest digest() {
        try {
            return MessageDigest.getInstance(algorithm);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has " + algorithm, e);
        }
    }

    boolean matches(byte[] digest) {
        return HexFormat.of().formatHex(digest).equals(hex);
    }
}
