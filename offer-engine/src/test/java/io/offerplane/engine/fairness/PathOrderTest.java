package io.offerplane.engine.fairness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathOrderTest {
    private static final class Named extends Client {
        Named(String path) {
            super(path);
        }
    }

    private final PathOrder order = new PathOrder();
    private final List<Client> clients = new ArrayList<>();

    private void add(String path) {
        Client client = new Named(path);
        order.add(client);
        clients.add(client);
    }

    private void requireRanksByPath() {
        List<Client> byPath =
                clients.stream().sorted(Comparator.comparing(Client::path)).toList();
        for (int i = 1; i < byPath.size(); i++) {
            assertThat(byPath.get(i).rank())
                    .as(byPath.get(i).path())
                    .isGreaterThan(byPath.get(i - 1).rank());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void ranksGoUpWithPathsWhoeverComesAndGoes(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < 2_000; step++) {
            if (!clients.isEmpty() && random.nextInt(3) == 0) {
                order.remove(clients.remove(random.nextInt(clients.size())));
            } else {
                add("role/" + random.nextInt() + "-" + step);
            }
            requireRanksByPath();
        }
    }

    @Test
    void allAreNumberedAnewWhenNoneIsLeftBetweenTwo() {
        add("a");
        // Each comes right before the last: the gap is halved every time.
        for (int i = 0; i < 200; i++) {
            add("b" + "a".repeat(200 - i) + "z");
            requireRanksByPath();
        }
        for (int i = 0; i < 200; i++) {
            add("a" + "a".repeat(200 - i));
            requireRanksByPath();
        }
    }

    @Test
    void numbersDoNotRunOutAtTheEnd() {
        add("a");
        clients.getFirst().rank(Long.MAX_VALUE - 1);
        add("b");
        requireRanksByPath();
        assertThat(clients).allMatch(client -> client.rank() > 0);
    }
}
