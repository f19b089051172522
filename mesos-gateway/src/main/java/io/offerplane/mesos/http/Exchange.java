package io.offerplane.mesos.http;

import io.netty.handler.codec.http.HttpHeaders;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;

/**
 * One request and the way to answer it, once. Methods may be called on any thread; answers leave in the order of the connection's
 * requests, whatever the order in which they are given.
 */
public final class Exchange {
    private static final int GZIP_FROM_BYTES = 1024;

    private final ConnectionHandler connection;
    private final String method;
    private final String path;
    private final RequestTarget target;
    private final HttpHeaders headers;
    private final byte[] body;
    private final boolean keepAlive;
    private final boolean http10;
    private final AtomicBoolean answered = new AtomicBoolean();

    Exchange(
            ConnectionHandler connection,
            String method,
            String path,
            RequestTarget target,
            HttpHeaders headers,
            byte[] body,
            boolean keepAlive,
            boolean http10) {
        this.connection = connection;
        this.method = method;
        this.path = path;
        this.target = target;
        this.headers = headers;
        this.body = body;
        this.keepAlive = keepAlive;
        this.http10 = http10;
    }

    public String method() {
        return method;
    }

    /** As routed, with the process in front, and the query as sent. */
    public String routedPathAndQuery() {
        return target.rawQuery().isEmpty() ? path : path + "?" + target.rawQuery();
    }

    public Map<String, String> query() {
        return target.query();
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    public List<String> headers(String name) {
        return headers.getAll(name);
    }

    /** The body; not to be changed. */
    public byte[] body() {
        return body;
    }

    boolean keepAlive() {
        return keepAlive;
    }

    boolean isHttp10() {
        return http10;
    }

    /** Answers. The first answer counts; later ones are dropped. */
    public void respond(Answer answer) {
        if (!answered.compareAndSet(false, true)) {
            return;
        }
        boolean gzip = answer.body().length >= GZIP_FROM_BYTES && acceptsGzip();
        // Compressed here, as big answers are made on threads that may take their time.
        byte[] sent = gzip ? gzip(answer.body()) : answer.body();
        connection.execute(() -> connection.answer(this, answer, sent, gzip));
    }

    /**
     * A stream that could become the answer; records sent to it before {@link #open} wait.
     *
     * @param bufferBytes how much may wait for the client to read before the stream is closed
     */
    public EventStream newStream(int bufferBytes) {
        return new EventStream(connection, bufferBytes);
    }

    /** Answers with a stream: status 200 and the headers leave at once. */
    public void open(EventStream stream, String contentType, Map<String, String> extraHeaders) {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("answered before: " + method + " " + path);
        }
        connection.execute(() -> connection.open(this, stream, contentType, extraHeaders));
    }

    private boolean acceptsGzip() {
        for (String header : headers.getAll("Accept-Encoding")) {
            for (String coding : header.split(",")) {
                String[] parts = coding.trim().toLowerCase(Locale.ROOT).split(";");
                if (parts[0].trim().equals("gzip")) {
                    return parts.length < 2 || !parts[1].trim().matches("q=0(\\.0*)?");
                }
            }
        }
        return false;
    }

    private static byte[] gzip(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 4);
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException("compressing in memory", e);
        }
        return out.toByteArray();
    }
}
