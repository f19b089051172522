package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Names and secrets of those who may run programs in containers from outside, in the form of Mesos' {@code --http_credentials}:
 * {@code {"credentials": [{"principal": "...", "secret": "..."}]}}. Read anew for each call, so that a change counts at once.
 */
final class OperatorCredentials {

    private static final Logger log = LoggerFactory.getLogger(OperatorCredentials.class);

    private static final JsonFactory JSON = new JsonFactory();

    private static final int MAX_BYTES = 1 << 20;

    private final Optional<Path> file;

    /** @param file absent: nobody */
    OperatorCredentials(Optional<Path> file) {
        this.file = file;
    }

    boolean areSet() {
        return file.isPresent();
    }

    /**
     * Who it is.
     *
     * @param encoded name and secret with a colon between, in Base64, as HTTP's Basic authentication has them
     */
    Optional<String> principal(String encoded) {
        String said;
        try {
            said = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException noBase64) {
            return Optional.empty();
        }
        int colon = said.indexOf(':');
        if (colon < 0 || file.isEmpty()) {
            return Optional.empty();
        }
        String principal = said.substring(0, colon);
        try {
            String secret = read(file.get()).get(principal);
            boolean right = secret != null
                    && MessageDigest.isEqual(
                            secret.getBytes(StandardCharsets.UTF_8),
                            said.substring(colon + 1).getBytes(StandardCharsets.UTF_8));
            return right ? Optional.of(principal) : Optional.empty();
        } catch (IOException e) {
            log.warn("Cannot read the credentials in {}: {}", file.get(), e.getMessage());
            return Optional.empty();
        }
    }

    private static Map<String, String> read(Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException("it has more than " + MAX_BYTES + " bytes");
        }
        Map<String, String> secrets = new HashMap<>();
        try (JsonParser json = JSON.createParser(Files.readAllBytes(file))) {
            Map<String, String> one = new HashMap<>();
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                switch (token) {
                    case START_OBJECT -> one.clear();
                    case VALUE_STRING -> one.put(json.currentName(), json.getText());
                    case END_OBJECT -> {
                        String principal = one.get("principal");
                        String secret = one.get("secret");
                        if (principal != null && secret != null) {
                            secrets.put(principal, secret);
                        }
                        one.clear();
                    }
                    default -> {}
                }
            }
        }
        return secrets;
    }
}
