package io.offerplane.shim.http;

import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.Headers;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.agent.Protos.Call;
import org.jspecify.annotations.Nullable;

/**
 * The forms that a call comes in and is to be answered in, with Mesos' checks in Mesos' order and words. Source: Mesos 1.11 slave/http.cpp.
 *
 * @param content of the body
 * @param messageContent of the records in it, if it is a stream of such
 * @param accept of the answer
 * @param messageAccept of the records in it, if it is to be a stream of such; else as {@code accept}
 */
record CallForms(MediaType content, MediaType messageContent, MediaType accept, MediaType messageAccept) {

    static CallForms of(Headers headers) throws Refusal {
        String type = headers.getFirst("Content-Type");
        if (type == null) {
            throw new Refusal(400, "Expecting 'Content-Type' to be present");
        }
        MediaType content = MediaType.ofContentType(type)
                .orElseThrow(() -> new Refusal(415, "Expecting 'Content-Type' of " + every(" or ")));
        MediaType messageContent = messageContent(content, headers.getFirst("Message-Content-Type"));
        MediaType accept = MediaType.acceptable(ranges(headers, "Accept"))
                .orElseThrow(() -> new Refusal(406, "Expecting 'Accept' to allow " + every(" or ")));
        if (accept != MediaType.RECORDIO) {
            if (headers.containsKey("Message-Accept")) {
                throw new Refusal(406, "Expecting 'Message-Accept' to be not set for non-streaming responses");
            }
            return new CallForms(content, messageContent, accept, accept);
        }
        MediaType messageAccept = MediaType.acceptable(ranges(headers, "Message-Accept"))
                .filter(form -> form != MediaType.RECORDIO)
                .orElseThrow(() -> new Refusal(
                        406, "Expecting 'Message-Accept' to allow application/json or application/x-protobuf"));
        return new CallForms(content, messageContent, accept, messageAccept);
    }

    private static MediaType messageContent(MediaType content, @Nullable String message) throws Refusal {
        if (content != MediaType.RECORDIO) {
            if (message != null) {
                throw new Refusal(415, "Expecting 'Message-Content-Type' to be not set for non-streaming requests");
            }
            return content;
        }
        if (message == null) {
            throw new Refusal(400, "Expecting 'Message-Content-Type' to be set for streaming requests");
        }
        return MediaType.ofContentType(message)
                .filter(form -> form != MediaType.RECORDIO)
                .orElseThrow(() -> new Refusal(
                        415, "Expecting 'Message-Content-Type' of application/json or application/x-protobuf"));
    }

    private static List<String> ranges(Headers headers, String name) {
        @Nullable List<String> ranges = headers.get(name);
        return ranges == null ? List.of() : ranges;
    }

    private static String every(String separator) {
        return String.join(
                separator, MediaType.JSON.wireName(), MediaType.PROTOBUF.wireName(), MediaType.RECORDIO.wireName());
    }

    /**
     * Reads a call, or one record of a stream of calls.
     *
     * @throws Refusal when it is none, or doesn't hold what it must
     */
    Call call(byte[] body) throws Refusal {
        Call call = parse(body);
        Optional<String> fault = AgentCallValidation.fault(call);
        if (fault.isPresent()) {
            throw new Refusal(400, "Failed to validate agent::Call: " + fault.get());
        }
        return call;
    }

    private Call parse(byte[] body) throws Refusal {
        try {
            if (messageContent == MediaType.PROTOBUF) {
                return Call.parseFrom(body, ExtensionRegistryLite.getEmptyRegistry());
            }
            Call.Builder call = Call.newBuilder();
            MesosJsonReader.merge(body, call);
            return call.build();
        } catch (InvalidProtocolBufferException e) {
            throw new Refusal(400, "Failed to parse body into Call protobuf");
        } catch (MalformedMessageException e) {
            throw new Refusal(
                    400,
                    switch (e.fault()) {
                        case SYNTAX -> "Failed to parse body into JSON: " + e.text();
                        // Bare, unlike the master's.
                        case CONTENT -> e.text();
                    });
        }
    }
}
