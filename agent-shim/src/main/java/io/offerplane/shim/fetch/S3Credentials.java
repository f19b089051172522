package io.offerplane.shim.fetch;

import com.github.davidmoten.aws.lw.client.Credentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Keys of an S3 store, from a file in the form of AWS' shared credentials file: lines {@code aws_access_key_id = ...},
 * {@code aws_secret_access_key = ...} and, for temporary ones, {@code aws_session_token = ...}, in the section {@code [default]} or
 * before any. Nothing here repeats a line of the file in a message.
 */
final class S3Credentials {

    private S3Credentials() {}

    /** Reads the file: at each fetch, so that changed keys are taken up. */
    static Credentials read(Path file) throws IOException {
        Map<String, String> values = new HashMap<>();
        boolean inDefault = true;
        for (String line : lines(file)) {
            String text = line.strip();
            if (text.startsWith("[")) {
                inDefault = text.equals("[default]");
            }
            int equals = text.indexOf('=');
            if (inDefault && equals > 0 && !text.startsWith("#") && !text.startsWith(";")) {
                values.put(
                        text.substring(0, equals).strip().toLowerCase(Locale.ROOT),
                        text.substring(equals + 1).strip());
            }
        }
        String id = values.getOrDefault("aws_access_key_id", "");
        String secret = values.getOrDefault("aws_secret_access_key", "");
        if (id.isEmpty() || secret.isEmpty()) {
            throw new IOException("the Secret that fetch.s3.credentials of the AgentPool names has no "
                    + (id.isEmpty() ? "aws_access_key_id" : "aws_secret_access_key") + " in its section [default]");
        }
        String token = values.getOrDefault("aws_session_token", "");
        return token.isEmpty() ? Credentials.of(id, secret) : Credentials.of(id, secret, token);
    }

    private static List<String> lines(Path file) throws IOException {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new IOException("the Secret that fetch.s3.credentials of the AgentPool names can't be read", e);
        }
    }
}
