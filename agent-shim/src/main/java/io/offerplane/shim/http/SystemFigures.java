package io.offerplane.shim.http;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the kernel says of the whole node.
 *
 * @param proc the kernel's files
 */
record SystemFigures(Path proc) {

    private static final String[] LOADS = {"1min", "5min", "15min"};
    private static final int KILOBYTE = 1024;

    /** By Mesos' names behind {@code system/}, as in {@code load_1min} and {@code mem_free_bytes}. What can't be read is left out. */
    Map<String, Double> values() {
        Map<String, Double> values = new TreeMap<>();
        values.put("cpus_total", (double) Runtime.getRuntime().availableProcessors());
        String[] loads = text("loadavg").split(" ");
        for (int i = 0; i < LOADS.length && i < loads.length; i++) {
            put(values, "load_" + LOADS[i], loads[i], 1);
        }
        for (String line : text("meminfo").split("\n")) {
            String[] words = line.split("\\s+");
            if (words.length < 2) {
                continue;
            }
            switch (words[0]) {
                case "MemTotal:" -> put(values, "mem_total_bytes", words[1], KILOBYTE);
                case "MemFree:" -> put(values, "mem_free_bytes", words[1], KILOBYTE);
                default -> {}
            }
        }
        return values;
    }

    private static void put(Map<String, Double> values, String name, String text, int unit) {
        try {
            values.put(name, Double.parseDouble(text) * unit);
        } catch (NumberFormatException notANumber) {
            // A kernel that says it otherwise: one figure less.
            values.remove(name);
        }
    }

    private String text(String name) {
        try {
            return Files.readString(proc.resolve(name));
        } catch (IOException absent) {
            return "";
        }
    }

    /** {@code /system/stats.json}. */
    byte[] page() {
        return Json.object(json -> {
            for (var value : values().entrySet()) {
                String name = value.getKey().startsWith("load_") ? "avg_" + value.getKey() : value.getKey();
                Json.number(json, name, value.getValue());
            }
        });
    }
}
