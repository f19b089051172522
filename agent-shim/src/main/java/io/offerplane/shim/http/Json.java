package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.google.protobuf.Message;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import org.apache.mesos.v1.Protos.Label;
import org.apache.mesos.v1.Protos.Labels;

/** The parts that Mesos' JSON pages are made of. */
final class Json {

    private static final JsonFactory FACTORY = new JsonFactory();

    private Json() {}

    /** Writes one page, or one part. */
    @FunctionalInterface
    interface Content {
        void write(JsonGenerator json) throws IOException;
    }

    static byte[] bytes(Content content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(1024);
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            content.write(json);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toByteArray();
    }

    static byte[] object(Content fields) {
        return bytes(json -> {
            json.writeStartObject();
            fields.write(json);
            json.writeEndObject();
        });
    }

    static void number(JsonGenerator json, String field, double value) throws IOException {
        json.writeFieldName(field);
        MesosJsonWriter.writeDouble(value, json);
    }

    static void message(JsonGenerator json, String field, Message message) throws IOException {
        json.writeFieldName(field);
        MesosJsonWriter.write(message, json);
    }

    static void messages(JsonGenerator json, String field, Collection<? extends Message> messages) throws IOException {
        json.writeArrayFieldStart(field);
        for (Message message : messages) {
            MesosJsonWriter.write(message, json);
        }
        json.writeEndArray();
    }

    static void strings(JsonGenerator json, String field, Collection<String> texts) throws IOException {
        json.writeArrayFieldStart(field);
        for (String text : texts) {
            json.writeString(text);
        }
        json.writeEndArray();
    }

    static void labels(JsonGenerator json, Labels labels) throws IOException {
        json.writeArrayFieldStart("labels");
        for (Label label : labels.getLabelsList()) {
            MesosJsonWriter.write(label, json);
        }
        json.writeEndArray();
    }
}
