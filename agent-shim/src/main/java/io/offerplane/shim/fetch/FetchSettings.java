package io.offerplane.shim.fetch;

import io.offerplane.protocol.settings.Variables;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

    public FetchSettings {
        localFolders = List.copyOf(localFolders);
    }

    /**
     * Reads the settings.
     *
     * @param variables the fetcher's
     * @param workDir the shim's; the fetcher's folder is below it
     * @throws IllegalArgumentException naming the variable that is wrong, and what it should hold
     */
    public static FetchSettings of(Variables variables, Path workDir) {
        String region = variables.text("S3_REGION", "us-east-1");
        return new FetchSettings(
                workDir.resolve("fetch"),
                variables.folders("FOLDERS"),
                // The default of Mesos' --fetcher_cache_size.
                variables.number("CACHE_BYTES", 2L << 30, 0, 1L << 50),
                variables.number("MAX_BYTES", 64L << 30, 1, 1L << 50),
                variables.number("PARALLEL", 4, 1, 64),
                variables.seconds("STALL_SECONDS", Duration.ofSeconds(60)),
                new S3Settings(
                        server(
                                variables.prefix() + "S3_ENDPOINT",
                                variables.text("S3_ENDPOINT", "https://s3." + region + ".amazonaws.com")),
                        region,
                        variables.path("S3_CREDENTIALS_FILE")),
                new HdfsSettings(
                        namenodes(variables.prefix() + "HDFS_NAMENODES", variables.text("HDFS_NAMENODES", "")),
                        // Who Mesos' agent is to Hadoop's client.
                        variables.text("HDFS_USER", "root"),
                        variables.path("HDFS_TOKEN_FILE")));
    }

    /** {@code nameservice=http://one:9870,http://two:9870;host:8020=https://host:9871}. */
    private static Map<String, List<URI>> namenodes(String name, String text) {
        Map<String, List<URI>> namenodes = new HashMap<>();
        for (String entry : text.split(";")) {
            if (entry.isBlank()) {
                continue;
            }
            int equals = entry.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException(name + " has '" + entry
                        + "'; expected nameservice=http://host:port, more namenodes after commas");
            }
            List<URI> servers = new ArrayList<>();
            for (String server : entry.substring(equals + 1).split(",")) {
                servers.add(server(name, server.strip()));
            }
            namenodes.put(entry.substring(0, equals).strip(), List.copyOf(servers));
        }
        return namenodes;
    }

    /** Scheme, host and port of an http server; a port that goes without saying is left out, as it is in signatures. */
    private static URI server(String name, String text) {
        IllegalArgumentException wrong = new IllegalArgumentException(
                name + " has '" + FetchItem.shown(text) + "'; expected http://host:port or https://host:port");
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
}
