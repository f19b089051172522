package io.offerplane.shim.fetch;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files of a Hadoop file system, through the HTTP API that its namenodes have. Of several namenodes, the one that is active serves.
 * Source: Hadoop's "WebHDFS REST API", operation OPEN. See ADR 0028 for why not through Hadoop's own client.
 */
final class WebHdfsSource implements Source {

    /** {@code dfs.namenode.http-address}, where nothing else is set. */
    private static final int DEFAULT_HTTP_PORT = 9870;

    private static final Pattern EXCEPTION = Pattern.compile("\"exception\"\\s*:\\s*\"(\\w{1,100})\"");

    private final HdfsSettings settings;
    private final HttpSource http;

    WebHdfsSource(HdfsSettings settings, HttpSource http) {
        this.settings = settings;
        this.http = http;
    }

    @Override
    public Content open(FetchItem item) throws IOException {
        int slash = item.rest().indexOf('/');
        String authority = slash < 0 ? item.rest() : item.rest().substring(0, slash);
        if (authority.isEmpty() || slash < 0) {
            throw new IOException("it names no file system; expected " + item.scheme() + "://host:port/path");
        }
        String request = "/webhdfs/v1" + encoded(item.rest().substring(slash)) + "?op=OPEN" + identity();
        IOException last = new IOException("no namenode is set for " + authority);
        for (String namenode : namenodes(item.scheme(), authority)) {
            try {
                return http.open(namenode + request);
            } catch (HttpStatusException e) {
                last = refused(e);
                if (!isStandby(e)) {
                    break;
                }
            } catch (ConnectException | SocketTimeoutException e) {
                last = new IOException("the namenode " + namenode + " can't be reached: " + e.getMessage(), e);
            }
        }
        throw last;
    }

    private List<String> namenodes(String scheme, String authority) {
        return switch (scheme) {
            case "webhdfs" -> List.of("http://" + authority);
            case "swebhdfs" -> List.of("https://" + authority);
            default -> {
                List<URI> set = settings.namenodes().get(authority);
                yield set == null
                        ? List.of("http://" + authority.replaceFirst(":\\d*$", "") + ":" + DEFAULT_HTTP_PORT)
                        : set.stream().map(URI::toString).toList();
            }
        };
    }

    /** Read anew at each fetch, as tokens expire and are replaced. */
    private String identity() throws IOException {
        if (settings.tokenFile().isPresent()) {
            try {
                return "&delegation="
                        + query(Files.readString(settings.tokenFile().get()).strip());
            } catch (IOException e) {
                throw new IOException("the Secret that fetch.hdfs.token of the AgentPool names can't be read", e);
            }
        }
        return settings.user().isEmpty() ? "" : "&user.name=" + query(settings.user());
    }

    private static IOException refused(HttpStatusException e) {
        Matcher exception = EXCEPTION.matcher(e.body());
        return exception.find()
                ? new IOException("the file system answered " + e.status() + " " + exception.group(1), e)
                : e;
    }

    private static boolean isStandby(HttpStatusException e) {
        return e.body().contains("StandbyException");
    }

    private static String query(String value) {
        return URLEncoder.encode(value, StandardCharsets.UTF_8);
    }

    /** The path as it stands, as Hadoop takes it: a percent sign is one. */
    private static String encoded(String path) throws IOException {
        try {
            return new URI(null, null, path, null).toASCIIString();
        } catch (URISyntaxException e) {
            throw new IOException("its path can't be asked for: " + e.getReason(), e);
        }
    }
}
