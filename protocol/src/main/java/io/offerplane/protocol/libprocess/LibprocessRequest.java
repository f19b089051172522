package io.offerplane.protocol.libprocess;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What makes an HTTP request a libprocess message. Immutable.
 *
 * @param sender the sender's pid as it says, not parsed and not proven; may be empty
 * @param target id of the process that is meant
 * @param name full name of the message's protobuf type, as sent
 */
public record LibprocessRequest(String sender, String target, String name) {

    private static final String AGENT = "libprocess/";

    /**
     * The message that a request carries; empty when it is ordinary HTTP.
     *
     * @param path of the request, still percent-encoded
     * @param userAgent its header {@code User-Agent}
     * @param libprocessFrom its header {@code Libprocess-From}, which counts more
     */
    public static Optional<LibprocessRequest> of(
            String method, String path, @Nullable String userAgent, @Nullable String libprocessFrom) {
        if (!method.equals("POST")) {
            return Optional.empty();
        }
        String sender;
        if (libprocessFrom != null) {
            sender = libprocessFrom.strip();
        } else if (userAgent != null && userAgent.startsWith(AGENT)) {
            sender = userAgent.substring(AGENT.length()).strip();
        } else {
            return Optional.empty();
        }
        String plain = path.startsWith("/") ? path.substring(1) : path;
        int slash = plain.indexOf('/');
        String target = slash < 0 ? "" : plain.substring(0, slash);
        return Optional.of(new LibprocessRequest(sender, decoded(target), plain.substring(slash + 1)));
    }

    /** What isn't rightly encoded stays as it is, and names nobody. */
    private static String decoded(String segment) {
        try {
            // A plus is a plus in a path.
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return segment;
        }
    }
}
