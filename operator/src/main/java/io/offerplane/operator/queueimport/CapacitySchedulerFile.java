package io.offerplane.operator.queueimport;

import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The queues of {@code capacity-scheduler.xml}. A capacity in percent is a weight, and a guarantee as well where the cluster's size is known, as the CapacityScheduler
 * gives a queue its capacity first and shares the rest by it; a capacity in amounts is a guarantee, and its weight is its memory; a weight stays one.
 */
final class CapacitySchedulerFile {
    static final String PREFIX = "yarn.scheduler.capacity.";

    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
    private static final Pattern AMOUNTS = Pattern.compile("\\[(.*)]");
    private static final Pattern AMOUNT =
            Pattern.compile("([^=,\\s]+)\\s*=\\s*([0-9.]+)\\s*(Ki|Mi|Gi|Ti|Pi|k|K|M|G|T|P)?");
    private static final int DEEPEST = 16;
    private static final String NONE = "it has no equivalent";

    /** What is said of a queue and has no equivalent, by what its name begins with. */
    private static final Map<String, String> OF_QUEUES = Map.ofEntries(
            Map.entry("state", "a queue can't be stopped: take the right to submit away, or delete the object"),
            Map.entry("acl_", "who may use a queue is said by Framework objects and Kubernetes' own RBAC"),
            Map.entry("maximum-applications", "the number of applications is not limited"),
            Map.entry("maximum-am-resource-percent", "masters are not limited apart from other containers"),
            Map.entry("max-parallel-apps", "the number of applications is not limited"),
            Map.entry(
                    "priority",
                    "queues are ordered by their shares alone; applications within a queue have priorities"),
            Map.entry("accessible-node-labels", "partitions of nodes by label have no queues of their own"),
            Map.entry("default-node-label-expression", "applications name the label themselves"),
            Map.entry(
                    "disable_preemption",
                    "say reclaimGraceSeconds where containers may be ended for others; without it none is"),
            Map.entry("intra-queue-preemption", "containers are not ended for others of the same queue"),
            Map.entry("maximum-allocation", "the largest container is one for all queues"),
            Map.entry("user-settings", "users of a queue weigh the same"),
            Map.entry("auto-create-child-queue", "queues are made by objects, not by submissions"),
            Map.entry("auto-queue-creation", "queues are made by objects, not by submissions"),
            Map.entry("leaf-queue-template", "queues are made by objects, not by submissions"),
            Map.entry("default-application-lifetime", "applications end by themselves"),
            Map.entry("maximum-application-lifetime", "applications end by themselves"),
            Map.entry("reservable", "there are no reservations in time"),
            Map.entry("multi-node-sorting", "which node is taken is the engine's to decide"),
            Map.entry("unmanaged-am", "the number of masters is not limited"));

    private static final Set<String> READ = Set.of(
            "queues",
            "capacity",
            "maximum-capacity",
            "minimum-user-limit-percent",
            "user-limit-factor",
            "ordering-policy");

    private final Map<String, String> properties = new TreeMap<>();
    private final Optional<Map<String, Quantity>> total;
    private final List<QueueImport.Imported> queues = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final Set<String> paths = new TreeSet<>();

