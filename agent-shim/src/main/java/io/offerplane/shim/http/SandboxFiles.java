package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Mesos' {@code /files/*}: reads sandboxes and nothing else. A path is resolved with its links first and must lie in the sandbox
 * that it started in; then it is opened step by step beneath the sandbox's own folder without following links, so that a task that
 * swaps a folder for a link in between gains nothing.
 */
final class SandboxFiles {

    private static final JsonFactory JSON = new JsonFactory();

    /** Mesos reads at most 16 pages per request. */
    private static final int MAX_READ = 16 * 4096;

    private final Path slaves;

    SandboxFiles(Path work) {
        this.slaves = work.resolve("slaves");
    }

    /** Names between {@code slaves} and what is in a sandbox: agent, frameworks, id, executors, id, runs, container. */
    private static final int SANDBOX_DEPTH = 7;

    /** The same without the agent, as in the virtual paths. */
    private static final int VIRTUAL_DEPTH = 6;

    /**
     * Something in a sandbox.
     *
     * @param root the sandbox, without links
     * @param inside the rest, without links; empty for the sandbox itself
     */
    private record Place(Path root, Path inside) {
        Path real() {
            return root.resolve(inside);
        }

        boolean isRoot() {
            return inside.toString().isEmpty();
        }
    }

    private Place find(Map<String, String> query) throws AgentHttpServer.Refusal {
        String path = query.get("path");
        if (path == null || path.isEmpty()) {
            throw new AgentHttpServer.Refusal(400, "Expecting 'path=value' in query.\n");
        }
        try {
            Path asked = absolute(Path.of(path).normalize());
            Path names = asked.startsWith(slaves) ? slaves.relativize(asked) : Path.of("");
            if (names.getNameCount() < SANDBOX_DEPTH
                    || !names.getName(1).toString().equals("frameworks")
                    || !names.getName(3).toString().equals("executors")
                    || !names.getName(5).toString().equals("runs")) {
                throw new AgentHttpServer.Refusal(404, "");
            }
            Path root = slaves.resolve(names.subpath(0, SANDBOX_DEPTH)).toRealPath();
            Path real = slaves.resolve(names).toRealPath();
            if (!root.startsWith(slaves.toRealPath()) || !real.startsWith(root)) {
                throw new AgentHttpServer.Refusal(400, "'" + path + "' is inaccessible.\n");
            }
            return new Place(root, root.relativize(real));
        } catch (NoSuchFileException e) {
            throw new AgentHttpServer.Refusal(404, "");
        } catch (IOException | InvalidPathException e) {
            throw new AgentHttpServer.Refusal(400, "'" + path + "' is inaccessible.\n");
        }
    }

    /** Turns the virtual {@code /frameworks/<id>/executors/<id>/runs/<run>...} into where it lies. */
    private Path absolute(Path asked) throws IOException {
        if (asked.getNameCount() < VIRTUAL_DEPTH || !asked.getName(0).toString().equals("frameworks")) {
            return asked;
        }
        Path inside = asked.subpath(0, asked.getNameCount());
        try (DirectoryStream<Path> agents = Files.newDirectoryStream(slaves)) {
            for (Path agent : agents) {
                if (Files.isDirectory(agent.resolve(inside.subpath(0, VIRTUAL_DEPTH)))) {
                    return agent.resolve(inside);
                }
            }
        }
        throw new NoSuchFileException(asked.toString());
    }

    /** Opens a regular file beneath the sandbox without following any link. */
    private static SeekableByteChannel open(Place place, String directoryMessage)
            throws IOException, AgentHttpServer.Refusal {
        if (place.isRoot() || Files.isDirectory(place.real(), LinkOption.NOFOLLOW_LINKS)) {
            throw new AgentHttpServer.Refusal(400, directoryMessage);
        }
        try (DirectoryStream<Path> root = Files.newDirectoryStream(place.root())) {
            return open(secure(root), place.inside());
        }
    }

