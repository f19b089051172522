package io.offerplane.shim.oversubscription;

import io.offerplane.protocol.settings.Variables;
import java.time.Duration;

/**
 * How much of what lies idle is lent, and when it is taken back.
 *
 * @param enabled whether anything is; else nothing is measured either
 * @param cpuPercentOfIdle of the idle cpu, 0 to 100
 * @param memoryPercentOfIdle of the idle memory, 0 to 100
 * @param window how far back the highest use counts, and how long a container is watched before its idle part is lent
 * @param stopAt what is pressure
 */
public record OversubscriptionSettings(
        boolean enabled, int cpuPercentOfIdle, int memoryPercentOfIdle, Duration window, Thresholds stopAt) {

    /**
     * Above which revocable tasks are ended; 100 is never reached.
     *
     * @param cpuUsePercent of the claim's cpu that is in use
     * @param memoryUsePercent of the claim's memory, less what the kernel could drop at once
     * @param cpuPressurePercent of the time in which processes of the node wait for cpu, where the kernel measures that
     * @param memoryPressurePercent of the time in which they wait for memory
     */
    public record Thresholds(
            int cpuUsePercent, int memoryUsePercent, int cpuPressurePercent, int memoryPressurePercent) {}

    /** Nothing is lent. */
    public static final OversubscriptionSettings OFF =
            new OversubscriptionSettings(false, 50, 0, Duration.ofMinutes(5), new Thresholds(95, 90, 60, 10));

    /** @param variables those behind {@code OFFERPLANE_OVERSUBSCRIPTION_} */
    public static OversubscriptionSettings of(Variables variables) {
        Thresholds usual = OFF.stopAt();
        return new OversubscriptionSettings(
                variables.flag("ENABLED", OFF.enabled()),
                variables.number("CPU_PERCENT_OF_IDLE", OFF.cpuPercentOfIdle(), 0, 100),
                variables.number("MEMORY_PERCENT_OF_IDLE", OFF.memoryPercentOfIdle(), 0, 100),
                variables.seconds("WINDOW_SECONDS", OFF.window()),
                new Thresholds(
                        variables.number("STOP_AT_CPU_USE_PERCENT", usual.cpuUsePercent(), 1, 100),
                        variables.number("STOP_AT_MEMORY_USE_PERCENT", usual.memoryUsePercent(), 1, 100),
                        variables.number("STOP_AT_CPU_PRESSURE_PERCENT", usual.cpuPressurePercent(), 1, 100),
                        variables.number("STOP_AT_MEMORY_PRESSURE_PERCENT", usual.memoryPressurePercent(), 1, 100)));
    }
}
