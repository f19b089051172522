package io.offerplane.mesos.scheduler;

import com.google.protobuf.ExtensionRegistryLite;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.offerplane.mesos.http.MediaType;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;

/** Reads a call's body, with Mesos' words for what can't be read. */
public final class CallReader {
    private CallReader() {}

    /** The body is no call; the message is the answer to the client. */
    public static final class UnreadableCall extends Exception {
        private final String answer;

        UnreadableCall(String answer) {
            super(answer);
            this.answer = answer;
        }

        public String answer() {
            return answer;
        }
    }

    /** Reads {@code body} into {@code builder}. */
    public static void read(byte[] body, MediaType type, Message.Builder builder) throws UnreadableCall {
        switch (type) {
            case JSON -> {
                try {
                    MesosJsonReader.merge(body, builder);
                } catch (MalformedMessageException e) {
                    throw new UnreadableCall(
                            switch (e.fault()) {
                                case SYNTAX -> "Failed to parse body into JSON: " + e.text();
                                case CONTENT -> "Failed to convert JSON into Call protobuf: " + e.text();
                            });
                }
            }
            case PROTOBUF -> {
                try {
                    builder.mergeFrom(body, ExtensionRegistryLite.getEmptyRegistry());
                } catch (InvalidProtocolBufferException e) {
                    throw new UnreadableCall("Failed to parse body into Call protobuf");
                }
                if (!builder.isInitialized()) {
                    throw new UnreadableCall("Failed to parse body into Call protobuf");
                }
            }
        }
    }
}
