package io.offerplane.shim.fetch;

import io.offerplane.shim.container.ContainerUser;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.apache.mesos.v1.Protos.CommandInfo;

/**
 * Fetches by http, https and from allowed folders of the node, one file after the other. Source of the rules: Mesos' fetcher; its
 * cache flag is accepted and has no effect.
 */
public final class UriFetcher implements Fetcher {

    private static final Duration CONNECT = Duration.ofSeconds(30);

    /** Mesos' fetcher_stall_timeout: no byte for so long is a failure. */
    private static final Duration STALL = Duration.ofMinutes(1);

    private static final int MAX_REDIRECTS = 10;
    private static final int FILE_MODE = 0644;

    private final List<Path> localFolders;

    /**
     * @param localFolders folders of the node that tasks may copy files from; none by default, as the shim may read what tasks mustn't
     */
    public UriFetcher(List<Path> localFolders) {
        this.localFolders = List.copyOf(localFolders);
    }

    @Override
    public void fetch(List<CommandInfo.URI> uris, Path sandbox, ContainerUser user)
            throws FetchException, InterruptedException {
        SandboxTree tree = new SandboxTree(sandbox, user);
        for (CommandInfo.URI uri : uris) {
            try {
                fetch(uri, tree);
            } catch (InterruptedIOException e) {
                if (Thread.interrupted()) {
                    InterruptedException interrupt =
                            new InterruptedException("fetching " + uri.getValue() + " was interrupted");
                    interrupt.initCause(e);
                    throw interrupt;
                }
                throw failure(uri, e);
            } catch (IOException e) {
                throw failure(uri, e);
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("fetching stops after " + uri.getValue());
            }
        }
    }

    private static FetchException failure(CommandInfo.URI uri, IOException e) {
        String why = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return new FetchException("Failed to fetch '" + uri.getValue() + "': " + why, e);
    }

    private void fetch(CommandInfo.URI uri, SandboxTree tree) throws IOException {
        String name = uri.getOutputFile().isEmpty() ? lastSegment(uri.getValue()) : uri.getOutputFile();
        Path file;
        try (InputStream content = open(uri.getValue())) {
            file = tree.file(name, content, FILE_MODE);
        }
        if (uri.getExecutable()) {
            tree.makeExecutable(file);
        } else if (uri.getExtract()) {
            Archives.extract(file, Archives.Kind.of(name), tree);
        }
    }

    /** As in Mesos, a query string is part of the name. */
    private static String lastSegment(String uri) throws IOException {
        int scheme = uri.indexOf("://");
        String path = scheme < 0 ? uri : uri.substring(scheme + 3);
        int slash = path.lastIndexOf('/');
        String name = slash < 0 ? (scheme < 0 ? path : "") : path.substring(slash + 1);
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new IOException("it names no file; end it with a file's name or set output_file");
        }
        return name;
    }

    private InputStream open(String uri) throws IOException {
        int end = uri.indexOf("://");
        String scheme = end < 0 ? "" : uri.substring(0, end).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "http", "https" -> openHttp(uri);
            case "file" -> openLocal(Path.of(uri.substring("file://".length())));
            case "" -> openLocal(Path.of(uri));
            default -> throw new IOException("scheme '" + scheme + "' is not supported; use http, https or file");
        };
    }

    private InputStream openLocal(Path path) throws IOException {
        if (!path.isAbsolute()) {
            throw new IOException("a relative path has no meaning on a node; use an absolute path or a URI");
        }
        Path real = path.toRealPath();
        if (localFolders.stream().noneMatch(real::startsWith)) {
            throw new IOException("this node's files are not open to tasks here; the pool's setting"
                    + " OFFERPLANE_FETCH_FOLDERS allows "
                    + (localFolders.isEmpty() ? "none" : localFolders.toString()));
        }
        if (!Files.isRegularFile(real)) {
            throw new IOException("it is no regular file");
        }
        return Files.newInputStream(real);
    }

    private static InputStream openHttp(String uri) throws IOException {
        URI at = parse(uri);
        for (int i = 0; i <= MAX_REDIRECTS; i++) {
            URL url = at.toURL();
            if (!(url.openConnection() instanceof HttpURLConnection connection)) {
                throw new IOException("a redirect leads to '" + at + "', which is neither http nor https");
            }
            connection.setConnectTimeout((int) CONNECT.toMillis());
            connection.setReadTimeout((int) STALL.toMillis());
            // Redirects are followed here, also from http to https and back, which the library doesn't do.
            connection.setInstanceFollowRedirects(false);
            connection.setUseCaches(false);
            connection.setRequestProperty("User-Agent", "offerplane-fetcher");
            int status = connection.getResponseCode();
            if (status == HttpURLConnection.HTTP_OK) {
                return connection.getInputStream();
            }
            String location = connection.getHeaderField("Location");
            connection.disconnect();
            if (status < 300 || status >= 400 || location == null) {
                throw new IOException("the server answered " + status + ", expected 200");
            }
            at = at.resolve(parse(location));
        }
        throw new IOException("more than " + MAX_REDIRECTS + " redirects");
    }

    private static URI parse(String text) throws IOException {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw new IOException("it is no valid URI: " + e.getMessage(), e);
        }
    }
}
