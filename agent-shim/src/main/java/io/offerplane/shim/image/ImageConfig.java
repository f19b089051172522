package io.offerplane.shim.image;

import io.offerplane.shim.json.JsonValues;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an image says of the programs that run in it. Source: the {@code config} of the OCI image specification.
 *
 * @param environment variables in their order
 * @param entrypoint may be empty
 * @param command may be empty
 * @param user as {@code user}, {@code user:group}, by names or numbers; empty when nothing is said
 * @param workingDirectory absolute; empty when nothing is said
 */
public record ImageConfig(
        Map<String, String> environment,
        List<String> entrypoint,
        List<String> command,
        String user,
        String workingDirectory) {

    public ImageConfig {
        environment = Map.copyOf(environment);
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
    }

    /** @throws IOException when it is no JSON */
    static ImageConfig parse(byte[] json) throws IOException {
        Map<?, ?> config = JsonValues.map(JsonValues.object(json), "config");
        Map<String, String> environment = new LinkedHashMap<>();
        for (String variable : JsonValues.texts(config, "Env")) {
            int equals = variable.indexOf('=');
            if (equals > 0 && variable.indexOf('\0') < 0) {
                environment.put(variable.substring(0, equals), variable.substring(equals + 1));
            }
        }
        String folder = JsonValues.text(config, "WorkingDir");
        return new ImageConfig(
                environment,
                JsonValues.texts(config, "Entrypoint"),
                JsonValues.texts(config, "Cmd"),
                JsonValues.text(config, "User"),
                folder.startsWith("/") ? folder : "");
    }
}
