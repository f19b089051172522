package io.offerplane.shim;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** The registry that Docker's own is, on a port of this machine, and images for it, put there by skopeo. */
final class TestRegistry implements AutoCloseable {

    /** Of {@link #PASSWORD}, as the registry wants it. */
    private static final String LOGIN = "mesos:$2y$05$abcdefghijklmnopqrstuutXu9KzOt.1yBoZUeFWoT/914/JfszCO\n";

    private static final String PASSWORD = "open-sesame";

    private final Path folder;
    private final int port;
    private final boolean locked;
    private final Process process;

    private TestRegistry(Path folder, int port, boolean locked, Process process) {
        this.folder = folder;
        this.port = port;
        this.locked = locked;
        this.process = process;
    }

    /** Starts one, or skips the test where there is none to start. */
    static TestRegistry start(Path folder, boolean locked) throws Exception {
        Path program = Path.of(
                System.getenv()
                        .getOrDefault("OFFERPLANE_CACHE", System.getProperty("user.home") + "/.cache/offerplane"),
                "clients/registry/usr/bin/docker-registry");
        assumeTrue(Files.isExecutable(program), program + " is not there: e2e/clients/install registry makes it");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/skopeo")), "skopeo is not installed");
        Files.createDirectories(folder);
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Files.writeString(folder.resolve("htpasswd"), LOGIN);
        String login = locked ? "auth: {htpasswd: {realm: test, path: " + folder.resolve("htpasswd") + "}}\n" : "";
        Files.writeString(
                folder.resolve("config.yml"),
                "version: 0.1\nlog: {level: info, accesslog: {disabled: false}}\nstorage: {filesystem: {rootdirectory: "
                        + folder.resolve("data") + "}}\nhttp: {addr: 127.0.0.1:" + port + "}\n" + login);
        Process process = new ProcessBuilder(
                        program.toString(),
                        "serve",
                        folder.resolve("config.yml").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        TestRegistry registry = new TestRegistry(folder, port, locked, process);
        FakeLeader.await("the registry", registry::answers, registry::log);
        return registry;
    }

    private boolean answers() {
        try {
            var connection = (HttpURLConnection)
                    URI.create("http://" + address() + "/v2/").toURL().openConnection();
            return connection.getResponseCode() == (locked ? 401 : 200);
        } catch (IOException notYet) {
            return false;
        }
    }

    String address() {
        return "127.0.0.1:" + port;
    }

    String log() {
        try {
            return Files.readString(folder.resolve("log"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** How often something was asked for, such as {@code GET} of {@code blobs/}. */
    long requests(String verb, String part) {
        return log().lines()
                .filter(line ->
                        line.contains("\"" + verb + " /v2/") && line.contains(part) && line.contains("HTTP/1.1\" 200"))
                .count();
    }

    /** In the form of Docker's config.json. */
    String credentials() {
        String both = Base64.getEncoder().encodeToString(("mesos:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
        return "{\"auths\": {\"" + address() + "\": {\"auth\": \"" + both + "\"}}}";
    }

    /** What a layer consists of. */
    static final class Layer {
        private record Entry(TarArchiveEntry head, ByteString content) {}

        private final List<Entry> entries = new ArrayList<>();
        private long noise;

        Layer folder(String name) {
            TarArchiveEntry entry = new TarArchiveEntry(name + "/");
            entry.setMode(040755);
            entries.add(new Entry(entry, ByteString.EMPTY));
            return this;
        }

        Layer file(String name, String content) {
            return file(name, content.getBytes(StandardCharsets.UTF_8), 0100644);
        }

        Layer program(String name, Path from) throws IOException {
            return file(name, Files.readAllBytes(from), 0100755);
        }

        private Layer file(String name, byte[] content, int mode) {
            TarArchiveEntry entry = new TarArchiveEntry(name);
            entry.setMode(mode);
            entry.setSize(content.length);
            entries.add(new Entry(entry, ByteString.copyFrom(content)));
            return this;
        }

        Layer owned(int uid, int gid) {
            TarArchiveEntry last = entries.getLast().head();
            last.setUserId(uid);
            last.setGroupId(gid);
            return this;
        }

        Layer link(String name, String target) {
            TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
            entry.setLinkName(target);
            entries.add(new Entry(entry, ByteString.EMPTY));
            return this;
        }

        /** A file of bytes that can't be packed. */
        Layer noise(long megabytes) {
            noise = megabytes;
            return this;
        }

        private void write(OutputStream out, long seed) throws IOException {
            try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
                tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
                for (Entry entry : entries) {
                    tar.putArchiveEntry(entry.head());
                    entry.content().writeTo(tar);
                    tar.closeArchiveEntry();
                }
                if (noise > 0) {
                    SplittableRandom random = new SplittableRandom(seed);
                    TarArchiveEntry entry = new TarArchiveEntry("noise-" + seed);
                    entry.setSize(noise << 20);
                    tar.putArchiveEntry(entry);
                    byte[] piece = new byte[1 << 20];
                    for (long i = 0; i < noise; i++) {
                        random.nextBytes(piece);
                        tar.write(piece);
                    }
                    tar.closeArchiveEntry();
                }
            }
        }
    }

    /** A layer with busybox and the names that it is called by. */
    static Layer busybox(String... names) throws IOException {
        Layer layer = new Layer()
                .folder("bin")
                .program("bin/busybox", TestNode.busybox().orElseThrow());
        for (String name : names) {
            layer.link("bin/" + name, "busybox");
        }
        return layer;
    }

    /**
     * Makes an image and has skopeo put it into the registry.
     *
     * @param config the {@code config} of the image's configuration, as JSON
     */
    void push(String name, String config, Layer... layers) throws Exception {
        Path layout = Files.createTempDirectory(folder, "layout");
        Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
        StringBuilder list = new StringBuilder();
        StringBuilder diffs = new StringBuilder();
        for (int i = 0; i < layers.length; i++) {
            Path file = layout.resolve("layer");
            MessageDigest packed = MessageDigest.getInstance("SHA-256");
            MessageDigest plain = MessageDigest.getInstance("SHA-256");
            try (OutputStream out = new DigestOutputStream(Files.newOutputStream(file), packed);
                    GZIPOutputStream zip = new GZIPOutputStream(out);
                    OutputStream tar = new DigestOutputStream(zip, plain)) {
                layers[i].write(tar, name.hashCode() + i);
            }
            String digest = HexFormat.of().formatHex(packed.digest());
            list.append(i == 0 ? "" : ",")
                    .append("{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"sha256:")
                    .append(digest)
                    .append("\",\"size\":")
                    .append(Files.size(file))
                    .append('}');
            diffs.append(i == 0 ? "" : ",")
                    .append("\"sha256:")
                    .append(HexFormat.of().formatHex(plain.digest()))
                    .append('"');
            Files.move(file, blobs.resolve(digest));
        }
        String configuration = blob(
                blobs,
                "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":" + config
                        + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffs + "]}}",
                "application/vnd.oci.image.config.v1+json");
        String manifest = blob(
                blobs,
                "{\"schemaVersion\":2,\"config\":" + configuration + ",\"layers\":[" + list + "]}",
                "application/vnd.oci.image.manifest.v1+json");
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(layout.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + manifest + "]}");
        List<String> command =
                new ArrayList<>(List.of("skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false"));
        if (locked) {
            command.add("--dest-creds=mesos:" + PASSWORD);
        }
        command.addAll(List.of("oci:" + layout, "docker://" + address() + "/" + name));
        Process skopeo = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(skopeo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (skopeo.waitFor() != 0) {
            throw new AssertionError("skopeo can't push " + name + ": " + said + log());
        }
    }

    private static String blob(Path blobs, String content, String type) throws Exception {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        try (InputStream in = new ByteArrayInputStream(bytes)) {
            Files.copy(in, blobs.resolve(digest));
        }
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"sha256:" + digest + "\",\"size\":" + bytes.length + "}";
    }

    /** Changes the last byte of each layer that is stored for a repository, as a broken disk might. */
    void corrupt() throws IOException {
        try (var files = Files.walk(folder.resolve("data/docker/registry/v2/blobs"))) {
            for (Path data : files.filter(f -> f.endsWith("data")).toList()) {
                byte[] bytes = Files.readAllBytes(data);
                if (bytes[0] == 0x1f) {
                    bytes[bytes.length - 1] ^= 1;
                    Files.write(data, bytes);
                }
            }
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
