package io.offerplane.shim.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as maps, lists, texts, numbers and booleans. Its depth and the lengths of its texts are limited as Jackson's factory does. */
public final class JsonValues {

    private static final JsonFactory JSON = new JsonFactory();

    private JsonValues() {}

    /**
     * Reads an object.
     *
     * @return empty when the text is no object; null values are empty texts
     * @throws IOException when it is no JSON, or cut off
     */
    public static Map<?, ?> object(byte[] text) throws IOException {
        try (JsonParser parser = JSON.createParser(text)) {
            parser.nextToken();
            return value(parser) instanceof Map<?, ?> object ? object : Map.of();
        }
    }

    /** An object's field that is an object; empty when it is none. */
    public static Map<?, ?> map(Map<?, ?> object, String field) {
        return object.get(field) instanceof Map<?, ?> map ? map : Map.of();
    }

    /** A value that is a list; empty when it is none. */
    public static List<?> list(@Nullable Object value) {
        return value instanceof List<?> items ? items : List.of();
    }

    /** An object's field that is a text; empty when it is none. */
    public static String text(Map<?, ?> object, String field) {
        return object.get(field) instanceof String text ? text : "";
    }

    /** An object's field that is a list of texts; what isn't a text is left out. */
    public static List<String> texts(Map<?, ?> object, String field) {
        return list(object.get(field)).stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    private static Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Object> fields = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                fields.put(name, value(parser));
            }
            return fields;
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser));
            }
            return items;
        }
        if (token == null) {
            throw new IOException("it is empty or cut off");
        }
        if (token.isNumeric()) {
            return parser.getNumberValue();
        }
        return token.isBoolean()
                ? (Object) parser.getBooleanValue()
                : token == JsonToken.VALUE_NULL ? "" : parser.getText();
    }
}
