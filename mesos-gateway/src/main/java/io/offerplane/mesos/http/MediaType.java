package io.offerplane.mesos.http;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The two forms of Mesos' messages. */
public enum MediaType {
    JSON("application/json"),
    PROTOBUF("application/x-protobuf");

    private final String wireName;

    MediaType(String wireName) {
        this.wireName = wireName;
    }

    /** Exactly what clients compare with. */
    public String wireName() {
        return wireName;
    }

    /** The form that a {@code Content-Type} names; parameters such as a charset are passed over, which Mesos itself doesn't. */
    public static Optional<MediaType> ofContentType(String contentType) {
        String bare = contentType.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
        for (MediaType type : values()) {
            if (type.wireName.equals(bare)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** What to answer in: JSON where the {@code Accept} headers allow it, else protobuf, else nothing. None at all allow all. */
    public static Optional<MediaType> acceptable(List<String> acceptHeaders) {
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
            String[] parts = range.trim().toLowerCase(Locale.ROOT).split(";");
            String name = parts[0].trim();
            if (!name.equals(wireName) && !name.equals("application/*") && !name.equals("*/*")) {
                continue;
            }
            boolean excluded = false;
            for (int i = 1; i < parts.length; i++) {
                excluded |= parts[i].trim().matches("q=0(\\.0*)?");
            }
            if (!excluded) {
                return true;
            }
        }
        return false;
    }
}
