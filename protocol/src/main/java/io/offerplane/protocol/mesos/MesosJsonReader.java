package io.offerplane.protocol.mesos;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.offerplane.protocol.mesos.MalformedMessageException.Fault;
import java.io.CharConversionException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages in Mesos' JSON form, as leniently as Mesos does: unknown fields and nulls are passed over, numbers and booleans
 * may be quoted, and one value stands for a list of one. Stateless and safe for any thread.
 *
 * <p>Depth and the length of numbers and names are limited here; the length of the body is its receiver's to limit.
 */
public final class MesosJsonReader {
    /** Objects and lists inside one another that are read at most; Mesos' own limit. */
    public static final int MAX_DEPTH = 200;

    private static final int MAX_NUMBER_LENGTH = 400;
    private static final int MAX_NAME_LENGTH = 10_000;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxNumberLength(MAX_NUMBER_LENGTH)
                    .maxNameLength(MAX_NAME_LENGTH)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            // As Mesos' own reader takes them.
            .enable(JsonReadFeature.ALLOW_LEADING_ZEROS_FOR_NUMBERS)
            .enable(JsonReadFeature.ALLOW_TRAILING_DECIMAL_POINT_FOR_NUMBERS)
            // Field names come from clients: keeping them beyond the message would let a client fill the heap.
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private MesosJsonReader() {}

    /**
     * Reads {@code body} into {@code builder}, which is changed in place.
     *
     * @throws MalformedMessageException when it is not JSON, not this message, or lacks required fields
     */
    public static void merge(byte[] body, Message.Builder builder) throws MalformedMessageException {
        try (JsonParser json = FACTORY.createParser(body)) {
            try {
                JsonToken first = json.nextToken();
                if (first == null) {
                    throw syntax(body, "nothing there");
                }
                if (first != JsonToken.START_OBJECT) {
                    throw content("Expecting a JSON object");
                }
                readObject(json, builder);
            } catch (MalformedMessageException e) {
                // Mesos reads the whole body before it looks at any of it: bad syntax further on has the first word.
                drain(json);
                throw e;
            }
            if (json.nextToken() != null) {
                throw syntax(body, "Parsed JSON included non-whitespace trailing characters");
            }
        } catch (JsonProcessingException e) {
            throw syntax(body, Optional.ofNullable(e.getOriginalMessage()).orElse("not JSON"));
        } catch (CharConversionException e) {
            throw syntax(body, "the text is not UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory", e);
        }
        List<String> missing = builder.findInitializationErrors();
        if (!missing.isEmpty()) {
            throw content("Missing required fields: " + String.join(", ", missing));
        }
    }

    private static MalformedMessageException syntax(byte[] body, String otherwise) {
        return new MalformedMessageException(
                Fault.SYNTAX, SyntaxError.of(body, MAX_DEPTH).orElse("syntax error: " + otherwise));
    }

    private static void drain(JsonParser json) throws IOException {
        while (json.nextToken() != null) {
            // Only for the exception that bad syntax throws.
        }
    }

    private static void readObject(JsonParser json, Message.Builder builder)
            throws IOException, MalformedMessageException {
        while (json.nextToken() != JsonToken.END_OBJECT) {
            FieldDescriptor field = builder.getDescriptorForType().findFieldByName(json.currentName());
            JsonToken value = json.nextToken();
            if (field == null || value == JsonToken.VALUE_NULL) {
                json.skipChildren();
                continue;
            }
            builder.clearField(field);
            if (field.isMapField()) {
                readMap(json, field, builder);
            } else if (field.isRepeated()) {
                readElements(json, field, builder);
            } else {
                Object read = readValue(json, field, builder);
                if (read != null) {
                    builder.setField(field, read);
                }
            }
        }
    }

