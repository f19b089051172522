package io.offerplane.operator.yarn;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.protocol.link.v1.ContainerEnded;
import io.offerplane.protocol.link.v1.Declined;
import io.offerplane.protocol.link.v1.FromHead;
import io.offerplane.protocol.link.v1.Granted;
import io.offerplane.protocol.link.v1.ToHead;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a head does and however often its stream breaks: once all grants are answered, the engine has booked the head's containers and
 * nothing else, and what is still wanted is there as far as there is room.
 */
class HeadBooksProperties {
    private static final int ROOM = 8;
    private static final int STEPS = 150;

    private final LeaderByHand leader = new LeaderByHand("term-1");

    // What the head knows of itself.
    private final Map<String, String> grantOfContainer = new TreeMap<>();
    private long connection;
    private boolean linked;
    private int read;
    private int wanted;
    private long answered;
    private int askCount;
    private long askSeen;
    private int number;

    @ParameterizedTest(name = "seed {0}")
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void theEngineHasWhatTheHeadHas(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        leader.agent("a", ROOM, 8192);
        link();
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(6)) {
                case 0 -> ask(random.nextInt(ROOM + 3));
                case 1 -> end(random);
                case 2 -> answer(random.nextInt(3));
                case 3 -> {
                    if (linked) {
                        leader.close(connection);
                        linked = false;
                    } else {
                        link();
                    }
                }
                case 4 -> leader.pass(Duration.ofMillis(random.nextInt(200)));
                default -> answer(Integer.MAX_VALUE);
            }
        }
        settle();
        assertThat(leader.allocatedCpus())
                .as("seed %d: what the engine has booked", seed)
                .isEqualTo(grantOfContainer.size());
        assertThat(wanted == 0 || grantOfContainer.size() == ROOM)
                .as("seed %d: %d still wanted, %d held of %d", seed, wanted, grantOfContainer.size(), ROOM)
                .isTrue();
    }

    private void settle() {
        if (!linked) {
            link();
        }
        for (int round = 0; round < 20; round++) {
            leader.pass(Duration.ofSeconds(1));
            answer(Integer.MAX_VALUE);
            leader.pass(Duration.ofSeconds(1));
        }
    }

    private void link() {
        connection = leader.open("head");
        linked = true;
        read = leader.sent.size();
        leader.node("a");
        leader.attempt("root.eng");
        if (askCount > 0 || askSeen > 0) {
            leader.ask(askCount, askSeen, answered);
        }
        grantOfContainer.forEach((container, grant) -> leader.holds(container, grant, "a"));
        leader.synced();
    }

    private void ask(int count) {
        wanted = count;
        askCount = count;
        askSeen = answered;
        if (linked) {
            leader.ask(count, answered, answered);
        }
    }

    private void end(SplittableRandom random) {
        if (grantOfContainer.isEmpty()) {
            return;
        }
        List<String> containers = new ArrayList<>(grantOfContainer.keySet());
        String container = containers.get(random.nextInt(containers.size()));
        grantOfContainer.remove(container);
        if (linked) {
            leader.hear(FromHead.newBuilder()
                    .setContainerEnded(ContainerEnded.newBuilder().setContainer(container)));
        }
    }

    /** Takes what is wanted and declines the rest, as the head does. */
    private void answer(int most) {
        for (int i = 0; linked && i < most && read < leader.sent.size(); i++) {
            ToHead message = leader.sent.get(read++);
            assertThat(message.hasContainerLost()).as(message.toString()).isFalse();
            if (!message.hasGranted()) {
                continue;
            }
            Granted granted = message.getGranted();
            answered++;
            if (wanted > 0) {
                wanted--;
                String container = "c" + ++number;
                grantOfContainer.put(container, granted.getGrant());
                leader.holds(container, granted.getGrant(), "a");
            } else {
                leader.hear(
                        FromHead.newBuilder().setDeclined(Declined.newBuilder().setGrant(granted.getGrant())));
            }
        }
    }
}
