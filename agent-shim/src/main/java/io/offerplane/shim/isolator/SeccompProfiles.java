package io.offerplane.shim.isolator;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.SystemCalls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.mesos.v1.Protos.SeccompInfo;

/**
 * Filters of system calls. Source: Mesos 1.11 isolator linux/seccomp, whose profiles have Docker's format: a default action, architectures
 * and a list of calls, of which some hold only with, or without, a capability or an architecture.
 */
final class SeccompProfiles {

    private static final JsonFactory JSON = new JsonFactory();

    /** Docker's name of this machine. */
    private static final String ARCHITECTURE = System.getProperty("os.arch", "");

    private SeccompProfiles() {}

    /**
     * Reads which calls are wanted.
     *
     * @param sets the container's capabilities
     */
    static SystemCalls read(SeccompInfo info, ContainerPolicy policy, List<String> sets)
            throws ContainerLaunchException {
        if (info.getUnconfined()) {
            if (info.hasProfileName()) {
                throw failed("a profile and unconfined contradict each other");
            }
            if (!policy.seccompUnconfined()) {
                throw failed(
                        "unconfined is not allowed on this node; containers.seccompUnconfined of the AgentPool would");
            }
            return new SystemCalls.Unconfined();
        }
        if (!info.hasProfileName()) {
            return new SystemCalls.Usual();
        }
        String name = info.getProfileName();
        Optional<Path> folder = policy.seccompProfiles();
        boolean plain = !name.isEmpty() && !name.startsWith(".") && name.indexOf('/') < 0 && name.indexOf('\0') < 0;
        if (folder.isEmpty() || !plain || !Files.isRegularFile(folder.get().resolve(name))) {
            throw failed("profile '" + name + "' is not in the node's folder of profiles, "
                    + folder.map(Path::toString).orElse("as containers.seccompProfiles of the AgentPool names none"));
        }
        try (JsonParser parser = JSON.createParser(folder.get().resolve(name).toFile())) {
            parser.nextToken();
            if (value(parser) instanceof Map<?, ?> profile) {
                return new SystemCalls.Profile(oci(profile, sets));
            }
        } catch (IOException | ClassCastException e) {
            throw new ContainerLaunchException(
                    "Failed to set the seccomp profile '" + name + "': " + e.getMessage(), e);
        }
        throw failed("profile '" + name + "' holds no JSON object");
    }

    private static ContainerLaunchException failed(String why) {
        return new ContainerLaunchException("Failed to set a seccomp filter: " + why);
    }

    private static Map<String, Object> oci(Map<?, ?> profile, List<String> sets) throws IOException {
        Map<String, Object> seccomp = new LinkedHashMap<>();
        if (!(profile.get("defaultAction") instanceof String action)) {
            throw new IOException("it has no defaultAction");
        }
        seccomp.put("defaultAction", action);
        if (profile.get("defaultErrnoRet") instanceof Number number) {
            seccomp.put("defaultErrnoRet", number);
        }
        List<Object> architectures = new ArrayList<>(list(profile.get("architectures")));
        for (Object entry : list(profile.get("archMap"))) {
            if (entry instanceof Map<?, ?> map && isOurs(map.get("architecture"))) {
                architectures.add(String.valueOf(map.get("architecture")));
                architectures.addAll(list(map.get("subArchitectures")));
            }
        }
        if (!architectures.isEmpty()) {
            seccomp.put("architectures", List.copyOf(architectures));
        }
        List<Object> calls = new ArrayList<>();
        for (Object entry : list(profile.get("syscalls"))) {
            if (!(entry instanceof Map<?, ?> call)) {
                throw new IOException("its syscalls are not objects");
            }
            boolean holds = (isEmpty(call.get("includes")) || matches(call.get("includes"), sets, true))
                    && (isEmpty(call.get("excludes")) || !matches(call.get("excludes"), sets, false));
            if (holds) {
                calls.add(call(call));
            }
        }
        seccomp.put("syscalls", List.copyOf(calls));
        return seccomp;
    }

    private static Map<String, Object> call(Map<?, ?> call) throws IOException {
        Map<String, Object> rule = new LinkedHashMap<>();
        List<?> names = call.get("name") instanceof String name ? List.of(name) : list(call.get("names"));
        if (names.isEmpty() || !(call.get("action") instanceof String action)) {
            throw new IOException("a rule for system calls lacks names or action");
        }
        rule.put("names", names);
        rule.put("action", action);
        if (call.get("errnoRet") instanceof Number number) {
            rule.put("errnoRet", number);
        }
        if (!list(call.get("args")).isEmpty()) {
            rule.put("args", list(call.get("args")));
        }
        return rule;
    }

    private static boolean isEmpty(@org.jspecify.annotations.Nullable Object filter) {
        return !(filter instanceof Map<?, ?> map) || map.values().stream().allMatch(v -> list(v).isEmpty());
    }

    /** Whether all that an include names is so, or any that an exclude names. */
    private static boolean matches(@org.jspecify.annotations.Nullable Object filter, List<String> sets, boolean all)
            throws IOException {
        if (!(filter instanceof Map<?, ?> map)) {
            return false;
        }
        List<Boolean> conditions = new ArrayList<>();
        for (var condition : map.entrySet()) {
            List<?> wanted = list(condition.getValue());
            switch (String.valueOf(condition.getKey())) {
                case "caps" -> wanted.forEach(c -> conditions.add(sets.contains(String.valueOf(c))));
                case "arches" -> conditions.add(wanted.stream().anyMatch(SeccompProfiles::isOurs));
                default -> throw new IOException("a rule depends on '" + condition.getKey() + "', which is not known");
            }
        }
        return all ? !conditions.contains(false) : conditions.contains(true);
    }

    private static boolean isOurs(@org.jspecify.annotations.Nullable Object name) {
        String text = String.valueOf(name);
        return switch (ARCHITECTURE) {
            case "amd64", "x86_64" -> List.of("amd64", "SCMP_ARCH_X86_64").contains(text);
            case "aarch64" -> List.of("arm64", "SCMP_ARCH_AARCH64").contains(text);
            default -> text.equals(ARCHITECTURE);
        };
    }

    private static List<?> list(@org.jspecify.annotations.Nullable Object value) {
        return value instanceof List<?> items ? items : List.of();
    }

    /** The value at the parser's place, as maps, lists, texts, numbers and booleans; null is an empty text. */
    private static Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == JsonToken.START_OBJECT) {
            Map<String, Object> fields = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                fields.put(name, value(parser));
            }
            return fields;
        }
        if (token == JsonToken.START_ARRAY) {
            List<Object> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser));
            }
            return items;
        }
        if (token == null) {
            throw new IOException("it is empty or cut off");
        }
        if (token.isNumeric()) {
            return parser.getNumberValue();
        }
        return token.isBoolean()
                ? (Object) parser.getBooleanValue()
                : token == JsonToken.VALUE_NULL ? "" : parser.getText();
    }
}
