package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.mesos.v1.agent.Protos.Response;

/**
 * Answers in JSON. Mesos' agent writes tasks, executors and frameworks, and the three together, list by list, so that empty ones
 * appear; everything else is as its messages are everywhere. Source: a Mesos 1.11.0 agent's answers.
 */
final class ListsJson {

    /** Fields of the answer whose lists always appear. */
    private static final Set<String> LISTS = Set.of("get_tasks", "get_executors", "get_frameworks");

    private ListsJson() {}

    static byte[] toBytes(Response response) {
        return Json.bytes(json -> fields(response, json));
    }

    private static void fields(Message message, JsonGenerator json) throws IOException {
        json.writeStartObject();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isRepeated() || !message.hasField(field)) {
                continue;
            }
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                Message inner = (Message) message.getField(field);
                json.writeFieldName(field.getName());
                if (LISTS.contains(field.getName())) {
                    lists(inner, json);
                } else if (field.getName().equals("get_state")) {
                    fields(inner, json);
                } else {
                    MesosJsonWriter.write(inner, json);
                }
            } else {
                json.writeStringField(field.getName(), String.valueOf(message.getField(field)));
            }
        }
        json.writeEndObject();
    }

    /** A message of nothing but lists of messages. */
    private static void lists(Message message, JsonGenerator json) throws IOException {
        json.writeStartObject();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            json.writeArrayFieldStart(field.getName());
            for (Object element : (List<?>) message.getField(field)) {
                MesosJsonWriter.write((Message) element, json);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }
}
