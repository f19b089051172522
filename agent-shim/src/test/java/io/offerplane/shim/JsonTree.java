package io.offerplane.shim;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** JSON as maps, lists, texts, numbers. */
final class JsonTree {

    private JsonTree() {}

    static Object parse(String text) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(text)) {
            parser.nextToken();
            return value(parser);
        }
    }

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, Object> object = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.put(name, value(parser));
                }
                yield object;
            }
            case START_ARRAY -> {
                List<Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                yield list;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
            default -> parser.getText();
        };
    }

    /** What a path of names and indices leads to. */
    static Object at(Object tree, Object... path) {
        Object at = tree;
        for (Object step : path) {
            if (step instanceof Integer index) {
                at = ((List<?>) at).get(index);
            } else {
                at = ((Map<?, ?>) at).get(step);
            }
            if (at == null) {
                throw new AssertionError("no " + step + " in " + tree);
            }
        }
        return at;
    }

    @SuppressWarnings("unchecked")
    static Set<String> names(Object tree, Object... path) {
        return ((Map<String, Object>) at(tree, path)).keySet();
    }
}
