package io.offerplane.shim.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files by http and https. Redirects are followed between the two, as Mesos' curl does and the JDK doesn't, and to nothing else. A
 * name and password in the URI are sent as curl sends them: to the server that they were given for.
 */
final class HttpSource implements Source {

    private static final Logger log = LoggerFactory.getLogger(HttpSource.class);
    private static final int MAX_REDIRECTS = 10;
    private static final int MAX_PORT = 65535;
    private static final int ERROR_BYTES = 4096;
    private static final Duration CONNECT = Duration.ofSeconds(30);

    private final int connectMillis;
    private final int stallMillis;

    /** @param stall no byte for so long is a failure */
    HttpSource(Duration stall) {
        this.connectMillis = (int) Math.min(CONNECT.toMillis(), stall.toMillis());
        this.stallMillis = (int) stall.toMillis();
    }

    @Override
    public Content open(FetchItem item) throws IOException {
        return open(item.uri());
    }

    /**
     * Gets a URI.
     *
     * @throws HttpStatusException when the last answer is another than 200
     */
    Content open(String uri) throws IOException {
        URI at = parse(uri);
        URL first = url(at);
        Map<String, String> authorization = authorization(at);
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            URL url = url(at);
            HttpURLConnection connection = connect(url, isSameServer(first, url) ? authorization : Map.of());
            int status = connection.getResponseCode();
            if (status == HttpURLConnection.HTTP_OK) {
                return content(connection);
            }
            String location = connection.getHeaderField("Location");
            if (status < 300 || status >= 400 || location == null) {
                throw failure(connection);
            }
            connection.disconnect();
            at = at.resolve(parse(location));
        }
        throw new IOException("more than " + MAX_REDIRECTS + " redirects");
    }

    /** A request, not sent yet, that follows no redirect by itself. */
    HttpURLConnection connect(URL url, Map<String, String> headers) throws IOException {
        if (!(url.openConnection() instanceof HttpURLConnection connection)) {
            throw new IOException(
                    "it leads to '" + FetchItem.shown(url.toString()) + "', which is neither http nor https");
        }
        connection.setConnectTimeout(connectMillis);
        connection.setReadTimeout(stallMillis);
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestProperty("User-Agent", "offerplane-fetcher");
        headers.forEach(connection::setRequestProperty);
        return connection;
    }

    /** The content of an answer of status 200. */
    static Content content(HttpURLConnection connection) throws IOException {
        long length = connection.getContentLengthLong();
        return new Content(connection.getInputStream(), length < 0 ? OptionalLong.empty() : OptionalLong.of(length));
    }

    /** What to throw for an answer of another status. Ends the connection. */
    static HttpStatusException failure(HttpURLConnection connection) throws IOException {
        String body = "";
        try (InputStream error = connection.getErrorStream()) {
            if (error != null) {
                body = new String(error.readNBytes(ERROR_BYTES), StandardCharsets.UTF_8);
            }
        }
        connection.disconnect();
        return new HttpStatusException(connection.getResponseCode(), body);
    }

    private static boolean isSameServer(URL one, URL other) {
        return one.getProtocol().equals(other.getProtocol())
                && one.getHost().equalsIgnoreCase(other.getHost())
                && one.getPort() == other.getPort();
    }

    private static Map<String, String> authorization(URI uri) {
        String userInfo = uri.getRawUserInfo();
        if (userInfo == null) {
            return Map.of();
        }
        // The decoder is one of forms, where a plus sign is a space.
        String decoded = URLDecoder.decode(userInfo.replace("+", "%2B"), StandardCharsets.UTF_8);
        return Map.of(
                "Authorization",
                "Basic " + Base64.getEncoder().encodeToString(decoded.getBytes(StandardCharsets.UTF_8)));
    }

    /** The JDK's own exceptions repeat the URI, passwords and all, so they are not kept as causes. */
    private static URI parse(String text) throws IOException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IOException("it is no valid URI: " + e.getReason() + " at character " + (e.getIndex() + 1));
        }
    }

    private static URL url(URI uri) throws IOException {
        String scheme = uri.getScheme();
        if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
            throw new IOException(
                    "it leads to '" + FetchItem.shown(uri.toString()) + "', which is neither http nor https");
        }
        try {
            URL url = uri.toURL();
            if (!url.getHost().isEmpty() && url.getPort() <= MAX_PORT) {
                return url;
            }
        } catch (MalformedURLException | IllegalArgumentException e) {
            log.debug("No URL: {}", e.getClass().getSimpleName());
        }
        throw new IOException("it is no valid URI: its server or port can't be read");
    }
}
