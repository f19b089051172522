package io.offerplane.shim.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The forms of the agent API's bodies. */
enum MediaType {
    JSON("application/json"),
    PROTOBUF("application/x-protobuf"),
    /** A stream of records, which only input and output of sessions come in. */
    RECORDIO("application/recordio");

    private final String wireName;

    MediaType(String wireName) {
        this.wireName = wireName;
    }

    /** Exactly what clients compare with. */
    String wireName() {
        return wireName;
    }

    /** The form that a {@code Content-Type} names; parameters such as a charset are passed over, which Mesos itself doesn't. */
    static Optional<MediaType> ofContentType(String contentType) {
        String bare = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        for (MediaType type : values()) {
            if (type.wireName.equals(bare)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** What to answer in: the first in this order that the {@code Accept} headers allow. None at all allow all. */
    static Optional<MediaType> acceptable(List<String> acceptHeaders) {
        if (acceptHeaders.isEmpty()) {
            return Optional.of(JSON);
        }
        for (MediaType type : values()) {
            if (acceptHeaders.stream().anyMatch(type::isIn)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    private boolean isIn(String accept) {
        for (String range : accept.split(",")) {
            String[] parts = range.strip().toLowerCase(Locale.ROOT).split(";");
            String name = parts[0].strip();
            if (!name.equals(wireName) && !name.equals("application/*") && !name.equals("*/*")) {
                continue;
            }
            boolean excluded = false;
            for (int i = 1; i < parts.length; i++) {
                excluded |= parts[i].strip().matches("q=0(\\.0*)?");
            }
            if (!excluded) {
                return true;
            }
        }
        return false;
    }
}
