package io.offerplane.protocol.libprocess;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;

/**
 * A message to a process. Immutable.
 *
 * @param name full name of its protobuf type, such as {@code mesos.internal.RunTaskMessage}
 * @param body the serialised message; may be empty
 */
public record LibprocessMessage(String name, ByteString body) {

    /** @throws IllegalArgumentException when the name can't stand in a path */
    public LibprocessMessage {
        if (name.isEmpty() || !name.chars().allMatch(c -> c == '.' || c == '_' || Character.isLetterOrDigit(c))) {
            throw new IllegalArgumentException("not the full name of a protobuf message: '" + name + "'");
        }
    }

    /**
     * The bytes that libprocess 1.11 sends: no Content-Length ever, one chunk for a body, nothing for none, and the host's header
     * empty.
     */
    public byte[] encode(Upid from, Upid to) {
        StringBuilder head = new StringBuilder(256).append("POST ");
        if (!to.id().isEmpty()) {
            head.append('/').append(to.id());
        }
        head.append('/').append(name).append(" HTTP/1.1\r\n");
        head.append("User-Agent: libprocess/").append(from).append("\r\n");
        head.append("Libprocess-From: ").append(from).append("\r\n");
        head.append("Connection: Keep-Alive\r\nHost: \r\n");
        if (body.isEmpty()) {
            return head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII);
        }
        head.append("Transfer-Encoding: chunked\r\n\r\n");
        head.append(Integer.toHexString(body.size())).append("\r\n");
        byte[] before = head.toString().getBytes(StandardCharsets.US_ASCII);
        byte[] after = "\r\n0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[before.length + body.size() + after.length];
        System.arraycopy(before, 0, all, 0, before.length);
        body.copyTo(all, before.length);
        System.arraycopy(after, 0, all, before.length + body.size(), after.length);
        return all;
    }
}
