package io.offerplane.shim.cgroup;

import io.offerplane.shim.cgroup.ContainerUsage.BlockDevice;
import io.offerplane.shim.cgroup.ContainerUsage.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Reads the kernel's two ways of telling a group's traffic with disks. Lines that look otherwise are passed over. */
final class BlockTraffic {

    private BlockTraffic() {}

    /** A device's number, as {@code 8:0} says it. */
    private record Device(int major, int minor) implements Comparable<Device> {
        @Override
        public int compareTo(Device other) {
            return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
        }

        /** Null when the text is no device. */
        static @Nullable Device of(String text) {
            int colon = text.indexOf(':');
            try {
                return colon <= 0
                        ? null
                        : new Device(
                                Integer.parseInt(text.substring(0, colon)),
                                Integer.parseInt(text.substring(colon + 1)));
            } catch (NumberFormatException notANumber) {
                return null;
            }
        }
    }

    /**
     * Version 1's.
     *
     * @param bytes {@code blkio.throttle.io_service_bytes_recursive}: lines of {@code 8:0 Read 4096}
     * @param requests {@code blkio.throttle.io_serviced_recursive}, the same with counts
     */
    static List<BlockDevice> ofVersion1(String bytes, String requests) {
        Map<Device, Traffic> moved = version1(bytes);
        Map<Device, Traffic> counted = version1(requests);
        TreeSet<Device> all = new TreeSet<>(moved.keySet());
        all.addAll(counted.keySet());
        List<BlockDevice> devices = new ArrayList<>();
        for (Device device : all) {
            devices.add(new BlockDevice(
                    device.major(),
                    device.minor(),
                    moved.getOrDefault(device, Traffic.NONE),
                    counted.getOrDefault(device, Traffic.NONE)));
        }
        return devices;
    }

    private static Map<Device, Traffic> version1(String lines) {
        Map<Device, Traffic> traffic = new TreeMap<>();
        for (String line : lines.split("\n")) {
            String[] words = line.split(" ");
            Device device = words.length == 3 ? Device.of(words[0]) : null;
            if (device == null) {
                continue;
            }
            long amount = number(words[2]);
            Traffic so = traffic.getOrDefault(device, Traffic.NONE);
            traffic.put(
                    device,
                    switch (words[1]) {
                        case "Read" -> new Traffic(amount, so.written(), so.discarded());
                        case "Write" -> new Traffic(so.read(), amount, so.discarded());
                        case "Discard" -> new Traffic(so.read(), so.written(), amount);
                        // Sync, Async and Total are the same requests counted otherwise.
                        default -> so;
                    });
        }
        return traffic;
    }

    /**
     * Version 2's.
     *
     * @param lines {@code io.stat}: lines of {@code 8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0}
     */
    static List<BlockDevice> ofVersion2(String lines) {
        Map<Device, BlockDevice> devices = new TreeMap<>();
        for (String line : lines.split("\n")) {
            String[] words = line.split(" ");
            Device device = Device.of(words[0]);
            if (device == null) {
                continue;
            }
            Map<String, Long> values = new TreeMap<>();
            for (int i = 1; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                if (equals > 0) {
                    values.put(words[i].substring(0, equals), number(words[i].substring(equals + 1)));
                }
            }
            devices.put(
                    device,
                    new BlockDevice(
                            device.major(),
                            device.minor(),
                            traffic(values, "rbytes", "wbytes", "dbytes"),
                            traffic(values, "rios", "wios", "dios")));
        }
        return List.copyOf(devices.values());
    }

    private static Traffic traffic(Map<String, Long> values, String read, String written, String discarded) {
        return new Traffic(
                values.getOrDefault(read, 0L), values.getOrDefault(written, 0L), values.getOrDefault(discarded, 0L));
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException notANumber) {
            return 0;
        }
    }
}
