package io.offerplane.operator.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.offerplane.crd.v1alpha1.agent.AgentStatus;
import io.offerplane.crd.v1alpha1.agent.ReservedResources;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Label;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import io.offerplane.engine.resource.Volume;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A new leader reads exactly what the old one knew: through records, JSON and back. */
class ReservationFactsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static String json(Resources dynamic) throws JsonProcessingException {
        return JSON.writeValueAsString(status(ReservationFacts.written(dynamic)));
    }

    private static Resources readBack(String json) throws JsonProcessingException {
        return ReservationFacts.read(JSON.readValue(json, AgentStatus.class));
    }

    private static AgentStatus status(List<ReservedResources> reserved) {
        return new AgentStatus(
                1L, "a-S0", null, null, null, null, null, Map.of(), 0, reserved, null, null, null, List.of());
    }

    @Test
    void peopleReadWhatIsReservedForWhom() throws Exception {
        Terms volume = Terms.reservedBy(new Reservation(
                        Reservation.Kind.DYNAMIC,
                        new RolePath("eng/ads"),
                        Optional.of("alice"),
                        List.of(new Label("why", Optional.of("test")), new Label("bare", Optional.empty()))))
                .of(new Volume("v1", Optional.of("bob"), "data", 64_500), true);
        assertThat(json(Resources.diskOn(volume)))
                .isEqualTo("{\"observedGeneration\":1,\"agentId\":\"a-S0\",\"tasks\":0,\"reserved\":["
                        + "{\"reservations\":[{\"type\":\"Dynamic\",\"role\":\"eng/ads\",\"principal\":\"alice\","
                        + "\"labels\":[{\"key\":\"why\",\"value\":\"test\"},{\"key\":\"bare\"}]}],"
                        + "\"volume\":{\"id\":\"v1\",\"principal\":\"bob\",\"containerPath\":\"data\",\"size\":\"64.5\"},"
                        + "\"shared\":true,\"resources\":[{\"name\":\"disk\",\"scalar\":\"64.5\"}]}]}");
    }

    @Test
    void whateverIsReservedComesBackAsItWas() throws Exception {
        for (int seed = 1; seed <= 500; seed++) {
            Resources dynamic = drawn(new SplittableRandom(seed));
            assertThat(readBack(json(dynamic))).as("seed %d", seed).isEqualTo(dynamic);
        }
    }

    @Test
    void anEntryThatMakesNoSenseTakesNothingElseWithIt() throws Exception {
        String good = "{\"reservations\":[{\"type\":\"Dynamic\",\"role\":\"eng\"}],"
                + "\"resources\":[{\"name\":\"cpus\",\"scalar\":\"1.5\"}]}";
        for (String bad : List.of(
                "{\"reservations\":[{\"type\":\"Dynamic\"}],\"resources\":[{\"name\":\"cpus\",\"scalar\":\"1\"}]}",
                "{\"reservations\":[{\"role\":\"eng\"}],\"resources\":[{\"name\":\"cpus\",\"scalar\":\"1\"}]}",
                "{\"reservations\":[{\"type\":\"Dynamic\",\"role\":\"eng\"}],\"resources\":[{\"scalar\":\"1\"}]}",
                "{\"resources\":[{\"name\":\"cpus\",\"scalar\":\"1.0005\"}]}",
                "{\"resources\":[{\"name\":\"cpus\",\"scalar\":\"much\"}]}",
                "{\"resources\":[{\"name\":\"ports\",\"ranges\":[\"9-1\"]}]}",
                "{\"resources\":[{\"name\":\"ports\",\"ranges\":[\"9\"]}]}",
                "{\"volume\":{\"id\":\"v\",\"containerPath\":\"p\",\"size\":\"0\"},\"resources\":[]}",
                "{\"volume\":{\"id\":\"v\",\"containerPath\":\"p\"},\"resources\":[]}")) {
            assertThat(readBack("{\"agentId\":\"a\",\"reserved\":[" + bad + "," + good + "]}")
                            .toString())
                    .as(bad)
                    .isEqualTo("cpus(reservations: [(DYNAMIC,eng)]):1.5");
        }
    }

    private static Resources drawn(SplittableRandom random) {
        Resources sum = Resources.EMPTY;
        for (int i = random.nextInt(6); i > 0; i--) {
            List<Reservation> layers = new ArrayList<>();
            StringBuilder role = new StringBuilder("r").append(random.nextInt(3));
            for (int layer = random.nextInt(4); layer >= 0; layer--) {
                layers.add(new Reservation(
                        layers.isEmpty() && random.nextInt(3) == 0 ? Reservation.Kind.STATIC : Reservation.Kind.DYNAMIC,
                        new RolePath(role.toString()),
                        text(random),
                        labels(random)));
                role.append("/r").append(random.nextInt(3));
            }
            Terms terms = new Terms(layers, Optional.empty(), false, random.nextInt(5) == 0);
            if (random.nextInt(3) == 0) {
                Volume volume = new Volume(
                        "v" + random.nextInt(9), text(random), text(random).orElse("p"), 1 + random.nextLong(1L << 40));
                sum = sum.plus(Resources.diskOn(terms.of(volume, random.nextBoolean())));
            } else {
                sum = sum.plus(Resources.of(terms, amounts(random)));
            }
        }
        return sum;
    }

    private static Amounts amounts(SplittableRandom random) {
        TreeMap<String, Quantity> scalars = new TreeMap<>();
        scalars.put("cpus", Quantity.ofMilli(1 + random.nextLong(100_000)));
        if (random.nextBoolean()) {
            scalars.put("mem", Quantity.ofMilli(1 + random.nextLong(Quantity.MAX_MILLI / 16)));
        }
        TreeMap<String, Ranges> ranges = new TreeMap<>();
        Ranges ports = Ranges.EMPTY;
        for (int i = random.nextInt(4); i > 0; i--) {
            long begin = random.nextLong(1L << random.nextInt(1, 62));
            ports = ports.plus(Ranges.of(begin, begin + random.nextInt(5)));
        }
        ranges.put("ports", ports);
        TreeMap<String, ItemSet> sets = new TreeMap<>();
        sets.put("disks", random.nextBoolean() ? ItemSet.EMPTY : ItemSet.of("sda", "sd-" + random.nextInt(9), ""));
        return new Amounts(ResourceQuantities.of(scalars), ranges, sets);
    }

    private static List<Label> labels(SplittableRandom random) {
        List<Label> labels = new ArrayList<>();
        for (int i = random.nextInt(3); i > 0; i--) {
            labels.add(new Label(text(random).orElse(""), text(random)));
        }
        return labels;
    }

    /** Missing, empty, or with all that JSON has to mind. */
    private static Optional<String> text(SplittableRandom random) {
        return switch (random.nextInt(4)) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of("");
            case 2 -> Optional.of("a\"\\\n\u0001é€\uD83D\uDE80");
            default -> Optional.of("word" + random.nextInt(3));
        };
    }
}
