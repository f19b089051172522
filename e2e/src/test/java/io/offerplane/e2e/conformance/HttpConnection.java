package io.offerplane.e2e.conformance;

import io.offerplane.e2e.conformance.HttpAnswer.Header;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One HTTP/1.1 connection on which exactly those bytes are sent that a scenario asks for. The JDK's client would add headers
 * of its own, refuse some that must be tried, and hide how a body was framed.
 *
 * <p>Not for use by several threads, except {@link #close}.
 */
final class HttpConnection implements AutoCloseable {
    private static final int ANSWER_LIMIT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;

    private HttpConnection(Socket socket) throws IOException {
        this.socket = socket;
        this.in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
    }

    static HttpConnection open(URI base) throws IOException {
        Socket socket = new Socket();
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(ANSWER_LIMIT_MILLIS);
        socket.connect(new InetSocketAddress(base.getHost(), base.getPort() < 0 ? 80 : base.getPort()), 5_000);
        return new HttpConnection(socket);
    }

    /** Sends a request and reads its whole answer; a server that hung up without one makes an {@link IOException}. */
    static HttpAnswer exchange(URI base, String method, String target, List<Header> headers, byte[] body)
            throws IOException {
        try (HttpConnection connection = open(base)) {
            connection.send(base, method, target, headers, body);
            return connection.readAnswer();
        }
    }

    void send(URI base, String method, String target, List<Header> headers, byte[] body) throws IOException {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        if (headers.stream().noneMatch(header -> header.name().equalsIgnoreCase("Host"))) {
            head.append("Host: ").append(base.getAuthority()).append("\r\n");
        }
        headers.forEach(header ->
                head.append(header.name()).append(": ").append(header.value()).append("\r\n"));
        boolean framed = headers.stream()
                .map(header -> header.name().toLowerCase(Locale.ROOT))
                .anyMatch(name -> name.equals("content-length") || name.equals("transfer-encoding"));
        if (!framed && (body.length > 0 || method.equals("POST"))) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        head.append("\r\n");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(head.toString().getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        try {
            socket.getOutputStream().write(bytes.toByteArray());
            socket.getOutputStream().flush();
        } catch (IOException refused) {
            // A server may answer and hang up before it has read all of a body that it does not want: the answer
            // counts.
            if (in.available() == 0) {
                throw refused;
            }
        }
    }

    HttpAnswer readAnswer() throws IOException {
        HttpAnswer head = readHead();
        return new HttpAnswer(
                head.status(), head.headers(), new String(body(head).readAllBytes(), StandardCharsets.UTF_8));
    }

    /** Reads up to the end of the headers; the body waits in {@link #body}. */
    HttpAnswer readHead() throws IOException {
        String[] status = readLine().split(" ", 3);
        if (status.length < 2 || !status[0].startsWith("HTTP/1.")) {
            throw new IOException("not an HTTP/1 answer: " + String.join(" ", status));
        }
        List<Header> headers = new ArrayList<>();
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(':');
            headers.add(new Header(
                    line.substring(0, colon), line.substring(colon + 1).strip()));
        }
        return new HttpAnswer(Integer.parseInt(status[1]), List.copyOf(headers), "");
    }

    InputStream body(HttpAnswer head) throws IOException {
        if (head.header("Transfer-Encoding").filter("chunked"::equalsIgnoreCase).isPresent()) {
            return new ChunkedBody();
        }
        if (head.status() == 204 || head.status() == 304) {
            return InputStream.nullInputStream();
        }
        String length = head.header("Content-Length").orElse(null);
        return length == null ? in : new java.io.ByteArrayInputStream(in.readNBytes(Integer.parseInt(length)));
    }

    /** From here on reads wait for as long as it takes: a stream may well be silent. */
    void waitWithoutLimit() throws IOException {
        socket.setSoTimeout(0);
    }

    private String readLine() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException(
                        "the server hung up after \"" + line.toString(StandardCharsets.ISO_8859_1) + "\"");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /** A body in chunks; its end is the end of this stream. */
    private final class ChunkedBody extends InputStream {
        private int left;
        private boolean first = true;
        private boolean ended;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (left == 0 && !ended) {
                if (!first) {
                    readLine();
                }
                first = false;
                left = Integer.parseInt(readLine().split(";")[0].strip(), 16);
                if (left == 0) {
                    ended = true;
                    readLine();
                }
            }
            if (ended) {
                return -1;
            }
            int count = in.read(target, offset, Math.min(length, left));
            if (count < 0) {
                throw new EOFException("the server hung up within a chunk");
            }
            left -= count;
            return count;
        }
    }
}
