package io.offerplane.operator.queueimport;

import io.fabric8.kubernetes.api.model.Quantity;
import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.w3c.dom.Element;

/** The queues of the FairScheduler's allocation file, mostly {@code fair-scheduler.xml}: weights, least resources as guarantees, most as limits. */
final class FairSchedulerFile {
    private static final int DEEPEST = 16;
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    /** {@code 10240 mb, 4 vcores}, as the file had it first. */
    private static final Pattern WORDS = Pattern.compile("([0-9.]+)\\s*(mb|vcores)", Pattern.CASE_INSENSITIVE);

    /** {@code memory-mb=10240}, also in percent. */
    private static final Pattern NAMED = Pattern.compile("([^=,\\s]+)\\s*=\\s*([0-9.]+)\\s*(%)?");

    /** {@code 50% memory} or {@code 50%} of everything. */
    private static final Pattern PERCENT = Pattern.compile("([0-9.]+)\\s*%\\s*(memory|cpu)?", Pattern.CASE_INSENSITIVE);

    private static final Map<String, String> OF_QUEUES = Map.ofEntries(
            Map.entry("maxContainerAllocation", "the largest container is one for all queues"),
            Map.entry("maxChildResources", "queues are made by objects, not by submissions: give each its limits"),
            Map.entry("maxRunningApps", "the number of applications is not limited"),
            Map.entry("maxAMShare", "masters are not limited apart from other containers"),
            Map.entry("aclSubmitApps", "who may use a queue is said by Framework objects and Kubernetes' own RBAC"),
            Map.entry("aclAdministerApps", "who may use a queue is said by Framework objects and Kubernetes' own RBAC"),
            Map.entry(
                    "minSharePreemptionTimeout",
                    "say reclaimGraceSeconds where containers may be ended for others; without it none is"),
            Map.entry("fairSharePreemptionTimeout", "containers are ended for guarantees only, not for fair shares"),
            Map.entry("fairSharePreemptionThreshold", "containers are ended for guarantees only, not for fair shares"),
            Map.entry(
                    "allowPreemptionFrom", "leave reclaimGraceSeconds out where no container may be ended for others"),
            Map.entry("reservation", "there are no reservations in time"));

    private static final Map<String, String> OF_ALL = Map.ofEntries(
            Map.entry("user", "the number of applications is not limited"),
            Map.entry("userMaxAppsDefault", "the number of applications is not limited"),
            Map.entry("queueMaxAppsDefault", "the number of applications is not limited"),
            Map.entry("queueMaxAMShareDefault", "masters are not limited apart from other containers"),
            Map.entry("queuePlacementPolicy", "submissions name their queue, or get root.default"),
            Map.entry(
                    "defaultMinSharePreemptionTimeout",
                    "say reclaimGraceSeconds where containers may be ended for others; without it none is"),
            Map.entry(
                    "defaultFairSharePreemptionTimeout",
                    "containers are ended for guarantees only, not for fair shares"),
            Map.entry(
                    "defaultFairSharePreemptionThreshold",
                    "containers are ended for guarantees only, not for fair shares"));

    private final Optional<Map<String, Quantity>> total;
    private final List<QueueImport.Imported> queues = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private final Set<String> paths = new HashSet<>();
    private @Nullable String defaultPolicy;
    private @Nullable String defaultLimits;

    private FairSchedulerFile(Optional<Map<String, Quantity>> total) {
        this.total = total;
    }

    /**
     * Its queues.
     *
     * @param allocations the outermost element
     * @param total what the cluster has, where percents are to become amounts
     * @throws UnusableFile when there is no queue, or one is nameless or there twice
     */
    static QueueImport read(Element allocations, Optional<Map<String, Quantity>> total) throws UnusableFile {
        FairSchedulerFile file = new FairSchedulerFile(total);
        file.readDefaults(allocations);
        for (Element element : HadoopXml.children(allocations)) {
            if (isQueue(element)) {
                if (element.getAttribute("name").strip().equals("root")) {
                    file.readRoot(element);
                } else {
                    file.readQueue("root", element, 1);
                }
            }
        }
        if (file.queues.isEmpty()) {
            throw new UnusableFile("there is no <queue name=\"...\"> in it");
        }
        return new QueueImport(file.queues, file.remarks);
    }

    private static boolean isQueue(Element element) {
        return element.getTagName().equals("queue") || element.getTagName().equals("pool");
    }

    private void readDefaults(Element allocations) {
        for (Element element : HadoopXml.children(allocations)) {
            String name = element.getTagName();
            switch (name) {
                case "queue", "pool" -> {}
                case "defaultQueueSchedulingPolicy", "defaultQueueSchedulingMode" ->
                    defaultPolicy = HadoopXml.text(element);
                case "queueMaxResourcesDefault" -> defaultLimits = HadoopXml.text(element);
                default -> remarks.add(name + ": " + OF_ALL.getOrDefault(name, "it has no equivalent"));
            }
        }
    }

    private void readRoot(Element root) throws UnusableFile {
        for (Element element : HadoopXml.children(root)) {
            if (isQueue(element)) {
                readQueue("root", element, 1);
            } else if (!element.getTagName().equals("schedulingPolicy")) {
                remarks.add("root: " + element.getTagName() + ": "
                        + OF_QUEUES.getOrDefault(element.getTagName(), "the root queue is the whole cluster"));
            }
        }
    }

