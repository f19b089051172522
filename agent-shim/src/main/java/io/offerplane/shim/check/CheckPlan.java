package io.offerplane.shim.check;

import java.time.Duration;
import org.apache.mesos.v1.Protos.CheckInfo;
import org.apache.mesos.v1.Protos.HealthCheck;
import org.apache.mesos.v1.Protos.NetworkInfo;

/**
 * How a task is looked at, and when. Source: Mesos' {@code CheckInfo} and {@code HealthCheck}, whose defaults these are.
 *
 * @param probe what is done
 * @param delay from the task's start to the first look
 * @param interval from the end of one look to the beginning of the next
 * @param timeout the most that a look may take; zero means for ever
 */
public record CheckPlan(Probe probe, Duration delay, Duration interval, Duration timeout) {

    /** @throws IllegalArgumentException when the type is unknown or a number is no time */
    public static CheckPlan of(CheckInfo check) {
        Probe probe =
                switch (check.getType()) {
                    case COMMAND -> new Probe.Command(check.getCommand().getCommand());
                    case HTTP ->
                        new Probe.Http(
                                "http",
                                check.getHttp().getPort(),
                                check.getHttp().getPath(),
                                Probe.IpVersion.V4);
                    case TCP -> new Probe.Tcp(check.getTcp().getPort(), Probe.IpVersion.V4);
                    case UNKNOWN ->
                        throw new IllegalArgumentException("CheckInfo.type is unknown; use COMMAND, HTTP or TCP");
                };
        return new CheckPlan(
                probe,
                seconds("delay_seconds", check.getDelaySeconds()),
                seconds("interval_seconds", check.getIntervalSeconds()),
                seconds("timeout_seconds", check.getTimeoutSeconds()));
    }

    /** @throws IllegalArgumentException when the type is unknown or a number is no time */
    public static CheckPlan of(HealthCheck check) {
        Probe probe =
                switch (check.getType()) {
                    case COMMAND -> new Probe.Command(check.getCommand());
                    case HTTP ->
                        new Probe.Http(
                                check.getHttp().hasScheme() ? check.getHttp().getScheme() : "http",
                                check.getHttp().getPort(),
                                check.getHttp().getPath(),
                                version(check.getHttp().getProtocol()));
                    case TCP ->
                        new Probe.Tcp(
                                check.getTcp().getPort(), version(check.getTcp().getProtocol()));
                    case UNKNOWN ->
                        throw new IllegalArgumentException("HealthCheck.type is unknown; use COMMAND, HTTP or TCP");
                };
        return new CheckPlan(
                probe,
                seconds("delay_seconds", check.getDelaySeconds()),
                seconds("interval_seconds", check.getIntervalSeconds()),
                seconds("timeout_seconds", check.getTimeoutSeconds()));
    }

    private static Probe.IpVersion version(NetworkInfo.Protocol protocol) {
        return protocol == NetworkInfo.Protocol.IPv6 ? Probe.IpVersion.V6 : Probe.IpVersion.V4;
    }

    /** The nearest duration, so that a check of each ten million years isn't an overflow. */
    static Duration seconds(String field, double seconds) {
        if (Double.isNaN(seconds) || seconds < 0) {
            throw new IllegalArgumentException(field + " is " + seconds + "; it must be zero or more");
        }
        return Duration.ofMillis((long) Math.min(seconds * 1000, (double) Long.MAX_VALUE / 2_000_000));
    }
}
