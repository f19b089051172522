package io.offerplane.shim.fetch;

import com.github.davidmoten.aws.lw.client.Client;
import com.github.davidmoten.aws.lw.client.Credentials;
import com.github.davidmoten.aws.lw.client.ResponseInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Objects of an S3 store: {@code s3://bucket/key}, and Hadoop's other names for the scheme. The key is taken as it stands, as Hadoop
 * does. Buckets are addressed by path, which every store understands. Source of the signature: AWS' Signature Version 4.
 */
final class S3Source implements Source {

    /** The store's word for what was wrong. The rest of its answer may repeat what was signed. */
    private static final Pattern CODE = Pattern.compile("<Code>(\\w{1,100})</Code>");

    private final S3Settings settings;
    private final HttpSource http;

    S3Source(S3Settings settings, HttpSource http) {
        this.settings = settings;
        this.http = http;
    }

    @Override
    public Content open(FetchItem item) throws IOException {
        int slash = item.rest().indexOf('/');
        if (slash <= 0 || slash == item.rest().length() - 1) {
            throw new IOException("it names no object; expected s3://bucket/key");
        }
        String url = settings.endpoint() + "/" + encoded(item.rest());
        Optional<Credentials> credentials = Optional.empty();
        if (settings.credentialsFile().isPresent()) {
            credentials =
                    Optional.of(S3Credentials.read(settings.credentialsFile().get()));
        }
        URL object = URI.create(url).toURL();
        HttpURLConnection connection =
                http.connect(object, credentials.isPresent() ? signature(url, credentials.get()) : Map.of());
        if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
            throw refused(connection);
        }
        return HttpSource.content(connection);
    }

    /** The headers of a signed request. The library would send it too, but without our rules for time and content. */
    private Map<String, String> signature(String url, Credentials credentials) throws IOException {
        Map<String, String> signed = new HashMap<>();
        Client.s3()
                .region(settings.region())
                .credentials(credentials)
                .httpClient((at, method, headers, body, connectMillis, readMillis) -> {
                    signed.putAll(headers);
                    return new ResponseInputStream(
                            () -> {}, HttpURLConnection.HTTP_OK, Map.of(), InputStream.nullInputStream());
                })
                .build()
                .url(url)
                .responseInputStream()
                .close();
        return signed;
    }

    /** Redirects included: the signature holds for one host and region only. */
    private IOException refused(HttpURLConnection connection) throws IOException {
        String region = connection.getHeaderField("x-amz-bucket-region");
        HttpStatusException failure = HttpSource.failure(connection);
        Matcher code = CODE.matcher(failure.body());
        String why = "the store answered " + failure.status() + (code.find() ? " " + code.group(1) : "");
        if (region != null && !region.equals(settings.region())) {
            why += "; the bucket is in another region than " + settings.region()
                    + ", which fetch.s3.region of the AgentPool says";
        }
        return new IOException(why, failure);
    }

    /** What S3 calls URI-encoded: everything but letters, digits and four marks; slashes stay. */
    private static String encoded(String path) {
        return URLEncoder.encode(path, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~")
                .replace("%2F", "/");
    }
}
