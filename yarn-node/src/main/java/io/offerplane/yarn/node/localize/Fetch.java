package io.offerplane.yarn.node.localize;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivilegedExceptionAction;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.LocalResourceType;
import org.apache.hadoop.yarn.api.records.LocalResourceVisibility;

/** Brings one file here, through Hadoop's own file systems or from an open folder of the node, and unpacks it where it is an archive. */
final class Fetch {
    private static final Set<String> SCHEMES = Set.of("file", "http", "https", "hdfs");
    private static final ArchiveUnpacker.Limits LIMITS = new ArchiveUnpacker.Limits(1_000_000, 50L << 30);

    private final Configuration conf;
    private final UserGroupInformation user;
    private final ResourceKey key;
    private final List<Path> folders;

    /** @param folders of the node that files may come from */
    Fetch(Configuration conf, UserGroupInformation user, ResourceKey key, List<Path> folders) {
        this.conf = conf;
        this.folders = folders;
        this.user = user;
        this.key = key;
    }

    /** Fetches into an empty directory; returns what a container is to link to. */
    Path into(Path directory) throws LocalizationException {
        String scheme = key.uri().getScheme();
        if (scheme == null || !SCHEMES.contains(scheme.toLowerCase(Locale.ROOT))) {
            throw new LocalizationException(
                    key.uri() + ": files are fetched by file, http, https or hdfs, not by " + scheme);
        }
        if (key.name().isEmpty() || key.name().equals("..") || key.name().equals(".")) {
            throw new LocalizationException(key.uri() + " names no file");
        }
        try {
            return user.doAs((PrivilegedExceptionAction<Path>) () -> fetch(directory));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LocalizationException(key.uri() + ": interrupted", e);
        } catch (IOException | UncheckedIOException e) {
            throw new LocalizationException(key.uri() + ": " + e, e);
        } catch (java.lang.reflect.UndeclaredThrowableException e) {
            if (e.getCause() instanceof LocalizationException refused) {
                throw new LocalizationException(key.uri() + ": " + refused.getMessage(), refused);
            }
            throw new LocalizationException(key.uri() + ": " + e.getCause(), e);
        }
    }

    private Source source() throws IOException, LocalizationException {
        if ("file".equalsIgnoreCase(key.uri().getScheme())) {
            return LocalFile.find(Path.of(key.uri().getPath()), folders);
        }
        return Source.OfHadoop.find(FileSystem.newInstance(key.uri(), conf), new org.apache.hadoop.fs.Path(key.uri()));
    }

    private Path fetch(Path directory) throws IOException, LocalizationException {
        try (Source source = source()) {
            check(source);
            Path target = directory.resolve(key.name());
            boolean archive = key.type() != LocalResourceType.FILE && ArchiveUnpacker.isArchive(key.name());
            if (!archive) {
                copy(source, target);
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(mode()));
                return target;
            }
            Path packed = directory.resolve(key.name() + ".packed");
            copy(source, packed);
            Files.createDirectory(target);
            ArchiveUnpacker.unpack(packed, key.name(), target, wanted(), LIMITS);
            if (key.type() == LocalResourceType.PATTERN) {
                // The jar itself stays beside what came out of it.
                Files.move(packed, target.resolve(key.name()));
            } else {
                Files.delete(packed);
            }
            return target;
        }
    }

    private String mode() {
        return key.visibility() == LocalResourceVisibility.PUBLIC ? "rwxr-xr-x" : "rwx------";
    }

    private Predicate<String> wanted() throws LocalizationException {
        if (key.type() != LocalResourceType.PATTERN) {
            return name -> true;
        }
        try {
            return Pattern.compile(key.pattern()).asMatchPredicate();
        } catch (PatternSyntaxException e) {
            throw new LocalizationException("no pattern: " + key.pattern(), e);
        }
    }

    private void check(Source source) throws IOException, LocalizationException {
        String name = "Resource " + key.uri();
        if (source.isDirectory()) {
            throw new LocalizationException("is a directory, and only files are fetched");
        }
        if (source.modified() != key.timestamp()) {
            throw new LocalizationException(
                    name + " changed on src filesystem - expected: " + key.timestamp() + ", was: " + source.modified());
        }
        if (key.size() > 0 && source.length() > 0 && source.length() != key.size()) {
            throw new LocalizationException(name + " has " + source.length() + " bytes, expected: " + key.size());
        }
        if (key.visibility() == LocalResourceVisibility.PUBLIC && !source.isPublic()) {
            throw new LocalizationException(
                    name + " is not publicly accessible and as such cannot be part of the public cache.");
        }
    }

    private static void copy(Source source, Path target) throws IOException {
        try (InputStream in = source.open()) {
            Files.copy(in, target);
        }
    }
}
