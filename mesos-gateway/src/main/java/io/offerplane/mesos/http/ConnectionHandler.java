package io.offerplane.mesos.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.offerplane.protocol.recordio.RecordIoEncoder;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client connection: gathers requests within limits, has them handled, and writes their answers in order. All fields belong
 * to the connection's event loop.
 */
public final class ConnectionHandler extends ChannelInboundHandlerAdapter {
    private static final Logger log = LoggerFactory.getLogger(ConnectionHandler.class);

    // In the letter case that Mesos writes: not every client that reads them has heard that case doesn't matter.
    private static final String CONTENT_TYPE = "Content-Type";
    private static final String CONTENT_LENGTH = "Content-Length";
    private static final String CONTENT_ENCODING = "Content-Encoding";
    private static final String CONNECTION = "Connection";
    private static final String TRANSFER_ENCODING = "Transfer-Encoding";

    private final Router router;
    private final HttpLimits limits;
    private final HttpCounters counters;

    private @Nullable ChannelHandlerContext context;

    // The request that is being read.
    private @Nullable HttpRequest request;
    private byte[] body = new byte[0];
    private int bodyLength;
    private @Nullable Future<?> requestTimeout;
    /** Nothing more is read: the connection ends after its answers, or it is a stream now. */
    private boolean deaf;

    /** Requests that wait for their answers, oldest first. */
    private final Deque<Slot> waiting = new ArrayDeque<>();

    private @Nullable EventStream stream;

    /** A request's place in the order, and its answer once there is one. */
    private static final class Slot {
        final Exchange exchange;

        @Nullable
        Runnable write;

        Slot(Exchange exchange) {
            this.exchange = exchange;
        }
    }

    public ConnectionHandler(Router router, HttpLimits limits, HttpCounters counters) {
        this.router = router;
        this.limits = limits;
        this.counters = counters;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        if (counters.connections.incrementAndGet() > limits.connections()) {
            counters.connectionsRefused.increment();
            seenByCloseOnly(ctx.close());
        }
        super.channelActive(ctx);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) throws Exception {
        counters.connections.decrementAndGet();
        if (stream != null) {
            counters.streams.decrementAndGet();
        }
        endOfRequest();
        waiting.clear();
        super.channelInactive(ctx);
    }

    // --- reading

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            if (deaf) {
                return;
            }
            if (message instanceof HttpRequest head) {
                begin(head);
            }
            if (!deaf && message instanceof HttpContent content) {
                read(content);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void begin(HttpRequest head) {
        DecoderResult result = head.decoderResult();
        if (result.isFailure()) {
            refuse(malformed(result.cause()));
            return;
        }
        request = head;
        bodyLength = 0;
        requestTimeout = context()
                .executor()
                .schedule(
                        () -> {
                            if (request != null) {
                                refuse(Answer.text(
                                        408,
                                        "The request was not complete within "
                                                + limits.requestTime().toSeconds() + " seconds."));
                            }
                        },
                        limits.requestTime().toMillis(),
                        TimeUnit.MILLISECONDS);
        if (HttpUtil.isContentLengthSet(head)) {
            long length = HttpUtil.getContentLength(head, 0L);
            if (length > limits.bodyBytes()) {
                refuse(tooLarge());
                return;
            }
        }
        if (HttpUtil.is100ContinueExpected(head)) {
            seenByCloseOnly(context()
                    .writeAndFlush(new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER)));
        }
    }

    private void read(HttpContent content) {
        HttpRequest head = request;
        if (content.decoderResult().isFailure()) {
            refuse(malformed(content.decoderResult().cause()));
            return;
        }
        if (head == null) {
            return;
        }
        ByteBuf bytes = content.content();
        int more = bytes.readableBytes();
        if (bodyLength + (long) more > limits.bodyBytes()) {
            refuse(tooLarge());
            return;
        }
        if (body.length < bodyLength + more) {
            body = java.util.Arrays.copyOf(
                    body, Math.max(bodyLength + more, Math.min(body.length * 2, limits.bodyBytes())));
        }
        bytes.readBytes(body, bodyLength, more);
        bodyLength += more;
        if (content instanceof LastHttpContent) {
            byte[] whole = body.length == bodyLength ? body : java.util.Arrays.copyOf(body, bodyLength);
            body = new byte[0];
            endOfRequest();
            handle(head, whole);
        }
    }

