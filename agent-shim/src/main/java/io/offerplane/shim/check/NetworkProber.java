package io.offerplane.shim.check;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Looks at tasks over the node's network, which is theirs too. Goes after redirects, and trusts every certificate, as Mesos does: the task is the
 * other end, however it proves that.
 */
public final class NetworkProber implements Prober {

    private static final int MAX_REDIRECTS = 20;
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private interface Look extends AutoCloseable {
        ProbeOutcome look() throws IOException;

        /** Ends a look that is under way, from another thread. */
        @Override
        void close();
    }

    @Override
    public ProbeOutcome probe(Probe probe, Duration timeout) throws InterruptedException {
        return switch (probe) {
            case Probe.Http http -> within(timeout, new Request(http));
            case Probe.Tcp tcp -> within(timeout, new Connection(tcp));
            case Probe.Command command -> throw new IllegalArgumentException("a command has no place on the network");
        };
    }

    /** The library's own limits are for single steps, of which a task that trickles makes many. */
    private static ProbeOutcome within(Duration timeout, Look look) throws InterruptedException {
        CompletableFuture<ProbeOutcome> outcome = new CompletableFuture<>();
        try (look) {
            Thread.ofVirtual().name("probe-", 0).start(() -> {
                try {
                    outcome.complete(look.look());
                } catch (IOException | RuntimeException e) {
                    outcome.complete(new ProbeOutcome.Failed(e.toString()));
                }
            });
            return timeout.isZero() ? outcome.get() : outcome.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return new ProbeOutcome.Failed("no answer within " + timeout.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing fails this", e);
        }
    }

    private record Connection(Probe.Tcp probe, Socket socket) implements Look {
        Connection(Probe.Tcp probe) {
            this(probe, new Socket());
        }

        @Override
        public ProbeOutcome look() {
            try {
                socket.connect(new InetSocketAddress(probe.version().loopback(), probe.port()));
                return new ProbeOutcome.Connected(true);
            } catch (SocketTimeoutException e) {
                return new ProbeOutcome.Failed(e.toString());
            } catch (IOException refused) {
                return new ProbeOutcome.Connected(false);
            }
        }

        @Override
        public void close() {
            try {
                socket.close();
            } catch (IOException gone) {
                throw new IllegalStateException("a socket that can't be closed", gone);
            }
        }
    }

    private static final class Request implements Look {
        private final Probe.Http probe;
        private volatile boolean closed;
        private volatile @Nullable HttpURLConnection connection;

        Request(Probe.Http probe) {
            this.probe = probe;
        }

        @Override
        public ProbeOutcome look() throws IOException {
            String host = probe.version() == Probe.IpVersion.V6
                    ? "[" + probe.version().loopback() + "]"
                    : probe.version().loopback();
            URL at;
            try {
                at = new URI(probe.scheme() + "://" + host + ":" + probe.port() + probe.path()).toURL();
            } catch (URISyntaxException | IllegalArgumentException e) {
                return new ProbeOutcome.Failed("the path '" + probe.path() + "' makes no URL: " + e.getMessage());
            }
            for (int i = 0; i <= MAX_REDIRECTS && !closed; i++) {
                HttpURLConnection next = open(at);
                connection = next;
                int status = next.getResponseCode();
                String target = next.getHeaderField("Location");
                next.disconnect();
                if (status < 0) {
                    return new ProbeOutcome.Failed("the task's answer is no HTTP");
                }
                if (!REDIRECTS.contains(status) || target == null) {
                    return new ProbeOutcome.Answered(status);
                }
                try {
                    at = at.toURI().resolve(target).toURL();
                } catch (URISyntaxException | IllegalArgumentException e) {
                    return new ProbeOutcome.Failed("a redirect to '" + target + "': " + e.getMessage());
                }
            }
            return new ProbeOutcome.Failed("more than " + MAX_REDIRECTS + " redirects");
        }

        private static HttpURLConnection open(URL at) throws IOException {
            if (!(at.openConnection(Proxy.NO_PROXY) instanceof HttpURLConnection http)) {
                throw new IOException("a redirect to " + at + ", which is neither http nor https");
            }
            http.setInstanceFollowRedirects(false);
            http.setUseCaches(false);
            http.setRequestProperty("Connection", "close");
            if (http instanceof HttpsURLConnection https) {
                https.setHostnameVerifier((name, session) -> true);
                https.setSSLSocketFactory(trusting().getSocketFactory());
            }
            return http;
        }

        private static SSLContext trusting() throws IOException {
            try {
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, new TrustManager[] {new Trusting()}, new SecureRandom());
                return context;
            } catch (GeneralSecurityException e) {
                throw new IOException("cannot speak TLS", e);
            }
        }

        @Override
        public void close() {
            closed = true;
            HttpURLConnection open = connection;
            if (open != null) {
                open.disconnect();
            }
        }
    }
}