    /** One element, or a list of them; lists in the list count as part of it, as they do for Mesos. */
    private static void readElements(JsonParser json, FieldDescriptor field, Message.Builder builder)
            throws IOException, MalformedMessageException {
        JsonToken token = json.currentToken();
        if (token == JsonToken.START_ARRAY) {
            while (json.nextToken() != JsonToken.END_ARRAY) {
                readElements(json, field, builder);
            }
        } else if (token != JsonToken.VALUE_NULL) {
            Object value = readValue(json, field, builder);
            if (value != null) {
                builder.addRepeatedField(field, value);
            }
        }
    }

    private static void readMap(JsonParser json, FieldDescriptor field, Message.Builder builder)
            throws IOException, MalformedMessageException {
        if (json.currentToken() == JsonToken.START_ARRAY && json.nextToken() == JsonToken.END_ARRAY) {
            return;
        }
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw unexpected(json, field);
        }
        FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        List<Message> entries = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_OBJECT) {
            Message.Builder entry = builder.newBuilderForField(field);
            String name = json.currentName();
            entry.setField(key, scalarFromText(name, key));
            JsonToken next = json.nextToken();
            if (next == JsonToken.VALUE_NULL) {
                continue;
            }
            if (next == JsonToken.START_ARRAY) {
                throw unexpected(json, value);
            }
            Object read = readValue(json, value, entry);
            if (read != null) {
                entry.setField(value, read);
                entries.add(entry.buildPartial());
            }
        }
        entries.forEach(entry -> builder.addRepeatedField(field, entry));
    }

    /** The value under the parser, or null for an enum name that isn't known, which Mesos leaves unset. */
    private static @Nullable Object readValue(JsonParser json, FieldDescriptor field, Message.Builder owner)
            throws IOException, MalformedMessageException {
        JsonToken token = json.currentToken();
        boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
        if (token == JsonToken.START_OBJECT && message) {
            Message.Builder nested = owner.newBuilderForField(field);
            readObject(json, nested);
            return nested.buildPartial();
        }
        if (token == JsonToken.VALUE_STRING) {
            return field.getJavaType() == FieldDescriptor.JavaType.ENUM
                    ? enumValue(json.getText(), field)
                    : scalarFromText(json.getText(), field);
        }
        if (token.isNumeric()) {
            return number(json.getText(), field, "Not expecting a JSON number for field '" + field.getName() + "'");
        }
        if (token.isBoolean() && field.getJavaType() == FieldDescriptor.JavaType.BOOLEAN) {
            return token == JsonToken.VALUE_TRUE;
        }
        throw unexpected(json, field);
    }

    private static @Nullable EnumValueDescriptor enumValue(String name, FieldDescriptor field)
            throws MalformedMessageException {
        EnumValueDescriptor value = field.getEnumType().findValueByName(name);
        if (value == null && field.isRequired()) {
            throw content("Failed to find enum for '" + name + "'");
        }
        return value;
    }

    private static Object scalarFromText(String text, FieldDescriptor field) throws MalformedMessageException {
        return switch (field.getJavaType()) {
            case STRING -> text;
            case BYTE_STRING -> base64(text, field);
            case BOOLEAN ->
                switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    default ->
                        throw content("Failed to parse '" + text + "' as a JSON boolean for field '" + field.getName()
                                + "': syntax error at line 1 near: " + text);
                };
            case INT, LONG, FLOAT, DOUBLE -> quotedNumber(text, field);
            default -> throw content("Not expecting a JSON string for field '" + field.getName() + "'");
        };
    }

    /** With or without padding, which ends the text as it does for Mesos. */
    private static ByteString base64(String text, FieldDescriptor field) throws MalformedMessageException {
        int padding = text.indexOf('=');
        String digits = padding < 0 ? text : text.substring(0, padding);
        for (int i = 0; i < digits.length(); i++) {
            char c = digits.charAt(i);
            boolean digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
            if (!digit && c != '+' && c != '/') {
                throw content(
                        "Failed to base64 decode bytes field '" + field.getName() + "': Invalid character '" + c + "'");
            }
        }
        // One digit beyond a multiple of four is less than a byte.
        String whole = digits.length() % 4 == 1 ? digits.substring(0, digits.length() - 1) : digits;
        return ByteString.copyFrom(Base64.getDecoder().decode(whole));
    }

    private static Object quotedNumber(String text, FieldDescriptor field) throws MalformedMessageException {
        String fault = "Failed to parse '" + text + "' as a JSON number for field '" + field.getName()
                + "': syntax error at line 1 near: " + text;
        if (text.equals("Infinity") || text.equals("-Infinity")) {
            double infinite = text.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            return switch (field.getJavaType()) {
                case DOUBLE -> infinite;
                case FLOAT -> (float) infinite;
                default -> throw content(fault);
            };
        }
        // The grammar of JSON numbers: neither hexadecimal floats nor suffixes, which Java would take.
        if (text.length() > MAX_NUMBER_LENGTH || !text.matches("-?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?")) {
            throw content(fault);
        }
        return number(text, field, fault);
    }

    private static Object number(String text, FieldDescriptor field, String fault) throws MalformedMessageException {
        return switch (field.getJavaType()) {
            case DOUBLE -> Double.parseDouble(text);
            case FLOAT -> Float.parseFloat(text);
            case INT ->
                (int) integer(
                        text,
                        field,
                        field.getType() == FieldDescriptor.Type.UINT32
                                        || field.getType() == FieldDescriptor.Type.FIXED32
                                ? BigInteger.ZERO
                                : BigInteger.valueOf(Integer.MIN_VALUE),
                        field.getType() == FieldDescriptor.Type.UINT32
                                        || field.getType() == FieldDescriptor.Type.FIXED32
                                ? BigInteger.valueOf(0xffffffffL)
                                : BigInteger.valueOf(Integer.MAX_VALUE));
            case LONG ->
                integer(
                        text,
                        field,
                        field.getType() == FieldDescriptor.Type.UINT64
                                        || field.getType() == FieldDescriptor.Type.FIXED64
                                ? BigInteger.ZERO
                                : BigInteger.valueOf(Long.MIN_VALUE),
                        field.getType() == FieldDescriptor.Type.UINT64
                                        || field.getType() == FieldDescriptor.Type.FIXED64
                                ? BigInteger.TWO.pow(64).subtract(BigInteger.ONE)
                                : BigInteger.valueOf(Long.MAX_VALUE));
            default -> throw content(fault);
        };
    }

    /** A whole number within the bounds; a fraction is cut off, as Mesos does. */
    private static long integer(String text, FieldDescriptor field, BigInteger least, BigInteger most)
            throws MalformedMessageException {
        BigDecimal exact = new BigDecimal(text);
        // Before it becomes an integer: 1e1000000 is short in text and long in memory.
        if (exact.precision() - (long) exact.scale() > 25) {
            throw outOfRange(text, field, least, most);
        }
        BigInteger value = exact.signum() == 0 || exact.precision() - (long) exact.scale() <= 0
                ? BigInteger.ZERO
                : exact.toBigInteger();
        if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
            throw outOfRange(text, field, least, most);
        }
        return value.longValue();
    }

    private static MalformedMessageException outOfRange(
            String text, FieldDescriptor field, BigInteger least, BigInteger most) {
        return content("Number " + text + " is out of range for field '" + field.getName() + "' (expected: " + least
                + " to " + most + ")");
    }

    private static MalformedMessageException unexpected(JsonParser json, FieldDescriptor field) {
        String found =
                switch (json.currentToken()) {
                    case START_OBJECT -> "object";
                    case START_ARRAY -> "array";
                    case VALUE_STRING -> "string";
                    case VALUE_TRUE, VALUE_FALSE -> "boolean";
                    default -> "number";
                };
        return content("Not expecting a JSON " + found + " for field '" + field.getName() + "'");
    }

    private static MalformedMessageException content(String message) {
        return new MalformedMessageException(Fault.CONTENT, message);
    }
}
