package io.offerplane.shim.fetch;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.mesos.v1.Protos.CommandInfo;

/**
 * One file to fetch, as a command names it. Source of the rules: Mesos' fetcher.
 *
 * @param uri without the checksum
 * @param scheme in lower case; empty for a path
 * @param name in the sandbox; relative, and leads nowhere else
 * @param checksum of what the server sends, before it is unpacked
 */
record FetchItem(
        String uri,
        String scheme,
        String name,
        boolean executable,
        boolean extract,
        boolean cache,
        Optional<Checksum> checksum) {

    private static final Pattern USER_INFO = Pattern.compile("//[^/?#]*@");
    private static final Pattern QUERY_VALUE = Pattern.compile("=[^&#]*");

    /** @throws IOException when it names no file */
    static FetchItem of(CommandInfo.URI wanted) throws IOException {
        String value = wanted.getValue();
        String scheme = scheme(value);
        // A file of the node may be named like anything.
        boolean local = scheme.isEmpty() || scheme.equals("file");
        String uri = local ? value : Checksum.without(value);
        String name = wanted.getOutputFile().isEmpty() ? lastSegment(uri) : wanted.getOutputFile();
        SandboxTree.checkName(name);
        return new FetchItem(
                uri,
                scheme,
                name,
                wanted.getExecutable(),
                wanted.getExtract(),
                wanted.getCache(),
                local ? Optional.empty() : Checksum.of(value));
    }

    private static String scheme(String uri) {
        int end = uri.indexOf("://");
        return end < 0 ? "" : uri.substring(0, end).toLowerCase(Locale.ROOT);
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

    /** What comes after the scheme. */
    String rest() {
        return scheme.isEmpty() ? uri : uri.substring(scheme.length() + "://".length());
    }

    /** How it is unpacked, if at all: Mesos unpacks nothing that shall be executable. */
    Archives.Kind archive() {
        return extract && !executable ? Archives.Kind.of(name) : Archives.Kind.NONE;
    }

    /** What makes two files the same one: the same URI, held to the same checksum. */
    String identity() {
        return checksum.map(c -> uri + "#" + c.hex()).orElse(uri);
    }

    String shown() {
        return shown(uri);
    }

    /** A URI as messages and logs may hold it: passwords, and signatures among a query's values, are nobody else's business. */
    static String shown(String uri) {
        int query = uri.indexOf("://") < 0 ? -1 : uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        String values =
                query < 0 ? "" : QUERY_VALUE.matcher(uri.substring(query)).replaceAll("=***");
        return USER_INFO.matcher(path).replaceFirst("//***@") + values;
    }
}