    private void endOfRequest() {
        request = null;
        if (requestTimeout != null) {
            requestTimeout.cancel(false);
            requestTimeout = null;
        }
    }

    private void handle(HttpRequest head, byte[] whole) {
        counters.requests.increment();
        Optional<RequestTarget> target = RequestTarget.parse(head.uri());
        Optional<Router.Match> match = target.flatMap(router::route);
        Exchange exchange = new Exchange(
                this,
                head.method().name(),
                match.map(Router.Match::path).orElse(head.uri()),
                target.orElse(new RequestTarget(java.util.List.of(), "")),
                head.headers(),
                whole,
                HttpUtil.isKeepAlive(head),
                head.protocolVersion().equals(HttpVersion.HTTP_1_0));
        waiting.add(new Slot(exchange));
        if (waiting.size() >= limits.pipelined()) {
            context().channel().config().setAutoRead(false);
        }
        if (match.isEmpty()) {
            exchange.respond(Answer.notFound());
            return;
        }
        try {
            match.get().endpoint().handle(exchange);
        } catch (RuntimeException e) {
            log.error("{} {} failed", exchange.method(), exchange.routedPathAndQuery(), e);
            exchange.respond(Answer.text(500, "500 Internal Server Error."));
        }
    }

    /** Answers what can't be read further, and closes: where the next request would start is unknown. */
    private void refuse(Answer answer) {
        counters.malformedRequests.increment();
        endOfRequest();
        body = new byte[0];
        deaf = true;
        Exchange exchange = new Exchange(
                this,
                "",
                "",
                new RequestTarget(java.util.List.of(), ""),
                io.netty.handler.codec.http.EmptyHttpHeaders.INSTANCE,
                new byte[0],
                true,
                false);
        waiting.add(new Slot(exchange));
        exchange.respond(answer);
    }

