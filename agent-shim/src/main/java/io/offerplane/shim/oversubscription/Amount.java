package io.offerplane.shim.oversubscription;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongBinaryOperator;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;

/**
 * What can be lent: cpu and memory. Other resources can't be given to two at once.
 *
 * @param milliCpus thousandths of a core
 * @param memoryBytes bytes
 */
record Amount(long milliCpus, long memoryBytes) {

    static final Amount NONE = new Amount(0, 0);

    private static final double MILLI = 1000;
    private static final double MEGABYTE = 1 << 20;

    /** What a list of Mesos' resources has of cpu and memory, on terms that are revocable or on those that aren't. */
    static Amount of(List<Resource> resources, boolean revocable) {
        double cpus = 0;
        double megabytes = 0;
        for (Resource resource : resources) {
            if (resource.hasRevocable() == revocable && resource.getType() == Value.Type.SCALAR) {
                switch (resource.getName()) {
                    case "cpus" -> cpus += resource.getScalar().getValue();
                    case "mem" -> megabytes += resource.getScalar().getValue();
                    default -> {}
                }
            }
        }
        return new Amount(Math.round(cpus * MILLI), Math.round(megabytes * MEGABYTE));
    }

    /** As Mesos' revocable resources; without those of which there is nothing. */
    List<Resource> revocable() {
        List<Resource> resources = new ArrayList<>();
        if (milliCpus > 0) {
            resources.add(scalar("cpus", milliCpus / MILLI));
        }
        if (memoryBytes > 0) {
            resources.add(scalar("mem", memoryBytes / MEGABYTE));
        }
        return resources;
    }

    private static Resource scalar(String name, double value) {
        return Resource.newBuilder()
                .setName(name)
                .setType(Value.Type.SCALAR)
                .setScalar(Value.Scalar.newBuilder().setValue(value))
                .setRevocable(Resource.RevocableInfo.getDefaultInstance())
                .build();
    }

    Amount plus(Amount other) {
        return each(other, Long::sum);
    }

    /** Less another amount, never below nothing. */
    Amount minusToZero(Amount other) {
        return each(other, (have, take) -> Math.max(0, have - take));
    }

    Amount atMost(Amount other) {
        return each(other, Math::min);
    }

    Amount atLeast(Amount other) {
        return each(other, Math::max);
    }

    boolean isNone() {
        return milliCpus <= 0 && memoryBytes <= 0;
    }

    Amount each(Amount other, LongBinaryOperator operator) {
        return new Amount(
                operator.applyAsLong(milliCpus, other.milliCpus), operator.applyAsLong(memoryBytes, other.memoryBytes));
    }
}
