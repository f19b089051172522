package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonGenerator;
import com.sun.net.httpserver.HttpExchange;
import io.offerplane.shim.Agent;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.mesos.v1.Protos.FileInfo;

/** Mesos' {@code /files/browse}, {@code /files/read}, {@code /files/download} and {@code /files/debug}. Source: Mesos 1.11 files.cpp. */
final class FilesPages {

    private final Agent agent;
    private final SandboxFiles files;

    FilesPages(Agent agent, SandboxFiles files) {
        this.agent = agent;
        this.files = files;
    }

    private static String path(Query query) throws Refusal {
        return query.get("path")
                .filter(path -> !path.isEmpty())
                .orElseThrow(() -> new Refusal(400, "Expecting 'path=value' in query.\n"));
    }

    byte[] browse(Query query) throws IOException, Refusal {
        var list = files.list(path(query));
        return Json.bytes(json -> {
            json.writeStartArray();
            for (FileInfo file : list) {
                entry(json, file);
            }
            json.writeEndArray();
        });
    }

    private static void entry(JsonGenerator json, FileInfo file) throws IOException {
        json.writeStartObject();
        json.writeStringField("path", file.getPath());
        json.writeNumberField("nlink", file.getNlink());
        json.writeNumberField("size", file.getSize());
        json.writeNumberField(
                "mtime", TimeUnit.NANOSECONDS.toSeconds(file.getMtime().getNanoseconds()));
        json.writeStringField("mode", mode(file.getMode()));
        json.writeStringField("uid", file.getUid());
        json.writeStringField("gid", file.getGid());
        json.writeEndObject();
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

    /** An offset of -1, also by default, asks for the size only: that is how tools find the end. */
    byte[] read(Query query) throws IOException, Refusal {
        String path = path(query);
        long offset = number(query, "offset");
        long length = number(query, "length");
        if (offset < -1) {
            throw new Refusal(400, "Negative offset provided: " + offset + ".\n");
        }
        if (length < -1) {
            throw new Refusal(400, "Negative length provided: " + length + ".\n");
        }
        SandboxFiles.Piece piece = files.read(path, offset, length);
        return Json.object(json -> {
            json.writeNumberField("offset", offset == -1 ? piece.size() : offset);
            json.writeStringField("data", piece.data().toStringUtf8());
        });
    }

    private static long number(Query query, String name) throws Refusal {
        String text = query.get(name).orElse("");
        if (text.isEmpty()) {
            return -1;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new Refusal(400, "Failed to parse " + name + ": Failed to convert '" + text + "' to number.\n");
        }
    }

    /** Sends the file as it is; one that grows meanwhile as long as it was. */
    void download(Query query, HttpExchange exchange) throws IOException, Refusal {
        SandboxFiles.Download download = files.open(path(query));
        try (SeekableByteChannel file = download.content()) {
            String type = Files.probeContentType(download.name());
            exchange.getResponseHeaders().set("Content-Type", type == null ? "application/octet-stream" : type);
            exchange.getResponseHeaders()
                    .set(
                            "Content-Disposition",
                            "attachment; filename=" + download.name().toString().replaceAll("[^A-Za-z0-9._-]", "_"));
            long size = file.size();
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head || size == 0 ? -1 : size);
            if (head || size == 0) {
                return;
            }
            try (OutputStream out = exchange.getResponseBody()) {
                ByteBuffer buffer = ByteBuffer.allocate(SandboxFiles.MAX_READ);
                for (long left = size; left > 0; left -= buffer.position()) {
                    buffer.clear().limit((int) Math.min(left, SandboxFiles.MAX_READ));
                    if (file.read(buffer) < 0) {
                        throw new IOException(download.name() + " became shorter while it was sent");
                    }
                    out.write(buffer.array(), 0, buffer.position());
                }
            }
        }
    }

    /** Which path shows which folder, of all executors that are known; the files of others on the disk are shown, too, to who asks. */
    byte[] debug() {
        Map<String, String> attached = new TreeMap<>();
        HeldFrameworks.of(agent).all().flatMap(HeldFrameworks.Framework::all).forEach(executor -> {
            attached.put(executor.directory(), executor.directory());
            attached.put(
                    "/frameworks/" + executor.frameworkId() + "/executors/" + executor.id() + "/runs/latest",
                    executor.directory());
        });
        return Json.object(json -> {
            for (var path : attached.entrySet()) {
                json.writeStringField(path.getKey(), path.getValue());
            }
        });
    }
}