    private Answer malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Answer.text(414, "The request line is longer than " + limits.requestLineBytes() + " bytes.");
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Answer.text(431, "The headers are longer than " + limits.headerBytes() + " bytes.");
        }
        return Answer.text(400, "The request is not HTTP: " + cause.getMessage());
    }

    private Answer tooLarge() {
        return Answer.text(413, "The body is longer than " + limits.bodyBytes() + " bytes.");
    }

    // --- writing

    void execute(Runnable task) {
        ChannelHandlerContext ctx = context();
        if (ctx.executor().inEventLoop()) {
            task.run();
            return;
        }
        try {
            ctx.executor().execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("the server has stopped; dropped an answer");
        }
    }

    void answer(Exchange exchange, Answer answer, byte[] sent, boolean gzip) {
        place(exchange, () -> write(exchange, answer, sent, gzip));
    }

    void open(Exchange exchange, EventStream opened, String contentType, Map<String, String> headers) {
        place(exchange, () -> {
            stream = opened;
            counters.streams.incrementAndGet();
            // What the client sends behind a stream could never be answered: it is read, to see the end, and dropped.
            deaf = true;
            endOfRequest();
            HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
            common(head.headers());
            headers.forEach((name, value) -> head.headers().set(name, value));
            head.headers().set(CONTENT_TYPE, contentType);
            head.headers().set(TRANSFER_ENCODING, "chunked");
            seenByCloseOnly(context().writeAndFlush(head));
            opened.opened();
        });
    }

    private void place(Exchange exchange, Runnable write) {
        for (Slot slot : waiting) {
            if (slot.exchange == exchange) {
                slot.write = write;
                break;
            }
        }
        while (!waiting.isEmpty() && stream == null) {
            Runnable next = waiting.getFirst().write;
            if (next == null) {
                break;
            }
            waiting.removeFirst();
            next.run();
        }
        if (waiting.size() < limits.pipelined() && context().channel().isWritable()) {
            context().channel().config().setAutoRead(true);
        }
    }

    private void write(Exchange exchange, Answer answer, byte[] sent, boolean gzip) {
        if (answer.status() >= 500) {
            counters.serverErrors.increment();
        } else if (answer.status() >= 400) {
            counters.clientErrors.increment();
        }
        boolean head = exchange.method().equals("HEAD");
        FullHttpResponse response = new DefaultFullHttpResponse(
                exchange.isHttp10() ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1,
                HttpResponseStatus.valueOf(answer.status()),
                head ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(sent));
        HttpHeaders headers = response.headers();
        common(headers);
        answer.headers().forEach((name, value) -> headers.set(name, value));
        answer.contentType().ifPresent(type -> headers.set(CONTENT_TYPE, type));
        headers.setInt(CONTENT_LENGTH, sent.length);
        if (gzip) {
            headers.set(CONTENT_ENCODING, "gzip");
        }
        boolean keep = exchange.keepAlive() && !(deaf && waiting.isEmpty());
        if (!keep) {
            if (exchange.keepAlive()) {
                // Who asked for it needn't be told, and Mesos doesn't.
                headers.set(CONNECTION, "close");
            }
            deaf = true;
            waiting.clear();
            context().writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        if (exchange.isHttp10()) {
            headers.set(CONNECTION, "Keep-Alive");
        }
        seenByCloseOnly(context().writeAndFlush(response));
    }

    private static void common(HttpHeaders headers) {
        headers.set("Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC)));
    }

    void writeRecord(byte[] record, Runnable whenWritten) {
        counters.streamBytes.add(record.length);
        ByteBuf frame = RecordIoEncoder.encode(context().alloc(), record);
        context().writeAndFlush(new DefaultHttpContent(frame)).addListener(_ -> whenWritten.run());
    }

    void endStream() {
        context().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT).addListener(ChannelFutureListener.CLOSE);
    }

    void closeSlowConsumer() {
        counters.slowConsumersClosed.increment();
        log.warn(
                "closing the stream to {}: its client does not read",
                context().channel().remoteAddress());
        seenByCloseOnly(context().close());
    }

    // --- for streams

    void onClose(Runnable task) {
        context().channel().closeFuture().addListener(_ -> task.run());
    }

    void every(Duration interval, Runnable task) {
        try {
            Future<?> timer = context()
                    .executor()
                    .scheduleAtFixedRate(task, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
            onClose(() -> timer.cancel(false));
        } catch (RejectedExecutionException e) {
            log.debug("the server has stopped; dropped a timer");
        }
    }

    void after(Duration delay, Runnable task) {
        try {
            seenByCloseOnly(context().executor().schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS));
        } catch (RejectedExecutionException e) {
            log.debug("the server has stopped; dropped a timer");
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) throws Exception {
        // A client that doesn't read its answers may not ask for more of them.
        if (stream == null) {
            ctx.channel().config().setAutoRead(ctx.channel().isWritable() && waiting.size() < limits.pipelined());
        }
        super.channelWritabilityChanged(ctx);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        log.debug("closing {}: {}", ctx.channel().remoteAddress(), Objects.toString(cause.getMessage()));
        seenByCloseOnly(ctx.close());
    }

    /** Names futures that need no listener: what fails on a connection closes it, and that is seen where it matters. */
    private static void seenByCloseOnly(Future<?> future) {
        assert future != null;
    }

    private ChannelHandlerContext context() {
        ChannelHandlerContext ctx = context;
        if (ctx == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return ctx;
    }

    /** For the server: how to have each connection's requests handled. */
    public static Consumer<io.netty.channel.ChannelPipeline> pipeline(
            Router router, HttpLimits limits, HttpCounters counters) {
        return pipeline -> {
            pipeline.addLast(
                    new io.netty.handler.codec.http.HttpServerCodec(new io.netty.handler.codec.http.HttpDecoderConfig()
                            .setMaxInitialLineLength(limits.requestLineBytes())
                            .setMaxHeaderSize(limits.headerBytes())
                            .setMaxChunkSize(64 * 1024)));
            pipeline.addLast(new io.netty.handler.flush.FlushConsolidationHandler(256, true));
            pipeline.addLast(new ConnectionHandler(router, limits, counters));
        };
    }
}
