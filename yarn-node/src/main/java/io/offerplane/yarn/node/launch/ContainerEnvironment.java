package io.offerplane.yarn.node.launch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The variables of a container in the order in which its script exports them: the node's own values first, as defaults; what the node
 * says of the container, which nobody overrides; then the application's, each after those that it refers to.
 *
 * @param defaults used where the application sets none
 * @param fixed the node's, in order
 * @param application the application's, in an order in which they can be evaluated
 */
public record ContainerEnvironment(
        SequencedMap<String, String> defaults,
        SequencedMap<String, String> fixed,
        SequencedMap<String, String> application) {
    private static final Pattern REFERENCE = Pattern.compile("\\$\\{?([A-Za-z_][A-Za-z0-9_]*)");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]*");

    /**
     * Puts a container's variables together.
     *
     * @throws IllegalArgumentException when the application's names could not be a variable's
     */
    public static ContainerEnvironment of(
            Map<String, String> whitelist,
            SequencedMap<String, String> node,
            Map<String, String> application,
            Expansion expansion) {
        SequencedMap<String, String> wanted = new LinkedHashMap<>();
        for (Map.Entry<String, String> variable : new TreeMap<>(application).entrySet()) {
            if (!NAME.matcher(variable.getKey()).matches()) {
                throw new IllegalArgumentException("a variable cannot be named \"" + variable.getKey() + "\"");
            }
            if (!node.containsKey(variable.getKey())) {
                wanted.put(variable.getKey(), expansion.expand(variable.getValue()));
            }
        }
        SequencedMap<String, String> defaults = new LinkedHashMap<>();
        for (Map.Entry<String, String> variable : new TreeMap<>(whitelist).entrySet()) {
            if (!wanted.containsKey(variable.getKey()) && !node.containsKey(variable.getKey())) {
                defaults.put(variable.getKey(), variable.getValue());
            }
        }
        return new ContainerEnvironment(defaults, new LinkedHashMap<>(node), inOrderOfReference(wanted));
    }

    // Depth first without recursion: how long a chain of references is decides the application.
    private static SequencedMap<String, String> inOrderOfReference(SequencedMap<String, String> variables) {
        SequencedMap<String, String> ordered = new LinkedHashMap<>();
        Map<String, Boolean> open = new LinkedHashMap<>();
        for (String first : variables.keySet()) {
            Deque<String> stack = new ArrayDeque<>();
            stack.push(first);
            while (!stack.isEmpty()) {
                String name = stack.peek();
                if (ordered.containsKey(name)) {
                    stack.pop();
                    continue;
                }
                String value = variables.getOrDefault(name, "");
                if (open.putIfAbsent(name, true) != null) {
                    ordered.put(name, value);
                    stack.pop();
                    continue;
                }
                Matcher references = REFERENCE.matcher(value);
                while (references.find()) {
                    String other = references.group(1);
                    if (variables.containsKey(other) && !open.containsKey(other)) {
                        stack.push(other);
                    }
                }
            }
        }
        return ordered;
    }
}
