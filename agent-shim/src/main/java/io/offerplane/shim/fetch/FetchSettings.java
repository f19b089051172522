package io.offerplane.shim.fetch;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the fetcher may do, from environment variables.
 *
 * @param folder its own, on the disk that has the sandboxes; emptied when it starts
 * @param localFolders folders of the node that tasks may copy files from; none by default, as the shim may read what tasks mustn't
 * @param cacheBytes most that the cache keeps; 0 keeps nothing
 * @param mostBytes most that one task's files take in its sandbox, packed and unpacked
 * @param parallel downloads at one time of one task
 * @param stall no byte for so long is a failure, like Mesos' --fetcher_stall_timeout
 */
public record FetchSettings(
        Path folder,
        List<Path> localFolders,
        long cacheBytes,
        long mostBytes,
        int parallel,
        Duration stall,
        S3Settings s3,
        HdfsSettings hdfs) {

    private static final String PREFIX = "OFFERPLANE_FETCH_";

    public FetchSettings {
        localFolders = List.copyOf(localFolders);
    }

    /**
     * Reads the settings.
     *
     * @param workDir the shim's; the fetcher's folder is below it
     * @throws IllegalArgumentException naming the variable that is wrong, and what it should hold
     */
    public static FetchSettings of(Map<String, String> environment, Path workDir) {
        List<Path> folders = new ArrayList<>();
        for (String folder : environment.getOrDefault(PREFIX + "FOLDERS", "").split(":")) {
            if (!folder.isBlank()) {
                folders.add(Path.of(folder));
            }
        }
        String region = environment.getOrDefault(PREFIX + "S3_REGION", "us-east-1");
        return new FetchSettings(
                workDir.resolve("fetch"),
                folders,
                // The default of Mesos' --fetcher_cache_size.
                number(environment, "CACHE_BYTES", 2L << 30, 0, 1L << 50),
                number(environment, "MAX_BYTES", 64L << 30, 1, 1L << 50),
                (int) number(environment, "PARALLEL", 4, 1, 64),
                Duration.ofSeconds(number(environment, "STALL_SECONDS", 60, 1, 86_400)),
                new S3Settings(
                        server(
                                "S3_ENDPOINT",
                                environment.getOrDefault(
                                        PREFIX + "S3_ENDPOINT", "https://s3." + region + ".amazonaws.com")),
                        region,
                        file(environment, "S3_CREDENTIALS_FILE")),
                new HdfsSettings(
                        namenodes(environment.getOrDefault(PREFIX + "HDFS_NAMENODES", "")),
                        // Who Mesos' agent is to Hadoop's client.
                        environment.getOrDefault(PREFIX + "HDFS_USER", "root"),
                        file(environment, "HDFS_TOKEN_FILE")));
    }

    /** {@code nameservice=http://one:9870,http://two:9870;host:8020=https://host:9871}. */
    private static Map<String, List<URI>> namenodes(String text) {
        Map<String, List<URI>> namenodes = new HashMap<>();
        for (String entry : text.split(";")) {
            if (entry.isBlank()) {
                continue;
            }
            int equals = entry.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException(PREFIX + "HDFS_NAMENODES has '" + entry
                        + "'; expected nameservice=http://host:port, more namenodes after commas");
            }
            List<URI> servers = new ArrayList<>();
            for (String server : entry.substring(equals + 1).split(",")) {
                servers.add(server("HDFS_NAMENODES", server.strip()));
            }
            namenodes.put(entry.substring(0, equals).strip(), List.copyOf(servers));
        }
        return namenodes;
    }

    /** Scheme, host and port of an http server; a port that goes without saying is left out, as it is in signatures. */
    private static URI server(String name, String text) {
        IllegalArgumentException wrong = new IllegalArgumentException(
                PREFIX + name + " has '" + FetchItem.shown(text) + "'; expected http://host:port or https://host:port");
        try {
            URI uri = new URI(text);
            String scheme = uri.getScheme();
            boolean isServer =
                    uri.getHost() != null && uri.getPath().replace("/", "").isEmpty();
            if (!isServer || uri.getUserInfo() != null || uri.getQuery() != null) {
                throw wrong;
            }
            int usual = "https".equals(scheme) ? 443 : 80;
            if (usual == 80 && !"http".equals(scheme)) {
                throw wrong;
            }
            return new URI(scheme, null, uri.getHost(), uri.getPort() == usual ? -1 : uri.getPort(), null, null, null);
        } catch (URISyntaxException e) {
            wrong.initCause(e);
            throw wrong;
        }
    }

    private static Optional<Path> file(Map<String, String> environment, String name) {
        String text = environment.getOrDefault(PREFIX + name, "");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Path file = Path.of(text);
        if (!file.isAbsolute()) {
            throw new IllegalArgumentException(PREFIX + name + " is '" + text + "'; expected an absolute path");
        }
        return Optional.of(file);
    }

    private static long number(Map<String, String> environment, String name, long otherwise, long least, long most) {
        String text = environment.getOrDefault(PREFIX + name, Long.toString(otherwise));
        try {
            long value = Long.parseLong(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException notANumber) {
            throw new IllegalArgumentException(
                    PREFIX + name + " is '" + text + "'; expected a number from " + least + " to " + most, notANumber);
        }
        throw new IllegalArgumentException(
                PREFIX + name + " is " + text + "; expected a number from " + least + " to " + most);
    }
}
