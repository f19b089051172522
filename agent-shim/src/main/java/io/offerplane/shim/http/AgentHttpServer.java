package io.offerplane.shim.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.offerplane.shim.Agent;
import io.offerplane.shim.executor.ExecutorEndpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JDK's own HTTP server on virtual threads: smaller than another pipeline beside the link's. Reading only, but for executors, who
 * have an endpoint of their own; with a bound on requests at a time.
 */
public final class AgentHttpServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(AgentHttpServer.class);

    /** Beyond this many at a time, requests are told to come again. */
    private static final int MAX_CONCURRENT = 64;

    /** A client that takes longer to read an answer is cut off. */
    private static final int MAX_ANSWER_SECONDS = 300;

    private static final Set<String> EXECUTOR_PATHS = Set.of("/api/v1/executor", "/slave(1)/api/v1/executor");

    /** What a client may leave waiting in the kernel. */
    private static final int BACKLOG = 128;

    /** A text of its own instead of what was asked for. */
    static final class Refusal extends Exception {
        private static final long serialVersionUID = 1;
        private final int status;
        private final String text;

        Refusal(int status, String message) {
            super(message);
            this.status = status;
            this.text = message;
        }
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore room = new Semaphore(MAX_CONCURRENT);
    private final AgentState state;
    private final SandboxFiles files;
    private final ExecutorEndpoint executor;
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().name("http-patience").daemon().factory());

    private AgentHttpServer(HttpServer server, Agent agent) {
        this.server = server;
        this.state = new AgentState(agent);
        this.files = new SandboxFiles(agent.config().workDir());
        this.executor = new ExecutorEndpoint(agent.executors(), agent.cgroups(), agent::info);
        timers.setRemoveOnCancelPolicy(true);
    }

    /**
     * Starts serving.
     *
     * @param port 0 chooses a free one
     * @throws IOException when the port is taken
     */
    public static AgentHttpServer start(Agent agent, int port) throws IOException {
        // The JDK's server reads these once. A client that says nothing doesn't hold a connection for ever.
        System.setProperty("sun.net.httpserver.maxReqTime", "20");
        System.setProperty("jdk.httpserver.maxConnections", "512");
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

    private void handle(HttpExchange exchange) {
        if (EXECUTOR_PATHS.contains(exchange.getRequestURI().getPath())) {
            executor(exchange);
            return;
        }
        ScheduledFuture<?> patience = timers.schedule(exchange::close, MAX_ANSWER_SECONDS, TimeUnit.SECONDS);
        try {
            admit(exchange);
        } finally {
            patience.cancel(false);
        }
    }

    private void admit(HttpExchange exchange) {
        boolean admitted = room.tryAcquire();
        try (exchange) {
            if (!admitted) {
                text(exchange, 503, "Too many requests at a time; try again.\n");
                return;
            }
            answer(exchange);
        } catch (IOException gone) {
            log.debug("A client went away", gone);
        } catch (RuntimeException e) {
            log.error("Cannot answer {}", exchange.getRequestURI(), e);
        } finally {
            if (admitted) {
                room.release();
            }
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            exchange.getResponseHeaders().set("Allow", "GET, HEAD");
            text(exchange, 405, "Expecting one of { 'GET', 'HEAD' }, but received '" + method + "'.\n");
            return;
        }
        String path = exchange.getRequestURI().getPath();
        for (String prefix : new String[] {"/slave(1)", "/slave%281%29"}) {
            if (path.startsWith(prefix + "/")) {
                path = path.substring(prefix.length());
            }
        }
        try {
            Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
            switch (path) {
                case "/health" -> text(exchange, 200, "");
                case "/version" -> json(exchange, query, state.version());
                case "/state", "/state.json" -> json(exchange, query, state.state());
                case "/flags" -> json(exchange, query, state.flags());
                case "/containers" -> json(exchange, query, state.containers());
                case "/monitor/statistics", "/monitor/statistics.json" -> json(exchange, query, state.statistics());
                case "/metrics/snapshot" -> json(exchange, query, state.snapshot());
                case "/metrics" -> send(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", state.metrics());
                case "/files/browse", "/files/browse.json" -> json(exchange, query, files.browse(query));
                case "/files/read", "/files/read.json" -> json(exchange, query, files.read(query));
                case "/files/download", "/files/download.json" -> files.download(query, exchange);
                default -> text(exchange, 404, "");
            }
        } catch (Refusal refusal) {
            text(exchange, refusal.status, refusal.text);
        } catch (IllegalArgumentException malformed) {
            text(exchange, 400, "Malformed query: " + malformed.getMessage() + "\n");
        }
    }

    private static Map<String, String> query(String raw) {
        Map<String, String> parameters = new HashMap<>();
        if (raw == null) {
            return parameters;
        }
        for (String pair : raw.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                parameters.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** With {@code jsonp=f} the answer is a call of f, as libprocess does it. */
    private static void json(HttpExchange exchange, Map<String, String> query, byte[] body) throws IOException {
        String callback = query.get("jsonp");
        if (callback != null && callback.matches("[A-Za-z0-9_.$]{1,200}")) {
            String call = callback + "(" + new String(body, StandardCharsets.UTF_8) + ");";
            send(exchange, 200, "text/javascript", call.getBytes(StandardCharsets.UTF_8));
            return;
        }
        send(exchange, 200, "application/json", body);
    }

    private static void text(HttpExchange exchange, int status, String text) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
        if (!head && body.length > 0) {
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
        timers.shutdownNow();
    }
}
