package io.offerplane.protocol.mesos;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Base64;
import java.util.List;

/**
 * Writes messages in Mesos' JSON form. Stateless and safe for any thread.
 *
 * <p>A singular field appears when it is set, or when its proto gives it a default and it is not deprecated; a repeated one when
 * it has elements. Doubles keep a decimal point, bytes are base64 with padding, enums are names.
 */
public final class MesosJsonWriter {
    private static final JsonFactory FACTORY = new JsonFactory();
    /** Doubles of this magnitude or more are written with an exponent. */
    private static final double PLAIN_BELOW = 1e17;

    private static final double PLAIN_FROM = 1e-6;

    private MesosJsonWriter() {}

    /** The message as one JSON object in UTF-8. */
    public static byte[] toBytes(Message message) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            write(message, json);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toByteArray();
    }

    /** Writes the message as the next JSON value. */
    public static void write(Message message, JsonGenerator json) throws IOException {
        json.writeStartObject();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isMapField()) {
                writeMap(message, field, json);
            } else if (field.isRepeated()) {
                writeRepeated(message, field, json);
            } else if (message.hasField(field) || isPrintedByDefault(field)) {
                json.writeFieldName(field.getName());
                writeValue(field, message.getField(field), json);
            }
        }
        json.writeEndObject();
    }

    /** A double as Mesos prints it: the shortest decimal that reads back, always with a point or an exponent. */
    public static void writeDouble(double value, JsonGenerator json) throws IOException {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            json.writeString(Double.toString(value));
            return;
        }
        double size = Math.abs(value);
        if (value == 0 || (size >= PLAIN_FROM && size < PLAIN_BELOW)) {
            String plain = new BigDecimal(Double.toString(value)).toPlainString();
            json.writeNumber(plain.indexOf('.') < 0 ? plain + ".0" : plain);
        } else {
            json.writeNumber(Double.toString(value));
        }
    }

    private static boolean isPrintedByDefault(FieldDescriptor field) {
        return field.hasDefaultValue() && !field.getOptions().getDeprecated();
    }

    private static void writeMap(Message message, FieldDescriptor field, JsonGenerator json) throws IOException {
        int count = message.getRepeatedFieldCount(field);
        if (count == 0) {
            return;
        }
        FieldDescriptor key = field.getMessageType().findFieldByNumber(1);
        FieldDescriptor value = field.getMessageType().findFieldByNumber(2);
        json.writeObjectFieldStart(field.getName());
        for (int i = 0; i < count; i++) {
            Message entry = (Message) message.getRepeatedField(field, i);
            json.writeFieldName(String.valueOf(entry.getField(key)));
            writeValue(value, entry.getField(value), json);
        }
        json.writeEndObject();
    }

    private static void writeRepeated(Message message, FieldDescriptor field, JsonGenerator json) throws IOException {
        List<?> values = (List<?>) message.getField(field);
        if (values.isEmpty()) {
            return;
        }
        json.writeArrayFieldStart(field.getName());
        for (Object value : values) {
            writeValue(field, value, json);
        }
        json.writeEndArray();
    }

    private static void writeValue(FieldDescriptor field, Object value, JsonGenerator json) throws IOException {
        switch (field.getJavaType()) {
            case INT ->
                json.writeNumber(
                        isUnsigned(field) ? Integer.toUnsignedLong((Integer) value) : ((Integer) value).longValue());
            case LONG -> {
                if (isUnsigned(field)) {
                    json.writeNumber(Long.toUnsignedString((Long) value));
                } else {
                    json.writeNumber((Long) value);
                }
            }
            case FLOAT -> writeDouble(Double.parseDouble(Float.toString((Float) value)), json);
            case DOUBLE -> writeDouble((Double) value, json);
            case BOOLEAN -> json.writeBoolean((Boolean) value);
            case STRING -> json.writeString((String) value);
            case BYTE_STRING ->
                json.writeString(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
            case ENUM -> json.writeString(((EnumValueDescriptor) value).getName());
            case MESSAGE -> write((Message) value, json);
        }
    }

    private static boolean isUnsigned(FieldDescriptor field) {
        return switch (field.getType()) {
            case UINT32, FIXED32, UINT64, FIXED64 -> true;
            default -> false;
        };
    }
}
