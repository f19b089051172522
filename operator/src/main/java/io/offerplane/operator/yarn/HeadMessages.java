package io.offerplane.operator.yarn;

import io.offerplane.engine.ask.Ask;
import io.offerplane.engine.ask.AskKey;
import io.offerplane.engine.ask.Locality;
import io.offerplane.engine.ask.Placement;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.HeadAmount;
import io.offerplane.protocol.link.v1.HeadAsk;
import io.offerplane.protocol.link.v1.HeadAskKey;
import io.offerplane.protocol.link.v1.Wish;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Words of the link as the engine's, and what is wrong with them. */
final class HeadMessages {
    private static final int LONGEST_NAME = 1024;
    private static final int MOST_PLACES = 10_000;
    private static final long MOST_MEMORY_MIB = 1L << 40;
    private static final int MOST_VCORES = 1 << 20;
    private static final String ANYWHERE = "*";
    private static final String ROOT = "root.";

    private HeadMessages() {}

    /** What is wrong with a message, in the words of the head's; empty when it can be obeyed. */
    static Optional<String> fault(FromHead message) {
        return switch (message.getMessageCase()) {
            case HELLO -> name("incarnation", message.getHello().getIncarnation());
            case SYNCED -> Optional.empty();
            case NODE_JOINED ->
                first(
                        name("node", message.getNodeJoined().getNode()),
                        name("host", message.getNodeJoined().getHost()),
                        amount(message.getNodeJoined().getTotal()));
            case NODE_LEFT -> name("node", message.getNodeLeft().getNode());
            case ATTEMPT_BEGAN ->
                first(
                        name("attempt", message.getAttemptBegan().getAttempt()),
                        name("application", message.getAttemptBegan().getApplication()),
                        name("user", message.getAttemptBegan().getUser()),
                        queue(message.getAttemptBegan().getQueue()));
            case ATTEMPT_ENDED -> name("attempt", message.getAttemptEnded().getAttempt());
            case APPLICATION_ENDED ->
                name("application", message.getApplicationEnded().getApplication());
            case ASK -> ask(message.getAsk());
            case AVOID ->
                first(
                        name("attempt", message.getAvoid().getAttempt()),
                        places(message.getAvoid().getPlacesList()));
            case HOLDS ->
                first(
                        name("container", message.getHolds().getContainer()),
                        name("attempt", message.getHolds().getAttempt()),
                        name("application", message.getHolds().getApplication()),
                        name("node", message.getHolds().getNode()),
                        amount(message.getHolds().getEach()));
            case DECLINED -> name("grant", message.getDeclined().getGrant());
            case CONTAINER_ENDED ->
                name("container", message.getContainerEnded().getContainer());
            case MESSAGE_NOT_SET -> Optional.of("a message without content (expected: one of FromHead's)");
        };
    }

    private static Optional<String> ask(HeadAsk ask) {
        if (ask.getWishesCount() > MOST_PLACES) {
            return Optional.of("wishes: " + ask.getWishesCount() + " (expected: at most " + MOST_PLACES + ")");
        }
        for (Wish wish : ask.getWishesList()) {
            if (wish.getCount() < 0 || wish.getCount() > Ask.MOST) {
                return Optional.of("count: " + Integer.toUnsignedString(wish.getCount()) + " (expected: at most "
                        + Ask.MOST + ")");
            }
        }
        if (ask.getGrantsSeen() < 0 || ask.getGrantsAnswered() < ask.getGrantsSeen()) {
            return Optional.of("grants_answered: " + ask.getGrantsAnswered() + " (expected: no less than grants_seen, "
                    + ask.getGrantsSeen() + ")");
        }
        return first(
                name("attempt", ask.getAttempt()),
                amount(ask.getEach()),
                places(ask.getWishesList().stream().map(Wish::getPlace).toList()));
    }

    private static Optional<String> places(List<String> places) {
        if (places.size() > MOST_PLACES) {
            return Optional.of("places: " + places.size() + " (expected: at most " + MOST_PLACES + ")");
        }
        return places.stream().flatMap(place -> name("place", place).stream()).findFirst();
    }

    private static Optional<String> queue(String path) {
        if (!path.startsWith(ROOT)) {
            return Optional.of("queue: " + path + " (expected: a path below root)");
        }
        return name("queue", path).or(() -> RolePath.fault(role(path).value()));
    }

    private static Optional<String> name(String field, String value) {
        return value.isEmpty() || value.length() > LONGEST_NAME
                ? Optional.of(field + ": " + value.length() + " characters (expected: 1 to " + LONGEST_NAME + ")")
                : Optional.empty();
    }

    private static Optional<String> amount(HeadAmount amount) {
        if (amount.getMemoryMib() < 0 || amount.getMemoryMib() > MOST_MEMORY_MIB) {
            return Optional.of("memory: " + Long.toUnsignedString(amount.getMemoryMib()) + " MiB (expected: at most "
                    + MOST_MEMORY_MIB + ")");
        }
        if (amount.getVcores() < 0 || amount.getVcores() > MOST_VCORES) {
            return Optional.of("vcores: " + Integer.toUnsignedString(amount.getVcores()) + " (expected: at most "
                    + MOST_VCORES + ")");
        }
        return Optional.empty();
    }

    @SafeVarargs
    private static Optional<String> first(Optional<String>... faults) {
        for (Optional<String> fault : faults) {
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }

    /** {@code root.eng.ads} is the role {@code eng/ads}. */
    static RolePath role(String queue) {
        return new RolePath(queue.substring(ROOT.length()).replace('.', '/'));
    }

    static AskKey key(HeadAskKey key) {
        return new AskKey(key.getPriority(), key.getAllocationRequestId());
    }

    static HeadAskKey key(AskKey key) {
        return HeadAskKey.newBuilder()
                .setPriority(key.priority())
                .setAllocationRequestId(key.allocationId())
                .build();
    }

    /**
     * The ask as the engine takes it.
     *
     * @param underWay grants that its counts don't know of yet
     * @param vcore what it counts processors in
     */
    static Ask ask(HeadAsk ask, long underWay, VcoreSize vcore) {
        SortedMap<String, Integer> hosts = new TreeMap<>();
        SortedMap<String, Integer> racks = new TreeMap<>();
        long total = 0;
        boolean elsewhere = true;
        for (Wish wish : ask.getWishesList()) {
            if (wish.getPlace().equals(ANYWHERE)) {
                total = wish.getCount();
                elsewhere = wish.getRelaxed();
            } else if (wish.getCount() > 0) {
                (wish.getPlace().startsWith("/") ? racks : hosts).put(wish.getPlace(), wish.getCount());
            }
        }
        ResourceQuantities size = vcore.quantities(ask.getEach());
        long left = Math.clamp(total - underWay, 0, Ask.MOST);
        // What names no place and may be nowhere else is never served. Labels are none of the head's yet.
        boolean servable = !size.isEmpty()
                && (elsewhere || !hosts.isEmpty() || !racks.isEmpty())
                && ask.getNodeLabel().isEmpty();
        if (left == 0 || !servable) {
            return nothing(key(ask.getKey()));
        }
        return new Ask(
                key(ask.getKey()),
                size,
                (int) left,
                new Locality(hosts, racks, elsewhere),
                Placement.ANY,
                Optional.empty(),
                ask.getApplicationMaster());
    }

    /** Takes back what was asked under a key. */
    static Ask nothing(AskKey key) {
        return Ask.anywhere(
                key,
                VcoreSize.CORE.quantities(
                        HeadAmount.newBuilder().setMemoryMib(1).build()),
                0);
    }
}
