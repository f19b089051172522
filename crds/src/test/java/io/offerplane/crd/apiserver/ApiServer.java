package io.offerplane.crd.apiserver;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** One kube-apiserver with its etcd, on free ports and in a temporary folder. Closing it removes both. */
public final class ApiServer implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(90);

    private final Path folder;
    private final List<Process> processes = new ArrayList<>();
    private final String token = UUID.randomUUID().toString();
    private final int port;
    private final Thread reaper = new Thread(this::stopProcesses, "apiserver-reaper");

    private ApiServer(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /** Where the binaries are looked for: {@code $OFFERPLANE_CACHE/bin}, else {@code ~/.cache/offerplane/bin}. */
    public static Path binaries() {
        String cache = System.getenv("OFFERPLANE_CACHE");
        return cache == null || cache.isBlank()
                ? Path.of(System.getProperty("user.home"), ".cache", "offerplane", "bin")
                : Path.of(cache, "bin");
    }

    public static boolean isInstalled() {
        return Files.isExecutable(binaries().resolve("etcd"))
                && Files.isExecutable(binaries().resolve("kube-apiserver"));
    }

    /** Starts both and waits until the server is ready. */
    public static ApiServer start() throws IOException {
        ApiServer server = new ApiServer(Files.createTempDirectory("offerplane-apiserver"), freePort());
        try {
            server.run();
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private void run() throws IOException {
        Runtime.getRuntime().addShutdownHook(reaper);
        Path bin = binaries();
        int etcdPort = freePort();
        int peerPort = freePort();
        String etcd = "http://127.0.0.1:" + etcdPort;
        spawn(
                "etcd",
                bin.resolve("etcd").toString(),
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + etcd,
                "--advertise-client-urls=" + etcd,
                "--listen-peer-urls=http://127.0.0.1:" + peerPort,
                "--unsafe-no-fsync");
        writeKeys();
        Files.writeString(folder.resolve("tokens.csv"), token + ",admin,admin,\"system:masters\"\n");
        Process server = spawn(
                "apiserver",
                bin.resolve("kube-apiserver").toString(),
                "--etcd-servers=" + etcd,
                "--secure-port=" + port,
                "--bind-address=127.0.0.1",
                "--cert-dir=" + folder.resolve("pki"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + folder.resolve("sa.pub"),
                "--service-account-signing-key-file=" + folder.resolve("sa.key"),
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--authorization-mode=RBAC",
                // Nobody makes default service accounts here.
                "--disable-admission-plugins=ServiceAccount",
                "--service-cluster-ip-range=10.96.0.0/16",
                "--allow-privileged=true");
        awaitReady(server);
    }

    private void awaitReady(Process server) throws IOException {
        Instant limit = Instant.now().plus(START_LIMIT);
        try (KubernetesClient client = client()) {
            String last = "no answer yet";
            while (Instant.now().isBefore(limit)) {
                if (!server.isAlive()) {
                    throw new IOException("kube-apiserver ended while starting: " + tail("apiserver"));
                }
                try {
                    last = client.raw("/readyz");
                    if ("ok".equals(last)
                            && client.namespaces().withName("default").get() != null) {
                        return;
                    }
                } catch (KubernetesClientException e) {
                    last = String.valueOf(e.getMessage());
                }
                pause();
            }
            throw new IOException("kube-apiserver not ready after " + START_LIMIT + ": " + last + "; its log ends: "
                    + tail("apiserver"));
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while kube-apiserver started", e);
        }
    }

    /** A new client with every right; the caller closes it. */
    public KubernetesClient client() {
        return new KubernetesClientBuilder().withConfig(config()).build();
    }

    /** How to reach the server with every right. */
    public Config config() {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + port)
                .withTrustCerts(true)
                .withOauthToken(token)
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    private Process spawn(String name, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
        processes.add(process);
        return process;
    }

    private String tail(String name) throws IOException {
        try (InputStream log = Files.newInputStream(folder.resolve(name + ".log"))) {
            String text = new String(log.readAllBytes(), StandardCharsets.UTF_8);
            return text.substring(Math.max(0, text.length() - 2000));
        }
    }

    private void writeKeys() throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            KeyPair pair = generator.generateKeyPair();
            Files.writeString(
                    folder.resolve("sa.key"),
                    pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
            Files.writeString(
                    folder.resolve("sa.pub"), pem("PUBLIC KEY", pair.getPublic().getEncoded()));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label + "-----\n";
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void stopProcesses() {
        // The server before its store, or it complains at length.
        processes.reversed().forEach(Process::destroyForcibly);
        for (Process process : processes) {
            try {
                process.waitFor(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() throws IOException {
        stopProcesses();
        try {
            Runtime.getRuntime().removeShutdownHook(reaper);
        } catch (IllegalStateException e) {
            // The JVM is already going down, and the hook does the same.
            return;
        }
        if (Files.exists(folder)) {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    }
}
