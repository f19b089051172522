package io.offerplane.mesos.http;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where a request wants to go.
 *
 * @param segments of the path, percent-decoded, none empty; none at all for {@code /}
 * @param rawQuery as sent, without the question mark; empty when absent
 */
public record RequestTarget(List<String> segments, String rawQuery) {
    public RequestTarget {
        segments = List.copyOf(segments);
    }

    /** Reads origin form and absolute form. Empty when the target is malformed or climbs with {@code ..}. */
    public static Optional<RequestTarget> parse(String target) {
        String rest = target;
        int scheme = rest.indexOf("://");
        if (scheme > 0 && !rest.startsWith("/")) {
            int path = rest.indexOf('/', scheme + 3);
            rest = path < 0 ? "/" : rest.substring(path);
        }
        int fragment = rest.indexOf('#');
        if (fragment >= 0) {
            rest = rest.substring(0, fragment);
        }
        int question = rest.indexOf('?');
        String path = question < 0 ? rest : rest.substring(0, question);
        String query = question < 0 ? "" : rest.substring(question + 1);
        List<String> segments = new ArrayList<>();
        for (String raw : path.split("/", -1)) {
            if (raw.isEmpty()) {
                continue;
            }
            Optional<String> segment = decode(raw, false);
            if (segment.isEmpty() || segment.get().equals("..")) {
                return Optional.empty();
            }
            segments.add(segment.get());
        }
        return Optional.of(new RequestTarget(segments, query));
    }

    /** The parameters of the query, the last of each name; malformed escapes are kept as they are. */
    public Map<String, String> query() {
        return parameters(rawQuery);
    }

    /** Parameters of a query or of a form body. */
    public static Map<String, String> parameters(String text) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String name = equals < 0 ? pair : pair.substring(0, equals);
            String value = equals < 0 ? "" : pair.substring(equals + 1);
            parameters.put(decode(name, true).orElse(name), decode(value, true).orElse(value));
        }
        return parameters;
    }

    private static Optional<String> decode(String text, boolean form) {
        if (text.indexOf('%') < 0 && (!form || text.indexOf('+') < 0)) {
            return Optional.of(text);
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        byte[] out = new byte[bytes.length];
        int length = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '%') {
                if (i + 2 >= bytes.length) {
                    return Optional.empty();
                }
                int high = Character.digit(bytes[i + 1], 16);
                int low = Character.digit(bytes[i + 2], 16);
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                out[length++] = (byte) (high * 16 + low);
                i += 2;
            } else {
                out[length++] = form && bytes[i] == '+' ? (byte) ' ' : bytes[i];
            }
        }
        return Optional.of(new String(out, 0, length, StandardCharsets.UTF_8));
    }
}
