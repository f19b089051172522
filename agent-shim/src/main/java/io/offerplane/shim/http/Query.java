package io.offerplane.shim.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What follows the question mark of a request. Of several values with one name the last counts. */
record Query(Map<String, String> parameters) {

    /** Functions that a script may be told to call; anything else could smuggle code into a page. */
    private static final String CALLBACK = "[A-Za-z0-9_.$]{1,200}";

    Query {
        parameters = Map.copyOf(parameters);
    }

    /**
     * Reads it.
     *
     * @param raw as it came, escaped; null when there is none
     * @throws IllegalArgumentException when an escape is none
     */
    static Query of(@Nullable String raw) {
        Map<String, String> parameters = new HashMap<>();
        for (String pair : raw == null ? new String[0] : raw.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return new Query(parameters);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(parameters.get(name));
    }

    /** The function of {@code jsonp=}. */
    Optional<String> callback() {
        return get("jsonp").filter(name -> name.matches(CALLBACK));
    }
}
