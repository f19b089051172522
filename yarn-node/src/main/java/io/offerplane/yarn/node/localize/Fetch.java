package io.offerplane.yarn.node.localize;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivilegedExceptionAction;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsAction;
import org.apache.hadoop.security.UserGroupInformation;
import org.apache.hadoop.yarn.api.records.LocalResourceType;
import org.apache.hadoop.yarn.api.records.LocalResourceVisibility;

/** Brings one file here, through Hadoop's own file systems, and unpacks it where it is an archive. */
final class Fetch {
    private static final Set<String> SCHEMES = Set.of("file", "http", "https", "hdfs");
    private static final ArchiveUnpacker.Limits LIMITS = new ArchiveUnpacker.Limits(1_000_000, 50L << 30);

    private final Configuration conf;
    private final UserGroupInformation user;
    private final ResourceKey key;

    Fetch(Configuration conf, UserGroupInformation user, ResourceKey key) {
        this.conf = conf;
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

    private Path fetch(Path directory) throws IOException, LocalizationException {
        org.apache.hadoop.fs.Path source = new org.apache.hadoop.fs.Path(key.uri());
        try (FileSystem files = FileSystem.newInstance(key.uri(), conf)) {
            FileStatus status = files.getFileStatus(source);
            check(files, source, status);
            Path target = directory.resolve(key.name());
            boolean archive = key.type() != LocalResourceType.FILE && ArchiveUnpacker.isArchive(key.name());
            if (!archive) {
                copy(files, source, target);
                Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(mode()));
                return target;
            }
            Path packed = directory.resolve(key.name() + ".packed");
            copy(files, source, packed);
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

    private void check(FileSystem files, org.apache.hadoop.fs.Path source, FileStatus status)
            throws IOException, LocalizationException {
        if (status.isDirectory()) {
            throw new LocalizationException("is a directory, and only files are fetched");
        }
        if (status.getModificationTime() != key.timestamp()) {
            throw new LocalizationException("Resource " + source + " changed on src filesystem - expected: "
                    + key.timestamp() + ", was: " + status.getModificationTime());
        }
        if (key.size() > 0 && status.getLen() > 0 && status.getLen() != key.size()) {
            throw new LocalizationException(
                    "Resource " + source + " has " + status.getLen() + " bytes, expected: " + key.size());
        }
        if (key.visibility() == LocalResourceVisibility.PUBLIC && !isPublic(files, source, status)) {
            throw new LocalizationException("Resource " + source
                    + " is not publicly accessible and as such cannot be part of the public cache.");
        }
    }

    // Everybody may read the file and pass each directory above it.
    private static boolean isPublic(FileSystem files, org.apache.hadoop.fs.Path source, FileStatus status)
            throws IOException {
        String scheme = source.toUri().getScheme();
        if (scheme.startsWith("http")) {
            return true;
        }
        if (!status.getPermission().getOtherAction().implies(FsAction.READ)) {
            return false;
        }
        for (org.apache.hadoop.fs.Path at = source.getParent(); at != null; at = at.getParent()) {
            if (!files.getFileStatus(at).getPermission().getOtherAction().implies(FsAction.EXECUTE)) {
                return false;
            }
        }
        return true;
    }

    private static void copy(FileSystem files, org.apache.hadoop.fs.Path source, Path target) throws IOException {
        try (InputStream in = files.open(source)) {
            Files.copy(in, target);
        }
    }
}
