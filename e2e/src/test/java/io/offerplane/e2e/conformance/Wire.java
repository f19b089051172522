package io.offerplane.e2e.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.apache.mesos.v1.scheduler.Protos.Event;

/** The two encodings of the v1 scheduler API. Scenarios write calls as JSON; this turns them into bytes, and events back. */
enum Wire {
    JSON("application/json") {
        @Override
        byte[] encode(JsonNode call) {
            return call.toString().getBytes(StandardCharsets.UTF_8);
        }

        @Override
        JsonNode decode(byte[] event) throws IOException {
            return MAPPER.readTree(event);
        }
    },
    PROTOBUF("application/x-protobuf") {
        @Override
        byte[] encode(JsonNode call) {
            Call.Builder builder = Call.newBuilder();
            fill(builder, call);
            return builder.buildPartial().toByteArray();
        }

        @Override
        JsonNode decode(byte[] event) throws IOException {
            return json(Event.parseFrom(event));
        }
    };

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    final String mediaType;

    Wire(String mediaType) {
        this.mediaType = mediaType;
    }

    abstract byte[] encode(JsonNode call);

    abstract JsonNode decode(byte[] event) throws IOException;

    private static void fill(Message.Builder builder, JsonNode object) {
        object.properties().forEach(property -> {
            FieldDescriptor field = builder.getDescriptorForType().findFieldByName(property.getKey());
            if (field == null) {
                throw new IllegalArgumentException(
                        builder.getDescriptorForType().getFullName() + " has no field " + property.getKey());
            }
            if (field.isRepeated()) {
                property.getValue().forEach(item -> builder.addRepeatedField(field, value(builder, field, item)));
            } else {
                builder.setField(field, value(builder, field, property.getValue()));
            }
        });
    }

    private static Object value(Message.Builder parent, FieldDescriptor field, JsonNode node) {
        return switch (field.getJavaType()) {
            case INT -> node.asInt();
            case LONG -> node.asLong();
            case FLOAT -> (float) node.asDouble();
            case DOUBLE -> node.asDouble();
            case BOOLEAN -> node.asBoolean();
            case STRING -> node.asText();
            case BYTE_STRING -> ByteString.copyFrom(Base64.getDecoder().decode(node.asText()));
            case ENUM -> {
                EnumValueDescriptor named = field.getEnumType().findValueByName(node.asText());
                if (named == null) {
                    throw new IllegalArgumentException(
                            field.getEnumType().getFullName() + " has no value " + node.asText());
                }
                yield named;
            }
            case MESSAGE -> {
                Message.Builder child = parent.newBuilderForField(field);
                fill(child, node);
                yield child.buildPartial();
            }
        };
    }

    /** Only what is set: that differs from the JSON which Mesos writes, and each encoding is compared with itself. */
    private static ObjectNode json(Message message) {
        ObjectNode object = NODES.objectNode();
        message.getAllFields().forEach((field, value) -> {
            if (field.isRepeated()) {
                ArrayNode array = object.putArray(field.getName());
                ((java.util.List<?>) value).forEach(item -> array.add(json(field, item)));
            } else {
                object.set(field.getName(), json(field, value));
            }
        });
        return object;
    }

    private static JsonNode json(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case INT -> NODES.numberNode((Integer) value);
            case LONG -> NODES.numberNode((Long) value);
            case FLOAT -> NODES.numberNode((Float) value);
            case DOUBLE -> NODES.numberNode((Double) value);
            case BOOLEAN -> NODES.booleanNode((Boolean) value);
            case STRING -> NODES.textNode((String) value);
            case BYTE_STRING -> NODES.textNode(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
            case ENUM -> NODES.textNode(((EnumValueDescriptor) value).getName());
            case MESSAGE -> json((Message) value);
        };
    }
}
