package io.offerplane.engine.fairness;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.engine.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The amounts and orders of Mesos' {@code DRFSorterTest}, one level at a time. Each test has the name of Mesos'. */
class MesosSorterTest {
    private final ClusterTotals totals = new ClusterTotals();
    private final DrfSorter<Named> sorter = new DrfSorter<>(totals);
    private final Map<String, Named> clients = new TreeMap<>();

    private static final class Named extends Client {
        Named(String path) {
            super(path);
        }
    }

    @Test
    void drf() {
        total("cpus:100;mem:100");
        assertThat(order()).isEmpty();
        allocated("a", "cpus:5;mem:5");
        allocated("b", "cpus:6;mem:6");
        assertThat(order()).containsExactly("a", "b");

        allocated("c", "cpus:1;mem:1");
        allocated("d", "cpus:3;mem:1");
        assertThat(order()).containsExactly("c", "d", "a", "b");

        deactivate("a");
        unallocated("b", "cpus:4;mem:4");
        assertThat(order()).containsExactly("c", "b", "d");

        allocated("e", "cpus:1;mem:5");
        noTotal("cpus:100;mem:100");
        total("cpus:50;mem:100");
        assertThat(order()).containsExactly("c", "b", "e", "d");

        noTotal("cpus:50;mem:100");
        total("cpus:50;mem:200");
        allocated("f", "cpus:5;mem:1");
        allocated("c", "mem:15");
        assertThat(order()).containsExactly("e", "b", "d", "c", "f");

        deactivate("d");
        assertThat(order()).containsExactly("e", "b", "c", "f");
        activate("d");
        assertThat(order()).containsExactly("e", "b", "d", "c", "f");
    }

    @Test
    void wdrf() {
        total("cpus:100;mem:100");
        allocated("a", "cpus:5;mem:5");
        weight("b", 2);
        allocated("b", "cpus:6;mem:6");
        assertThat(order()).containsExactly("b", "a");
        allocated("c", "cpus:4;mem:4");
        assertThat(order()).containsExactly("b", "c", "a");
        weight("d", 10);
        allocated("d", "cpus:10;mem:20");
        assertThat(order()).containsExactly("d", "b", "c", "a");
        deactivate("b");
        assertThat(order()).containsExactly("d", "c", "a");
        allocated("d", "cpus:10;mem:25");
        assertThat(order()).containsExactly("c", "d", "a");
        weight("e", 0.1);
        allocated("e", "cpus:1;mem:1");
        assertThat(order()).containsExactly("c", "d", "a", "e");
        deactivate("a");
        assertThat(order()).containsExactly("c", "d", "e");
    }

    @Test
    void allocationCountTieBreak() {
        total("cpus:100;mem:100");
        allocated("a", "cpus:3;mem:3");
        allocated("b", "cpus:3;mem:3");
        allocated("c", "cpus:1;mem:1");
        allocated("c", "cpus:1;mem:1");
        allocated("c", "cpus:1;mem:1");
        allocated("d", "cpus:2;mem:2");
        allocated("d", "cpus:1;mem:1");
        allocated("e", "cpus:3;mem:3");
        assertThat(order()).containsExactly("a", "b", "e", "d", "c");

        unallocated("c", "cpus:3;mem:3");
        assertThat(order()).containsExactly("c", "a", "b", "e", "d");
        allocated("c", "cpus:3;mem:3");
        assertThat(order()).containsExactly("a", "b", "e", "d", "c");

        deactivate("c");
        activate("c");
        assertThat(order()).containsExactly("a", "b", "e", "d", "c");

        // What happens to one that doesn't compete counts all the same.
        deactivate("a");
        unallocated("a", "cpus:1;mem:3");
        allocated("a", "cpus:1;mem:3");
        assertThat(order()).containsExactly("b", "e", "d", "c");
        activate("a");
        assertThat(order()).containsExactly("b", "e", "a", "d", "c");
    }

    @Test
    void updateTotal() {
        total("cpus:10;mem:100");
        allocated("a", "cpus:2;mem:1");
        allocated("b", "cpus:1;mem:2");
        assertThat(order()).containsExactly("b", "a");
        noTotal("cpus:10;mem:100");
        total("cpus:100;mem:10");
        assertThat(order()).containsExactly("a", "b");
    }

    @Test
    void splitResourceShares() {
        total("cpus:100;mem:100;disk:100");
        allocated("a", "cpus:9;mem:9;disk:9");
        // Two volumes of 5 are 10 of disk.
        allocated("b", "cpus:9;mem:9;disk(!b,#v1_5):5;disk(!b,#v2_5):5");
        assertThat(order()).containsExactly("a", "b");
    }

    private void total(String amounts) {
        totals.add(TestCluster.resources(amounts).scalars());
    }

    private void noTotal(String amounts) {
        totals.subtract(TestCluster.resources(amounts).scalars());
    }

    /** A client that isn't there yet joins. */
    private Named client(String name) {
        return clients.computeIfAbsent(name, n -> {
            Named client = new Named(n);
            sorter.add(client);
            return client;
        });
    }

    private void allocated(String name, String amounts) {
        sorter.charge(client(name), totals.vector(TestCluster.resources(amounts).scalars()));
    }

    private void unallocated(String name, String amounts) {
        sorter.release(
                client(name), totals.vector(TestCluster.resources(amounts).scalars()));
    }

    private void weight(String name, double weight) {
        sorter.reweigh(client(name), weight);
    }

    private void deactivate(String name) {
        sorter.remove(client(name));
    }

    private void activate(String name) {
        sorter.add(client(name));
    }

    private List<String> order() {
        sorter.sort();
        List<String> order = new ArrayList<>();
        for (int i = 0; i < sorter.size(); i++) {
            order.add(sorter.get(i).path());
        }
        return order;
    }
}
