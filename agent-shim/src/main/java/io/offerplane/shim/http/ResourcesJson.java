package io.offerplane.shim.http;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.mesos.v1.Protos.Attribute;
import org.apache.mesos.v1.Protos.Resource;
import org.apache.mesos.v1.Protos.Value;

/** Resources and attributes as Mesos' endpoints summarise them. */
final class ResourcesJson {

    /** Shown even when there is none of them. */
    private static final List<String> USUAL = List.of("cpus", "gpus", "mem", "disk");

    private ResourcesJson() {}

    /** Amounts by name: numbers of scalars, of which the usual four are never left out, and texts of ranges and sets. */
    static void write(JsonGenerator json, String field, List<Resource> resources) throws IOException {
        Map<String, Double> scalars = new LinkedHashMap<>();
        USUAL.forEach(name -> scalars.put(name, 0.0));
        Map<String, List<Value.Range>> ranges = new TreeMap<>();
        Map<String, Set<String>> sets = new TreeMap<>();
        for (Resource resource : resources) {
            String name = resource.hasRevocable() ? resource.getName() + "_revocable" : resource.getName();
            switch (resource.getType()) {
                case SCALAR -> scalars.merge(name, resource.getScalar().getValue(), Double::sum);
                case RANGES ->
                    ranges.computeIfAbsent(name, n -> new ArrayList<>())
                            .addAll(resource.getRanges().getRangeList());
                case SET ->
                    sets.computeIfAbsent(name, n -> new TreeSet<>())
                            .addAll(resource.getSet().getItemList());
                case TEXT -> {}
            }
        }
        json.writeObjectFieldStart(field);
        for (var scalar : scalars.entrySet()) {
            // Mesos counts in thousandths; sums of doubles don't.
            Json.number(json, scalar.getKey(), Math.round(scalar.getValue() * 1000) / 1000.0);
        }
        for (var range : ranges.entrySet()) {
            json.writeStringField(range.getKey(), text(range.getValue()));
        }
        for (var set : sets.entrySet()) {
            json.writeStringField(set.getKey(), text(set.getValue()));
        }
        json.writeEndObject();
    }

    /** Such summaries of each role's. */
    static void byRole(JsonGenerator json, String field, Map<String, List<Resource>> resources) throws IOException {
        json.writeObjectFieldStart(field);
        for (var role : resources.entrySet()) {
            write(json, role.getKey(), role.getValue());
        }
        json.writeEndObject();
    }

    /** Name and value; Mesos shows the last of several attributes of one name. */
    static void attributes(JsonGenerator json, List<Attribute> attributes) throws IOException {
        Map<String, Attribute> byName = new TreeMap<>();
        attributes.forEach(attribute -> byName.put(attribute.getName(), attribute));
        json.writeObjectFieldStart("attributes");
        for (Attribute attribute : byName.values()) {
            String name = attribute.getName();
            switch (attribute.getType()) {
                case SCALAR -> Json.number(json, name, attribute.getScalar().getValue());
                case TEXT -> json.writeStringField(name, attribute.getText().getValue());
                case RANGES ->
                    json.writeStringField(name, text(attribute.getRanges().getRangeList()));
                case SET ->
                    json.writeStringField(
                            name, text(new TreeSet<>(attribute.getSet().getItemList())));
            }
        }
        json.writeEndObject();
    }

    private static String text(Set<String> items) {
        return "{" + String.join(", ", items) + "}";
    }

    /** Sorted and joined, so that a thousand tasks of one port each read as few ranges. */
    private static String text(List<Value.Range> ranges) {
        List<Value.Range> joined = new ArrayList<>();
        for (Value.Range next : ranges.stream()
                .sorted(Comparator.comparingLong(Value.Range::getBegin))
                .toList()) {
            Value.Range last = joined.isEmpty() ? null : joined.getLast();
            if (last != null && next.getBegin() <= last.getEnd() + 1) {
                joined.set(
                        joined.size() - 1,
                        last.toBuilder()
                                .setEnd(Math.max(last.getEnd(), next.getEnd()))
                                .build());
            } else {
                joined.add(next);
            }
        }
        return joined.stream().map(r -> r.getBegin() + "-" + r.getEnd()).collect(Collectors.joining(", ", "[", "]"));
    }
}
