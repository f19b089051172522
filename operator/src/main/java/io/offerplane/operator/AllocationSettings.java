package io.offerplane.operator;

import io.offerplane.engine.SetAsideRules;
import io.offerplane.engine.ask.AskRules;
import io.offerplane.engine.ask.AskSizes;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;

/** Settings of how asks are served, and of agents that are set aside for big tasks. */
final class AllocationSettings {
    private static final String AMOUNTS =
            "resource=amount, separated by commas, in Mesos' units (cpus; MiB of mem and disk)";

    private static final Setting<Duration> SET_ASIDE_AFTER = Setting.duration(
            "engine.setAside.after",
            "1m",
            "1s",
            "7d",
            "How long a framework is passed over for want of room on any one agent before an agent is set aside for it.");
    private static final Setting<Duration> SET_ASIDE_PATIENCE = Setting.duration(
            "engine.setAside.patience",
            "10m",
            "1s",
            "7d",
            "How long one agent is kept for a framework before another is tried.");
    private static final Setting<Integer> SET_ASIDE_PERCENT = Setting.integer(
            "engine.setAside.percent",
            10,
            0,
            100,
            "% of the agents",
            "How many agents may be set aside at once, rounded up, though never all; 0 for none.");
    private static final Setting<Duration> HOST_DELAY = Setting.duration(
            "engine.asks.hostDelay",
            "500ms",
            "0ms",
            "1h",
            "How long an application's ask waits for the hosts that it names before their racks will do.");
    private static final Setting<Duration> RACK_DELAY = Setting.duration(
            "engine.asks.rackDelay",
            "1s",
            "0ms",
            "1h",
            "How long it waits in all before any place will do. Must not be less than engine.asks.hostDelay.");
    private static final Setting<String> RACK_ATTRIBUTE = Setting.text(
            "engine.asks.rackAttribute",
            "rack",
            "an attribute's name",
            "The attribute of agents that names their rack; of agents without it the zone stands for the rack.");
    private static final Setting<SortedMap<String, Quantity>> SMALLEST = Setting.amounts(
            "engine.asks.smallest", AMOUNTS, "The least size of a container; what is asked for below it is made it.");
    private static final Setting<SortedMap<String, Quantity>> STEP =
            Setting.amounts("engine.asks.step", AMOUNTS, "Sizes of containers are rounded up to whole steps.");
    private static final Setting<SortedMap<String, Quantity>> LARGEST = Setting.amounts(
            "engine.asks.largest",
            AMOUNTS,
            "The largest size of a container; more is refused. Must not be less than engine.asks.smallest.");

    static final List<Setting<?>> ALL = List.of(
            SET_ASIDE_AFTER,
            SET_ASIDE_PATIENCE,
            SET_ASIDE_PERCENT,
            HOST_DELAY,
            RACK_DELAY,
            RACK_ATTRIBUTE,
            SMALLEST,
            STEP,
            LARGEST);

    private AllocationSettings() {}

    static SetAsideRules setAside(SettingsSource source) {
        return new SetAsideRules(
                source.get(SET_ASIDE_AFTER), source.get(SET_ASIDE_PATIENCE), 10 * source.get(SET_ASIDE_PERCENT));
    }

    /** @throws InvalidSetting when they don't go together */
    static AskRules asks(SettingsSource source) {
        try {
            return new AskRules(
                    source.get(HOST_DELAY),
                    source.get(RACK_DELAY),
                    source.get(RACK_ATTRIBUTE),
                    new AskSizes(
                            ResourceQuantities.of(source.get(SMALLEST)),
                            ResourceQuantities.of(source.get(STEP)),
                            source.get(LARGEST)));
        } catch (IllegalArgumentException wrong) {
            throw new InvalidSetting("engine.asks: " + wrong.getMessage(), wrong);
        }
    }
}
