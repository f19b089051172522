package io.offerplane.shim.isolator;

import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.SystemCalls;
import io.offerplane.shim.json.JsonValues;
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
        try {
            Map<?, ?> profile =
                    JsonValues.object(Files.readAllBytes(folder.get().resolve(name)));
            if (profile.isEmpty()) {
                throw failed("profile '" + name + "' holds no JSON object");
            }
            return new SystemCalls.Profile(oci(profile, sets));
        } catch (IOException | ClassCastException e) {
            throw new ContainerLaunchException(
                    "Failed to set the seccomp profile '" + name + "': " + e.getMessage(), e);
        }
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
        List<Object> architectures = new ArrayList<>(JsonValues.list(profile.get("architectures")));
        for (Object entry : JsonValues.list(profile.get("archMap"))) {
            if (entry instanceof Map<?, ?> map && isOurs(map.get("architecture"))) {
                architectures.add(String.valueOf(map.get("architecture")));
                architectures.addAll(JsonValues.list(map.get("subArchitectures")));
            }
        }
        if (!architectures.isEmpty()) {
            seccomp.put("architectures", List.copyOf(architectures));
        }
        List<Object> calls = new ArrayList<>();
        for (Object entry : JsonValues.list(profile.get("syscalls"))) {
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
        List<?> names = call.get("name") instanceof String name ? List.of(name) : JsonValues.list(call.get("names"));
        if (names.isEmpty() || !(call.get("action") instanceof String action)) {
            throw new IOException("a rule for system calls lacks names or action");
        }
        rule.put("names", names);
        rule.put("action", action);
        if (call.get("errnoRet") instanceof Number number) {
            rule.put("errnoRet", number);
        }
        if (!JsonValues.list(call.get("args")).isEmpty()) {
            rule.put("args", JsonValues.list(call.get("args")));
        }
        return rule;
    }

    private static boolean isEmpty(@org.jspecify.annotations.Nullable Object filter) {
        return !(filter instanceof Map<?, ?> map)
                || map.values().stream().allMatch(v -> JsonValues.list(v).isEmpty());
    }

    /** Whether all that an include names is so, or any that an exclude names. */
    private static boolean matches(@org.jspecify.annotations.Nullable Object filter, List<String> sets, boolean all)
            throws IOException {
        if (!(filter instanceof Map<?, ?> map)) {
            return false;
        }
        List<Boolean> conditions = new ArrayList<>();
        for (var condition : map.entrySet()) {
            List<?> wanted = JsonValues.list(condition.getValue());
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
}