    private static SeekableByteChannel open(SecureDirectoryStream<Path> folder, Path inside)
            throws IOException, AgentHttpServer.Refusal {
        Path name = inside.getName(0);
        if (inside.getNameCount() > 1) {
            try (SecureDirectoryStream<Path> next = folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
                return open(next, inside.subpath(1, inside.getNameCount()));
            }
        }
        var view = folder.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        if (!view.readAttributes().isRegularFile()) {
            // A pipe would hold the request for ever.
            throw new AgentHttpServer.Refusal(400, "'" + name + "' is no regular file.\n");
        }
        return folder.newByteChannel(name, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS));
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) throws IOException {
        if (stream instanceof SecureDirectoryStream<Path> secure) {
            return secure;
        }
        throw new IOException("this file system can't open files beneath a folder");
    }

    byte[] browse(Map<String, String> query) throws IOException, AgentHttpServer.Refusal {
        Place place = find(query);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartArray();
            if (Files.isDirectory(place.real(), LinkOption.NOFOLLOW_LINKS)) {
                String prefix = query.getOrDefault("path", "");
                List<String> names = new ArrayList<>();
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(place.real())) {
                    for (Path entry : entries) {
                        names.add(String.valueOf(entry.getFileName()));
                    }
                }
                Collections.sort(names);
                for (String name : names) {
                    entry(json, place.real().resolve(name), (prefix.endsWith("/") ? prefix : prefix + "/") + name);
                }
            }
            json.writeEndArray();
        }
        return out.toByteArray();
    }

    private static void entry(JsonGenerator json, Path file, String shown) throws IOException {
        Map<String, Object> unix;
        PosixFileAttributes posix;
        try {
            unix = Files.readAttributes(file, "unix:mode,nlink,size,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
            posix = Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException gone) {
            return;
        }
        int mode = (Integer) value(unix, "mode");
        json.writeStartObject();
        json.writeStringField("path", shown);
        json.writeNumberField("nlink", ((Number) value(unix, "nlink")).longValue());
        json.writeNumberField("size", ((Number) value(unix, "size")).longValue());
        json.writeNumberField("mtime", ((FileTime) value(unix, "lastModifiedTime")).to(TimeUnit.SECONDS));
        json.writeStringField("mode", mode(mode));
        json.writeStringField("uid", posix.owner().getName());
        json.writeStringField("gid", posix.group().getName());
        json.writeEndObject();
    }

    private static Object value(Map<String, Object> attributes, String name) throws IOException {
        Object value = attributes.get(name);
        if (value == null) {
            throw new IOException("this file system has no attribute " + name);
        }
        return value;
    }

    /** As {@code ls} shows it. */
    private static String mode(int mode) {
        char type =
                switch (mode & 0170000) {
                    case 0040000 -> 'd';
                    case 0120000 -> 'l';
                    case 0010000 -> 'p';
                    case 0140000 -> 's';
                    case 0020000 -> 'c';
                    case 0060000 -> 'b';
                    default -> '-';
                };
        StringBuilder text = new StringBuilder(10).append(type);
        for (int bit = 8; bit >= 0; bit--) {
            text.append((mode & (1 << bit)) == 0 ? '-' : "xwr".charAt(bit % 3));
        }
        return text.toString();
    }

    byte[] read(Map<String, String> query) throws IOException, AgentHttpServer.Refusal {
        if (query.getOrDefault("path", "").isEmpty()) {
            throw new AgentHttpServer.Refusal(400, "Expecting 'path=value' in query.\n");
        }
        long offset = number(query, "offset", -1);
        long length = number(query, "length", -1);
        if (offset < -1) {
            throw new AgentHttpServer.Refusal(400, "Negative offset provided: " + offset + ".\n");
        }
        if (length < -1) {
            throw new AgentHttpServer.Refusal(400, "Negative length provided: " + length + ".\n");
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SeekableByteChannel file = open(find(query), "Cannot read a directory.\n");
                JsonGenerator json = JSON.createGenerator(out)) {
            long size = file.size();
            String data = "";
            long at = offset;
            if (offset == -1) {
                at = size;
            } else if (offset < size) {
                long wanted = Math.min(length == -1 ? MAX_READ : length, Math.min(MAX_READ, size - offset));
                ByteBuffer buffer = ByteBuffer.allocate((int) wanted);
                file.position(offset);
                int n = 0;
                while (buffer.hasRemaining() && n >= 0) {
                    n = file.read(buffer);
                }
                data = new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
            }
            json.writeStartObject();
            json.writeNumberField("offset", at);
            json.writeStringField("data", data);
            json.writeEndObject();
        }
        return out.toByteArray();
    }

    private static long number(Map<String, String> query, String name, long otherwise) throws AgentHttpServer.Refusal {
        String text = query.get(name);
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new AgentHttpServer.Refusal(
                    400, "Failed to parse " + name + ": Failed to convert '" + text + "' to number.\n");
        }
    }

    void download(Map<String, String> query, HttpExchange exchange) throws IOException, AgentHttpServer.Refusal {
        Place place = find(query);
        try (SeekableByteChannel file = open(place, "Cannot download a directory.\n")) {
            String name = String.valueOf(place.inside().getFileName());
            String type = Files.probeContentType(place.inside());
            exchange.getResponseHeaders().set("Content-Type", type == null ? "application/octet-stream" : type);
            exchange.getResponseHeaders()
                    .set("Content-Disposition", "attachment; filename=" + name.replaceAll("[^A-Za-z0-9._-]", "_"));
            long size = file.size();
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head || size == 0 ? -1 : size);
            if (!head && size > 0) {
                try (OutputStream out = exchange.getResponseBody()) {
                    // A file that grows meanwhile is sent as long as it was; one that shrinks ends the connection.
                    ByteBuffer buffer = ByteBuffer.allocate(MAX_READ);
                    for (long left = size; left > 0; left -= buffer.position()) {
                        buffer.clear().limit((int) Math.min(left, MAX_READ));
                        if (file.read(buffer) < 0) {
                            throw new IOException(place.inside() + " became shorter while it was sent");
                        }
                        out.write(buffer.array(), 0, buffer.position());
                    }
                }
            }
        }
    }
}
