package io.offerplane.yarn.gateway;

import io.offerplane.yarn.gateway.allocation.Allocator;
import io.offerplane.yarn.gateway.allocation.Amount;
import io.offerplane.yarn.gateway.allocation.Applicant;
import io.offerplane.yarn.gateway.allocation.Ask;
import io.offerplane.yarn.gateway.allocation.AskKey;
import io.offerplane.yarn.gateway.allocation.Grant;
import io.offerplane.yarn.gateway.allocation.Grants;
import io.offerplane.yarn.gateway.allocation.NodeOnOffer;
import io.offerplane.yarn.gateway.allocation.QueueOnOffer;
import io.offerplane.yarn.gateway.allocation.Wish;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * An allocator of simple books, for tests: first come, first served, first node that has room. One thread of its own does everything,
 * so that grants come from elsewhere and later, as the engine's will.
 */
public final class BooksAllocator implements Allocator, AutoCloseable {
    private record Held(String attempt, String node, Amount each) {}

    private record AskId(String attempt, AskKey key) {}

    private final ExecutorService thread =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("books").factory());
    private final List<QueueOnOffer> queues;

    // Written by the one thread only; tests read through snapshots made on it.
    private final Map<String, NodeOnOffer> nodes = new TreeMap<>();
    private final Map<String, Applicant> applicants = new LinkedHashMap<>();
    private final Map<AskId, Ask> asks = new LinkedHashMap<>();
    private final Map<AskId, Long> issued = new HashMap<>();
    private final Map<String, Held> held = new LinkedHashMap<>();
    private final Map<String, Set<String>> avoided = new HashMap<>();
    private final List<Ask> heard = new ArrayList<>();
    private long grantNumber;
    private volatile boolean paused;
    private volatile Amount free = new Amount(0, 0);
    private @Nullable Grants grants;

    /** Books with the queues {@code root} and {@code root.default}. */
    public BooksAllocator() {
        this(List.of(new QueueOnOffer("root", 1, 1, 1), new QueueOnOffer("root.default", 1, 1, 1)));
    }

    /** Books with these queues. */
    public BooksAllocator(List<QueueOnOffer> queues) {
        this.queues = queues;
    }

    /** Grants nothing until {@link #resume}. */
    public void pause() {
        paused = true;
    }

    public void resume() {
        paused = false;
        tell(() -> {});
    }

    /** What is held now, by the container's (or a yet unanswered grant's) id. */
    public Map<String, Amount> held() {
        Map<String, Amount> amounts = new TreeMap<>();
        await(() -> held.forEach((id, each) -> amounts.put(id, each.each())));
        return amounts;
    }

    /** Every ask that came in, in order. */
    public List<Ask> heard() {
        List<Ask> all = new ArrayList<>();
        await(() -> all.addAll(heard));
        return all;
    }

    /** The nodes that have joined and not left. */
    public List<NodeOnOffer> nodes() {
        List<NodeOnOffer> all = new ArrayList<>();
        await(() -> all.addAll(nodes.values()));
        return all;
    }

    /** Who asked, in order of appearance. */
    public List<Applicant> applicants() {
        List<Applicant> all = new ArrayList<>();
        await(() -> all.addAll(applicants.values()));
        return all;
    }

    @Override
    public void begin(Grants grants) {
        this.grants = grants;
    }

    @Override
    public List<QueueOnOffer> queues() {
        return queues;
    }

    @Override
    public void nodeJoined(NodeOnOffer node) {
        tell(() -> nodes.put(node.id(), node));
    }

    @Override
    public void nodeLeft(String node) {
        tell(() -> {
            nodes.remove(node);
            held.values().removeIf(container -> container.node().equals(node));
        });
    }

    @Override
    public void attemptBegan(Applicant applicant) {
        tell(() -> applicants.put(applicant.attempt(), applicant));
    }

    @Override
    public void attemptEnded(String attempt) {
        tell(() -> asks.keySet().removeIf(id -> id.attempt().equals(attempt)));
    }

    @Override
    public void applicationEnded(String application) {
        // Its attempts have ended, and its containers end one by one.
    }

    @Override
    public void ask(Ask ask) {
        tell(() -> {
            heard.add(ask);
            AskId id = new AskId(ask.attempt(), ask.key());
            asks.put(id, ask);
        });
    }

    @Override
    public void avoid(String attempt, Set<String> places) {
        tell(() -> avoided.put(attempt, places));
    }

    @Override
    public void accepted(String grant, String container) {
        tell(() -> {
            Held was = held.remove(grant);
            if (was != null) {
                held.put(container, was);
            }
        });
    }

    @Override
    public void declined(String grant) {
        tell(() -> held.remove(grant));
    }

    @Override
    public void recovered(String container, String attempt, String node, Amount each) {
        tell(() -> held.put(container, new Held(attempt, node, each)));
    }

    @Override
    public void ended(String container) {
        tell(() -> held.remove(container));
    }

    // Never waits for the thread: the caller holds a lock that a grant needs.
    @Override
    public Amount headroom(String attempt) {
        return free;
    }

    @Override
    public void close() {
        thread.shutdown();
    }

    private void tell(Runnable change) {
        thread.execute(() -> {
            change.run();
            if (!paused) {
                grantWhatFits();
            }
            free = freeInAll();
        });
    }

    private void await(Runnable reading) {
        try {
            thread.submit(reading).get();
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private void grantWhatFits() {
        for (Ask ask : List.copyOf(asks.values())) {
            AskId id = new AskId(ask.attempt(), ask.key());
            for (NodeOnOffer node : List.copyOf(nodes.values())) {
                while (left(id, ask) > 0 && mayRunOn(ask, node) && fits(ask.each(), free(node))) {
                    grant(id, ask, node);
                }
            }
        }
    }

    private long left(AskId id, Ask ask) {
        return ask.total() - (issued.getOrDefault(id, 0L) - ask.grantsSeen());
    }

    private boolean mayRunOn(Ask ask, NodeOnOffer node) {
        Set<String> avoid = avoided.getOrDefault(ask.attempt(), Set.of());
        if (avoid.contains(node.host()) || avoid.contains(node.rack())) {
            return false;
        }
        boolean pinned = ask.wishes().stream().anyMatch(wish -> wish.place().equals(Wish.ANYWHERE) && !wish.relaxed());
        return !pinned || ask.wishes().stream().anyMatch(wish -> wish.place().equals(node.host()) && wish.count() > 0);
    }

    private Amount free(NodeOnOffer node) {
        long memory = node.total().memoryMib();
        int vcores = node.total().vcores();
        for (Held container : held.values()) {
            if (container.node().equals(node.id())) {
                memory -= container.each().memoryMib();
                vcores -= container.each().vcores();
            }
        }
        return new Amount(Math.max(0, memory), Math.max(0, vcores));
    }

    private Amount freeInAll() {
        long memory = 0;
        int vcores = 0;
        for (NodeOnOffer node : nodes.values()) {
            Amount left = free(node);
            memory += left.memoryMib();
            vcores += left.vcores();
        }
        return new Amount(memory, vcores);
    }

    private static boolean fits(Amount each, Amount free) {
        return each.memoryMib() <= free.memoryMib() && each.vcores() <= free.vcores();
    }

    private void grant(AskId id, Ask ask, NodeOnOffer node) {
        String grant = "grant-" + ++grantNumber;
        issued.merge(id, 1L, Long::sum);
        held.put(grant, new Held(ask.attempt(), node.id(), ask.each()));
        Grants to = grants;
        if (to != null) {
            to.granted(new Grant(grant, ask.attempt(), ask.key(), node.id(), ask.each()));
        }
    }
}