    private void readQueue(String parent, Element element, int depth) throws UnusableFile {
        String name = element.getAttribute("name").strip();
        if (name.isEmpty()) {
            throw new UnusableFile("a queue below " + parent + " has no name");
        }
        String path = parent + "." + name;
        if (depth > DEEPEST) {
            throw new UnusableFile(path + " is deeper than the " + DEEPEST + " levels that are read");
        }
        if (!Draft.isName(name)) {
            remarks.add(path + " is left out with all below it: a queue's name has letters, digits, _ and - only");
            return;
        }
        if (!paths.add(path)) {
            throw new UnusableFile(path + " is there twice");
        }
        List<Element> children = HadoopXml.children(element);
        boolean leaf = children.stream().noneMatch(FairSchedulerFile::isQueue)
                && !element.getAttribute("type").equals("parent");
        Draft draft = new Draft(path);
        if (leaf) {
            if (defaultLimits != null) {
                draft.limits(amounts(draft, "queueMaxResourcesDefault", defaultLimits));
            }
            if (defaultPolicy != null) {
                policy(draft, defaultPolicy);
            }
        }
        for (Element setting : children) {
            if (!isQueue(setting)) {
                read(draft, setting.getTagName(), HadoopXml.text(setting), leaf);
            }
        }
        queues.add(draft.finished());
        for (Element child : children) {
            if (isQueue(child)) {
                readQueue(path, child, depth + 1);
            }
        }
    }

    private void read(Draft draft, String setting, String value, boolean leaf) {
        switch (setting) {
            case "weight" ->
                HadoopAmounts.number(value)
                        .ifPresentOrElse(
                                draft::weight,
                                () -> draft.remark("weight " + Draft.quoted(value) + " is no number: it is 1"));
            case "minResources" -> draft.guarantees(amounts(draft, setting, value));
            case "maxResources" -> draft.limits(amounts(draft, setting, value));
            case "schedulingPolicy", "schedulingMode" -> {
                if (leaf) {
                    policy(draft, value);
                }
            }
            default ->
                draft.remark(setting + " = " + Draft.quoted(value) + ": "
                        + OF_QUEUES.getOrDefault(setting, "it has no equivalent"));
        }
    }

    private static void policy(Draft draft, String policy) {
        switch (policy.substring(policy.lastIndexOf('.') + 1)) {
            case "fifo", "FIFO", "FifoPolicy" -> draft.ordering(QueueSpec.Ordering.FIFO);
            case "drf", "DRF", "DominantResourceFairnessPolicy" -> draft.ordering(QueueSpec.Ordering.FAIR);
            case "fair", "FAIR", "FairSharePolicy" -> {
                draft.ordering(QueueSpec.Ordering.FAIR);
                draft.remark(
                        "schedulingPolicy fair counts memory only: here shares are always counted by the dominant resource");
            }
            default ->
                draft.remark("schedulingPolicy " + Draft.quoted(policy) + " is none of fifo, fair and drf: it is fair");
        }
    }

    private Map<String, Quantity> amounts(Draft draft, String setting, String text) {
        Map<String, Quantity> amounts = new TreeMap<>();
        Matcher words = WORDS.matcher(text);
        if (words.lookingAt()) {
            words.reset();
            while (words.find()) {
                add(
                        draft,
                        setting,
                        amounts,
                        words.group(2).equalsIgnoreCase("mb") ? "memory" : "vcores",
                        words.group(1),
                        false);
            }
            return amounts;
        }
        for (String part : text.split(",", -1)) {
            Matcher named = NAMED.matcher(part.strip());
            Matcher percent = PERCENT.matcher(part.strip());
            if (named.matches()) {
                add(draft, setting, amounts, named.group(1), named.group(2), named.group(3) != null);
            } else if (percent.matches()) {
                String of = percent.group(2);
                for (String name : of == null
                        ? List.of("memory", "vcores")
                        : List.of(of.equalsIgnoreCase("cpu") ? "vcores" : "memory")) {
                    add(draft, setting, amounts, name, percent.group(1), true);
                }
            } else if (!part.isBlank()) {
                draft.remark(setting + " has " + Draft.quoted(part.strip())
                        + ", which is no amount such as memory-mb=10240: it is left out");
            }
        }
        return amounts;
    }

    private void add(
            Draft draft, String setting, Map<String, Quantity> amounts, String name, String text, boolean percent) {
        Optional<BigDecimal> number = HadoopAmounts.number(text);
        if (number.isEmpty()) {
            draft.remark(setting + " has " + Draft.quoted(text) + ", which is no number: it is left out");
            return;
        }
        if (!percent) {
            // Hadoop's word for no limit at all.
            if (number.get().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) < 0) {
                Map.Entry<String, Quantity> amount = HadoopAmounts.of(name, number.get());
                amounts.put(amount.getKey(), amount.getValue());
            }
            return;
        }
        String kubernetes = HadoopAmounts.name(name);
        Quantity all = total.map(sizes -> sizes.get(kubernetes)).orElse(null);
        if (all == null) {
            draft.remark(setting + " has " + text + " % of " + name
                    + ", which becomes an amount if --total says how much " + kubernetes + " the cluster has");
            return;
        }
        amounts.put(
                kubernetes, HadoopAmounts.part(kubernetes, all, number.get().divide(HUNDRED, MathContext.DECIMAL64)));
    }
}
