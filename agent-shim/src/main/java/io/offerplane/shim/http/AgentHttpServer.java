package io.offerplane.shim.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.offerplane.protocol.libprocess.LibprocessRequest;
import io.offerplane.shim.Agent;
import io.offerplane.shim.executor.DriverEndpoint;
import io.offerplane.shim.executor.ExecutorEndpoint;
import io.offerplane.shim.executor.PeerProcess;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JDK's own HTTP server on virtual threads: smaller than another pipeline beside the link's. Executors have endpoints of their own; all
 * others are bound in how many are answered at a time.
 */
public final class AgentHttpServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AgentHttpServer.class);

    /** Beyond this many at a time, requests are told to come again. */
    private static final int MAX_CONCURRENT = 64;

    /** A client that takes longer to read an answer is cut off. */
    private static final Duration MAX_ANSWER = Duration.ofMinutes(5);

    /** The longest input of a session; a client that says nothing at all holds a connection no longer. */
    static final Duration MAX_REQUEST = Duration.ofHours(12);

    private static final Set<String> EXECUTOR_PATHS = Set.of("/api/v1/executor", "/slave(1)/api/v1/executor");

    /** The agent's own name, which tools hard-code. */
    private static final String PREFIX = "/slave(1)";

    private static final int MAX_REST_BYTES = 1 << 16;

    /** libprocess' GZIP_MINIMUM_BODY_LENGTH. */
    private static final int MIN_GZIP_BYTES = 1024;

    private static final int MAX_CONNECTIONS = 512;

    /** What a client may leave waiting in the kernel. */
    private static final int BACKLOG = 128;

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore room = new Semaphore(MAX_CONCURRENT);
    private final AgentPages pages;
    private final AgentApi api;
    private final ExecutorEndpoint executor;
    private final DriverEndpoint drivers;
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("http-patience").daemon().factory());

    private AgentHttpServer(HttpServer server, Agent agent) {
        this.server = server;
        SandboxFiles files = new SandboxFiles(agent.config().workDir());
        Containers containers = new Containers(agent, Clock.systemUTC());
        SystemFigures system = new SystemFigures(Path.of("/proc"));
        MetricsSnapshot metrics = new MetricsSnapshot(agent, system, Clock.systemUTC());
        this.pages = new AgentPages(agent, containers, metrics, system, new FilesPages(agent, files));
        Callers callers =
                new Callers(agent, new OperatorCredentials(agent.config().apiCredentials()));
        PeerProcess peers = new PeerProcess(agent.cgroups(), Path.of("/proc"));
        ContainerCalls inner = new ContainerCalls(agent.nested(), callers, peers);
        SessionCalls sessions = new SessionCalls(
                agent.nested(),
                inner,
                callers,
                peers,
                (exchange, streams) -> new Turn(streams, timers, exchange::close, MAX_ANSWER));
        this.api = new AgentApi(new AgentCalls(agent, files, containers, metrics), inner, sessions);
        this.executor = new ExecutorEndpoint(agent.executors(), agent.cgroups(), agent::info);
        this.drivers = new DriverEndpoint(agent.executors(), agent.cgroups(), agent::info);
        timers.setRemoveOnCancelPolicy(true);
    }

    /**
     * Starts serving.
     *
     * @param port 0 chooses a free one
     * @throws IOException when the port is taken
     */
    public static AgentHttpServer start(Agent agent, int port) throws IOException {
        // The JDK's server reads these once. This one is for the whole of a request, and the input of a session is one
        // for as
        // long as somebody types; every other request has its own bound as soon as its headers are there.
        System.setProperty("sun.net.httpserver.maxReqTime", Long.toString(MAX_REQUEST.toSeconds()));
        System.setProperty("jdk.httpserver.maxConnections", Integer.toString(MAX_CONNECTIONS));
        // What a refused client goes on sending isn't waited for; what one has sent is read in answer().
        System.setProperty("sun.net.httpserver.drainAmount", "0");
        // An executor's v0 driver takes the end of its connection for the agent's. Whoever is no executor is answered
        // with the end of the connection, and none of these two bounds is for them.
        System.setProperty(
                "sun.net.httpserver.idleInterval",
                Long.toString(Duration.ofDays(3650).toSeconds()));
        System.setProperty("sun.net.httpserver.maxIdleConnections", Integer.toString(MAX_CONNECTIONS));
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress((InetAddress) null, port), BACKLOG);
        } catch (IOException e) {
            throw new IOException("cannot serve HTTP on port " + port + ": " + e.getMessage(), e);
        }
        AgentHttpServer http = new AgentHttpServer(server, agent);
        server.setExecutor(http.threads);
        server.createContext("/", http::handle);
        server.start();
        agent.executors().listening();
        log.info(
                "Serving Mesos' agent endpoints on port {}", server.getAddress().getPort());
        return http;
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /** Streams to executors last as long as these, so they have no part in the bound. */
    private void executor(HttpExchange exchange) {
        try (exchange) {
            executor.handle(exchange);
        } catch (IOException gone) {
            log.debug("An executor went away", gone);
        } catch (RuntimeException e) {
            log.error("Cannot answer {}", exchange.getRequestURI(), e);
        }
    }

    /** As with {@link #executor}: what an executor says is never told to come again. */
    private void driver(HttpExchange exchange, LibprocessRequest message) {
        try (exchange) {
            drivers.handle(exchange, message);
        } catch (IOException gone) {
            log.debug("An executor's driver went away", gone);
        } catch (RuntimeException e) {
            log.error("Cannot take {}", exchange.getRequestURI(), e);
        }
    }

    private void handle(HttpExchange exchange) {
        if (EXECUTOR_PATHS.contains(exchange.getRequestURI().getPath())) {
            executor(exchange);
            return;
        }
        Optional<LibprocessRequest> message = DriverEndpoint.message(exchange);
        if (message.isPresent()) {
            driver(exchange, message.get());
            return;
        }
        exchange.getResponseHeaders().set("Connection", "close");
        try (exchange;
                Turn turn = new Turn(room, timers, exchange::close, MAX_ANSWER)) {
            if (!turn.isAdmitted()) {
                send(exchange, Answer.text(503, "Too many requests at a time; try again.\n"));
                return;
            }
            answer(exchange, turn);
        } catch (IOException gone) {
            log.debug("A client went away", gone);
        } catch (RuntimeException e) {
            log.error("Cannot answer {}", exchange.getRequestURI(), e);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private void answer(HttpExchange exchange, Turn turn) throws IOException, InterruptedException {
        String path = path(exchange.getRequestURI().getPath());
        if (path.equals("/api/v1") || path.startsWith("/api/v1/")) {
            Optional<Answer> answer = api.answer(exchange, turn);
            if (answer.isPresent()) {
                readRest(exchange);
                send(exchange, answer.get());
            }
            return;
        }
        Optional<Answer> answer = pages.answer(path, exchange);
        if (answer.isPresent()) {
            readRest(exchange);
            send(exchange, answer.get());
        }
    }

    /** A connection that ends with something unread takes the answer with it. Streams end when their client likes. */
    private static void readRest(HttpExchange exchange) throws IOException {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        boolean isStream = type != null && MediaType.ofContentType(type).equals(Optional.of(MediaType.RECORDIO));
        if (!isStream) {
            byte[] _ = exchange.getRequestBody().readNBytes(MAX_REST_BYTES);
        }
    }

    /** Without the agent's own name in front and slashes at the end, neither of which makes a difference. */
    private static String path(String asked) {
        String path = asked.startsWith(PREFIX + "/") ? asked.substring(PREFIX.length()) : asked;
        while (path.length() > 1 && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return path;
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        answer.contentType().ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
        answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
        byte[] body = answer.body();
        if (body.length >= MIN_GZIP_BYTES && acceptsGzip(exchange)) {
            exchange.getResponseHeaders().set("Content-Encoding", "gzip");
            body = gzip(body);
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(answer.status(), head || body.length == 0 ? -1 : body.length);
        if (!head && body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    private static boolean acceptsGzip(HttpExchange exchange) {
        List<String> headers = exchange.getRequestHeaders().getOrDefault("Accept-Encoding", List.of());
        for (String part : String.join(",", headers).split(",")) {
            String coding = part.replace(" ", "").toLowerCase(Locale.ROOT);
            if (coding.equals("gzip") || (coding.startsWith("gzip;") && !coding.matches("gzip;q=0(\\.0*)?"))) {
                return true;
            }
        }
        return false;
    }

    private static byte[] gzip(byte[] body) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 4);
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(body);
        }
        return out.toByteArray();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        timers.shutdownNow();
    }
}