    private CapacitySchedulerFile(Map<String, String> all, Optional<Map<String, Quantity>> total) {
        all.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                properties.put(name.substring(PREFIX.length()), value.strip());
            }
        });
        this.total = total;
    }

    /**
     * Its queues.
     *
     * @param properties the whole file's
     * @param total what the cluster has, where percents are to become amounts
     * @throws UnusableFile when there is no queue
     */
    static QueueImport read(Map<String, String> properties, Optional<Map<String, Quantity>> total) throws UnusableFile {
        CapacitySchedulerFile file = new CapacitySchedulerFile(properties, total);
        if (file.children("root").isEmpty()) {
            throw new UnusableFile("there is no " + PREFIX + "root.queues in it, so it has no queue");
        }
        file.paths.add("root");
        file.readChildren("root", BigDecimal.ONE, BigDecimal.ONE, 1);
        file.remarkOnWhatIsLeft();
        return new QueueImport(file.queues, file.remarks);
    }

    private Set<String> children(String path) {
        Set<String> names = new LinkedHashSet<>();
        for (String name : properties.getOrDefault(path + ".queues", "").split(",", -1)) {
            if (!name.isBlank()) {
                names.add(name.strip());
            }
        }
        return names;
    }

    // Of the parent: what part of all there is it is sure of, or null where that can't be told; and may have at most.
    private void readChildren(String parent, @Nullable BigDecimal sure, BigDecimal most, int depth)
            throws UnusableFile {
        if (depth > DEEPEST) {
            throw new UnusableFile(parent + " is deeper than the " + DEEPEST + " levels that are read");
        }
        for (String name : children(parent)) {
            String path = parent + "." + name;
            paths.add(path);
            if (Draft.isName(name)) {
                read(path, sure, most, depth);
            } else {
                remarks.add(path + " is left out with all below it: a queue's name has letters, digits, _ and - only");
            }
        }
    }

    private void read(String path, @Nullable BigDecimal parentSure, BigDecimal parentMost, int depth)
            throws UnusableFile {
        Draft draft = new Draft(path);
        BigDecimal sure = capacity(draft, parentSure);
        BigDecimal most = maximum(draft, parentMost);
        if (children(path).isEmpty()) {
            users(draft);
            ordering(draft);
        }
        remarksOn(draft);
        queues.add(draft.finished());
        readChildren(path, sure, most, depth + 1);
    }

    private @Nullable BigDecimal capacity(Draft draft, @Nullable BigDecimal parentSure) {
        String text = properties.getOrDefault(draft.path() + ".capacity", "");
        Matcher amounts = AMOUNTS.matcher(text);
        if (amounts.matches()) {
            Map<String, Quantity> sure = amounts(draft, "capacity", amounts.group(1));
            draft.guarantees(sure);
            Quantity measure = sure.getOrDefault("memory", sure.getOrDefault("cpu", new Quantity("1")));
            draft.weight(
                    sure.containsKey("memory")
                            ? measure.getNumericalAmount().divide(BigDecimal.valueOf(1L << 30), MathContext.DECIMAL64)
                            : measure.getNumericalAmount());
            return null;
        }
        Optional<BigDecimal> number =
                HadoopAmounts.number(text.endsWith("w") ? text.substring(0, text.length() - 1) : text);
        if (number.isEmpty()) {
            draft.remark("capacity " + Draft.quoted(text) + " is no percent, weight or amounts: its weight is 1");
            return null;
        }
        draft.weight(number.get());
        if (text.endsWith("w")) {
            return null;
        }
        if (parentSure == null) {
            return null;
        }
        BigDecimal part = parentSure.multiply(number.get()).divide(HUNDRED, MathContext.DECIMAL64);
        if (total.isPresent()) {
            draft.guarantees(HadoopAmounts.part(total.get(), part));
        }
        return part;
    }

    private BigDecimal maximum(Draft draft, BigDecimal parentMost) {
        String text = properties.getOrDefault(draft.path() + ".maximum-capacity", "");
        Matcher amounts = AMOUNTS.matcher(text);
        if (amounts.matches()) {
            draft.limits(amounts(draft, "maximum-capacity", amounts.group(1)));
            return parentMost;
        }
        if (text.isEmpty()) {
            return parentMost;
        }
        Optional<BigDecimal> percent = HadoopAmounts.number(text);
        if (percent.isEmpty()) {
            draft.remark("maximum-capacity " + Draft.quoted(text) + " is no percent and no amounts: there is no limit");
            return parentMost;
        }
        if (percent.get().signum() < 0 || percent.get().compareTo(HUNDRED) >= 0) {
            return parentMost;
        }
        BigDecimal part = parentMost.multiply(percent.get()).divide(HUNDRED, MathContext.DECIMAL64);
        if (total.isPresent()) {
            draft.limits(HadoopAmounts.part(total.get(), part));
        } else {
            draft.remark("maximum-capacity " + text + " % becomes a limit if --total says what the cluster has");
        }
        return part;
    }

    private void users(Draft draft) {
        HadoopAmounts.number(properties.getOrDefault(draft.path() + ".minimum-user-limit-percent", "100"))
                .filter(percent -> percent.compareTo(HUNDRED) < 0)
                .ifPresent(draft::minimumUserPercent);
        // Hadoop's default lets a user have what the queue is sure of and no more, -1 switches that off.
        String factor = properties.getOrDefault(draft.path() + ".user-limit-factor", "1");
        HadoopAmounts.number(factor).filter(times -> times.signum() > 0).ifPresent(times -> {
            if (draft.hasBounds()) {
                draft.userLimitPercent(times.multiply(HUNDRED));
            } else {
                draft.remark(
                        "user-limit-factor " + factor
                                + (properties.containsKey(draft.path() + ".user-limit-factor")
                                        ? ""
                                        : ", Hadoop's default,")
                                + " is of what the queue is guaranteed: it becomes a limit if --total says what the cluster has");
            }
        });
    }

    private void ordering(Draft draft) {
        String policy = properties.getOrDefault(draft.path() + ".ordering-policy", "fifo");
        switch (policy) {
            case "fair" -> draft.ordering(QueueSpec.Ordering.FAIR);
            case "fifo", "fifo-with-partitions", "fifo-for-pending-apps" -> draft.ordering(QueueSpec.Ordering.FIFO);
            default ->
                draft.remark("ordering-policy " + Draft.quoted(policy) + " is neither fair nor fifo: it is fair");
        }
    }

    private Map<String, Quantity> amounts(Draft draft, String setting, String text) {
        Map<String, Quantity> amounts = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            Matcher amount = AMOUNT.matcher(part.strip());
            Optional<BigDecimal> number = amount.matches() ? HadoopAmounts.number(amount.group(2)) : Optional.empty();
            if (number.isEmpty()) {
                draft.remark(setting + " has " + Draft.quoted(part.strip())
                        + ", which is no amount such as memory=10240: it is left out");
                continue;
            }
            String name = amount.group(1);
            String unit = amount.group(3);
            Map.Entry<String, Quantity> entry = unit == null
                    ? HadoopAmounts.of(name, number.get())
                    : Map.entry(HadoopAmounts.name(name), new Quantity(amount.group(2), unit.equals("K") ? "k" : unit));
            amounts.put(entry.getKey(), entry.getValue());
        }
        return amounts;
    }

    private void remarksOn(Draft draft) {
        String prefix = draft.path() + ".";
        properties.forEach((name, value) -> {
            if (name.startsWith(prefix) && ownerOf(name).equals(draft.path())) {
                String setting = name.substring(prefix.length());
                if (!READ.contains(setting) && !isUnlessSet(setting, value)) {
                    draft.remark(setting + " = " + Draft.quoted(value) + ": " + reason(setting));
                }
            }
        });
    }

    // What is written out in many files although it is what holds anyway.
    private static boolean isUnlessSet(String setting, String value) {
        return switch (setting) {
            case "state" -> value.equalsIgnoreCase("RUNNING");
            case "acl_submit_applications", "acl_administer_queue" -> value.equals("*");
            case "ordering-policy.fair.enable-size-based-weight" -> value.equals("false");
            default -> false;
        };
    }

    private static String reason(String setting) {
        return OF_QUEUES.entrySet().stream()
                .filter(known -> setting.startsWith(known.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse(NONE);
    }

    // The queue that a property is about: of those that exist, the one with the longest path.
    private String ownerOf(String property) {
        String owner = "";
        for (String path : paths) {
            if (property.startsWith(path + ".") && path.length() > owner.length() && mayOwn(path, property)) {
                owner = path;
            }
        }
        return owner;
    }

    private boolean mayOwn(String path, String property) {
        // Children are read after their parents: what begins with a child's name is not the parent's.
        String rest = property.substring(path.length() + 1);
        return children(path).stream().noneMatch(child -> rest.startsWith(child + "."));
    }

    private void remarkOnWhatIsLeft() {
        properties.forEach((name, value) -> {
            String said = " = " + Draft.quoted(value) + ": ";
            if (!name.startsWith("root.")) {
                remarks.add(PREFIX
                        + name
                        + said
                        + switch (name) {
                            case "resource-calculator" -> "shares are always counted by the dominant resource";
                            case "queue-mappings",
                                    "queue-mappings-override.enable",
                                    "mapping-rule-json",
                                    "mapping-rule-format" -> "submissions name their queue, or get root.default";
                            default -> reason(name);
                        });
            } else if (ownerOf(name).equals("root")) {
                String setting = name.substring("root.".length());
                if (!READ.contains(setting) && !isUnlessSet(setting, value)) {
                    boolean ofAnother =
                            setting.indexOf('.') > 0 && reason(setting).equals(NONE);
                    remarks.add(PREFIX + name + said + (ofAnother ? "there is no such queue" : reason(setting)));
                }
            }
        });
    }
}
