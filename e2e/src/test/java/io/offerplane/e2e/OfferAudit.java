package io.offerplane.e2e;

import io.offerplane.e2e.client.JournalEntry;
import io.offerplane.e2e.client.PymesosScheduler;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks for resources that were offered twice, from nothing but the offers that frameworks recorded: at every moment, what lies in
 * unanswered offers of an agent and what its live tasks hold must fit into what the agent has.
 *
 * <p>Exact for tasks that outlive the audit. A framework learns of an ended task after its resources were freed, so tasks that end
 * within the audited time may count too long; audits use tasks that stay.
 */
final class OfferAudit {
    /** Scalars have three decimals on the wire; sums of doubles are compared with this slack. */
    private static final double SLACK = 1e-6;

    private final Map<String, Map<String, Double>> totals;
    private final Map<String, Map<String, Double>> used = new HashMap<>();
    private final Map<String, OpenOffer> open = new HashMap<>();
    private final Map<String, Holding> tasks = new HashMap<>();
    private final List<String> violations = new ArrayList<>();
    private int offersSeen;

    private record OpenOffer(String framework, String agent, Map<String, Double> amounts) {}

    private record Holding(String agent, Map<String, Double> amounts) {}

    private record Recorded(String framework, JournalEntry entry, Map<String, Double> taskSize) {}

    /** @param totals by agent id, then by resource name: what the agent has at most */
    OfferAudit(Map<String, Map<String, Double>> totals) {
        this.totals = Map.copyOf(totals);
    }

    /** A framework's journal, and the size that each of its tasks has. */
    record Journal(String framework, List<JournalEntry> entries, Map<String, Double> taskSize) {
        static Journal of(String name, PymesosScheduler framework, double cpus, double memory) {
            return new Journal(name, framework.journal(), Map.of("cpus", cpus, "mem", memory));
        }
    }

    /** Replays all journals in the order of time, and returns what was wrong, in words. */
    List<String> replay(List<Journal> journals) {
        List<Recorded> all = new ArrayList<>();
        for (Journal journal : journals) {
            journal.entries().forEach(entry -> all.add(new Recorded(journal.framework(), entry, journal.taskSize())));
        }
        all.sort(Comparator.comparingDouble(recorded -> recorded.entry().at()));
        all.forEach(this::replay);
        return List.copyOf(violations);
    }

    int offersSeen() {
        return offersSeen;
    }

    private void replay(Recorded recorded) {
        JournalEntry entry = recorded.entry();
        switch (entry.event()) {
            case "offer" -> {
                offersSeen++;
                Map<String, Double> amounts = Map.of("cpus", entry.scalar("cpus"), "mem", entry.scalar("mem"));
                OpenOffer before = open.put(
                        entry.text("/offer_id"), new OpenOffer(recorded.framework(), entry.agentId(), amounts));
                if (before != null) {
                    violations.add("offer id given twice: " + entry);
                    add(before.agent(), before.amounts(), -1);
                }
                add(entry.agentId(), amounts, 1);
                check(entry);
            }
            case "launch" -> {
                close(entry.text("/offer_id"));
                for (String task : entry.texts("task_ids")) {
                    tasks.put(task, new Holding(entry.agentId(), recorded.taskSize()));
                    add(entry.agentId(), recorded.taskSize(), 1);
                }
                check(entry);
            }
            case "decline", "rescind" -> close(entry.text("/offer_id"));
            // A new leader knows nothing of the old one's offers, nor may a framework use them.
            case "resubscribed", "disconnected" ->
                List.copyOf(open.entrySet()).stream()
                        .filter(offer -> offer.getValue().framework().equals(recorded.framework()))
                        .forEach(offer -> close(offer.getKey()));
            case "update" -> {
                if (PymesosScheduler.isTerminal(entry.state())) {
                    Holding holding = tasks.remove(entry.taskId());
                    if (holding != null) {
                        add(holding.agent(), holding.amounts(), -1);
                    }
                }
            }
            default -> {
                // Nothing else moves resources.
            }
        }
    }

    private void close(String offerId) {
        OpenOffer offer = open.remove(offerId);
        if (offer != null) {
            add(offer.agent(), offer.amounts(), -1);
        }
    }

    private void add(String agent, Map<String, Double> amounts, int sign) {
        Map<String, Double> sums = used.computeIfAbsent(agent, unknown -> new HashMap<>());
        amounts.forEach((resource, amount) -> sums.merge(resource, sign * amount, Double::sum));
    }

    private void check(JournalEntry cause) {
        Map<String, Double> total = totals.get(cause.agentId());
        if (total == null) {
            violations.add("an agent that the master does not list: " + cause);
            return;
        }
        used.getOrDefault(cause.agentId(), Map.of()).forEach((resource, sum) -> {
            if (sum > total.getOrDefault(resource, 0.0) + SLACK) {
                violations.add("%s of %s: %.3f offered and held, of %.3f; at %s"
                        .formatted(resource, cause.agentId(), sum, total.getOrDefault(resource, 0.0), cause));
            }
        });
    }
}
