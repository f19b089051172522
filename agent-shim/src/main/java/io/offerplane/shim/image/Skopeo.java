package io.offerplane.shim.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Pulls images with skopeo, which knows registries, their ways to log in and mirrors, and checks what it gets against its digest (ADR 0087). */
final class Skopeo {
    /** A registry that says nothing more must not keep its tasks for ever. */
    private static final Duration TIMEOUT = Duration.ofHours(1);

    /** What of the shim's own environment leads to registries. */
    private static final List<String> PASSED =
            List.of("PATH", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_DIR", "SSL_CERT_FILE");

    private static final Pattern FATAL = Pattern.compile("level=fatal msg=\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final ImageSettings settings;
    private final NodeProgram program;

    Skopeo(ImageSettings settings, NodeProgram program) {
        this.settings = settings;
        this.program = program;
    }

    /** A pull that goes on: how far it is. */
    record Pull(ProcessHandle process) {
        /** Bytes that were written so far; 0 when that can't be told. */
        long bytes() {
            try {
                for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "io"))) {
                    if (line.startsWith("write_bytes: ")) {
                        return Long.parseLong(line.substring("write_bytes: ".length()));
                    }
                }
            } catch (IOException | NumberFormatException ended) {
                return 0;
            }
            return 0;
        }
    }

    /**
     * Pulls an image.
     *
     * @param credentials file in the form of Docker's config.json; absent means the pool's
     * @param layout a folder that isn't there, to be made after the OCI image layout
     * @param blobs where blobs are, and are added
     * @throws IOException in the registry's and skopeo's words
     */
    void pull(ImageReference reference, Optional<Path> credentials, Path layout, Path blobs, Consumer<Pull> started)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                settings.skopeo().toString(),
                "--insecure-policy",
                "--override-os=linux",
                "--command-timeout=" + TIMEOUT.toMinutes() + "m",
                "copy",
                "--retry-times=2",
                "--dest-shared-blob-dir=" + blobs));
        Optional<Path> login = credentials.or(settings::credentials).filter(Files::exists);
        command.add(login.map(file -> "--src-authfile=" + file).orElse("--src-no-creds"));
        if (settings.insecureRegistries().contains(reference.registry())) {
            command.add("--src-tls-verify=false");
        }
        command.add("docker://" + reference);
        command.add("oci:" + layout + ":image");
        Path folder = layout.getParent();
        if (folder == null) {
            throw new IllegalArgumentException("the layout " + layout + " has no folder");
        }
        try {
            program.run(command, environment(folder), folder, process -> started.accept(new Pull(process)));
        } catch (IOException e) {
            throw new IOException(reason(String.valueOf(e.getMessage())), e);
        }
    }

    private static Map<String, String> environment(Path folder) {
        Map<String, String> variables = new HashMap<>();
        for (String name : PASSED) {
            for (String spelling : List.of(name, name.toLowerCase(Locale.ROOT))) {
                String value = System.getenv(spelling);
                if (value != null) {
                    variables.put(spelling, value);
                }
            }
        }
        // Less memory for a little more time: it runs within the shim's own.
        variables.put("GOGC", "50");
        variables.put("HOME", folder.toString());
        variables.put("TMPDIR", folder.toString());
        variables.put("XDG_RUNTIME_DIR", folder.toString());
        return variables;
    }

    /** Its last word, without what it is wrapped in. */
    private static String reason(String said) {
        Matcher fatal = FATAL.matcher(said);
        String reason = said;
        while (fatal.find()) {
            reason = fatal.group(1).replace("\\\"", "\"").replace("\\\\", "\\");
        }
        return reason.strip();
    }
}
