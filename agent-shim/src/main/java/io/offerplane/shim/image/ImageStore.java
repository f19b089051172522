package io.offerplane.shim.image;

import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.json.JsonValues;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What there is of images on the disk: {@code references}, a file for each name with the digest of its manifest; {@code blobs}, as they
 * came, by digest; {@code layers}, unpacked, by the beginning of their digest. Safe for several threads, but for {@link #sweep}.
 */
final class ImageStore {
    private static final Logger log = LoggerFactory.getLogger(ImageStore.class);

    private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    /** The kernel's overlay is told of all layers in one page, so their names are short; 128 bits are still nobody else's. */
    private static final int LAYER_NAME = 32;

    /** As registries limit manifests. */
    private static final long MOST_JSON_BYTES = 4 << 20;

    private final Path references;
    private final Path blobs;
    private final Path layers;

    ImageStore(Path folder) throws IOException {
        this.references = Files.createDirectories(folder.resolve("references"));
        this.blobs = folder.resolve("blobs");
        Files.createDirectories(blobs.resolve("sha256"));
        this.layers = Files.createDirectories(folder.resolve("layers"));
    }

    Path blobs() {
        return blobs;
    }

    /** What an image's manifest lists. */
    private record Manifest(String config, List<String> layers) {}

    /** The image that a name stands for on this node; absent unless all of it is there. */
    Optional<Image> find(ImageReference reference, Instant now) throws IOException {
        Path file = fileOf(reference);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Files.setLastModifiedTime(file, FileTime.from(now));
        Optional<String> written = digestIn(file);
        if (written.isEmpty()) {
            return Optional.empty();
        }
        String digest = written.get();
        Manifest manifest = manifest(digest);
        List<Path> unpacked = new ArrayList<>();
        for (String layer : manifest.layers().reversed()) {
            unpacked.add(layer(layer));
        }
        return unpacked.stream().allMatch(Files::isDirectory) && Files.exists(blob(manifest.config()))
                ? Optional.of(new Image(digest, unpacked, ImageConfig.parse(json(manifest.config()))))
                : Optional.empty();
    }

    /**
     * Takes a pulled image up.
     *
     * @param layout a folder as the OCI image layout describes, whose blobs are here
     */
    void add(ImageReference reference, Path layout, Layers unpacker) throws IOException, InterruptedException {
        Map<?, ?> index = JsonValues.object(limited(layout.resolve("index.json")));
        List<?> manifests = JsonValues.list(index.get("manifests"));
        String digest = manifests.size() == 1 && manifests.getFirst() instanceof Map<?, ?> only
                ? digest(JsonValues.text(only, "digest"))
                : "";
        if (digest.isEmpty()) {
            throw new IOException("it came as " + manifests.size() + " manifests; expected one");
        }
        for (String layer : manifest(digest).layers()) {
            unpacker.unpack(blob(layer), layer(layer));
        }
        Path file = fileOf(reference);
        Path partial = file.resolveSibling(file.getFileName() + ".partial");
        Files.writeString(partial, digest + "\n");
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What a name stands for, by its file; absent when that is damaged, or its manifest isn't here. */
    private Optional<String> digestIn(Path file) throws IOException {
        String digest = Files.readString(file).strip();
        return Optional.of(digest).filter(d -> DIGEST.matcher(d).matches() && Files.exists(blob(d)));
    }

    private Manifest manifest(String digest) throws IOException {
        Map<?, ?> manifest = JsonValues.object(json(digest));
        List<String> found = new ArrayList<>();
        for (Object layer : JsonValues.list(manifest.get("layers"))) {
            found.add(digest(layer instanceof Map<?, ?> entry ? JsonValues.text(entry, "digest") : ""));
        }
        if (found.isEmpty()) {
            throw new IOException("it has no layers");
        }
        return new Manifest(digest(JsonValues.text(JsonValues.map(manifest, "config"), "digest")), found);
    }

    private byte[] json(String digest) throws IOException {
        return limited(blob(digest));
    }

    private static byte[] limited(Path file) throws IOException {
        if (Files.size(file) > MOST_JSON_BYTES) {
            throw new IOException("its manifest or configuration has more than " + MOST_JSON_BYTES + " bytes");
        }
        return Files.readAllBytes(file);
    }

    private static String digest(String text) throws IOException {
        if (!DIGEST.matcher(text).matches()) {
            throw new IOException("its manifest has '" + text + "' for a digest; expected sha256: and 64 digits");
        }
        return text;
    }

    private Path blob(String digest) {
        return blobs.resolve("sha256").resolve(hex(digest));
    }

    private Path layer(String digest) {
        return layers.resolve(hex(digest).substring(0, LAYER_NAME));
    }

    private static String hex(String digest) {
        return digest.substring(digest.indexOf(':') + 1);
    }

    private Path fileOf(ImageReference reference) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest(reference.toString().getBytes(StandardCharsets.UTF_8));
            return references.resolve(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** Names that nobody has asked for since a moment, the longest unused first. */
    List<Path> unusedSince(Instant moment) throws IOException {
        record Use(Path file, Instant at) {}
        List<Use> uses = new ArrayList<>();
        for (Path file : files(references)) {
            Instant at = Files.getLastModifiedTime(file).toInstant();
            if (at.isBefore(moment)) {
                uses.add(new Use(file, at));
            }
        }
        uses.sort(Comparator.comparing(Use::at));
        return uses.stream().map(Use::file).toList();
    }

    /**
     * Removes what no name leads to. Nothing may be pulled meanwhile.
     *
     * @param inUse names of layers' folders that containers stand on
     */
    void sweep(Set<String> inUse) throws IOException {
        Set<Path> wanted = new HashSet<>();
        for (Path file : files(references)) {
            Optional<String> digest = digestIn(file);
            if (digest.isEmpty()) {
                Files.delete(file);
                continue;
            }
            Manifest manifest;
            try {
                manifest = manifest(digest.get());
            } catch (IOException damaged) {
                // Nobody can use it, and it would keep the others from ever being removed.
                log.warn("The manifest {} is damaged; its image will be pulled again", digest.get(), damaged);
                Files.delete(file);
                continue;
            }
            wanted.add(blob(digest.get()));
            wanted.add(blob(manifest.config()));
            manifest.layers().forEach(layer -> {
                wanted.add(blob(layer));
                wanted.add(layer(layer));
            });
        }
        for (Path blob : files(blobs.resolve("sha256"))) {
            if (!wanted.contains(blob)) {
                Files.delete(blob);
            }
        }
        for (Path layer : files(layers)) {
            if (!wanted.contains(layer) && !inUse.contains(String.valueOf(layer.getFileName()))) {
                DefaultRootfs.removeTree(layer);
            }
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        try (var entries = Files.list(folder)) {
            return entries.toList();
        }
    }
}
