package io.offerplane.crd;

import com.fasterxml.jackson.annotation.JsonClassDescription;

/** What {@code kubectl explain} says of a whole kind, its spec or its status. */
final class KindTexts {
    private KindTexts() {}

    static String of(Class<?> type) {
        JsonClassDescription description = type.getAnnotation(JsonClassDescription.class);
        if (description == null) {
            throw new IllegalStateException(type.getName() + " needs a @JsonClassDescription");
        }
        return description.value();
    }
}
