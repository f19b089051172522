package io.offerplane.engine;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Compares two engines field by field, and who refers to whom. What a snapshot says that it keeps must be the same in both, whether or
 * not it shows in a decision soon: so what somebody forgot to write down or to read back is found where it was forgotten.
 */
public final class EngineComparison {
    /** Kept by numbers that differ from engine to engine; what they come to stands in the snapshots, which are compared as a whole. */
    private static final Map<Class<?>, Set<String>> BY_NUMBER = Map.of(
            io.offerplane.engine.fairness.Client.class, Set.of("held"),
            RoleNode.class, Set.of("used"));
    /** Worked out from the rest, but must come to the same. */
    private static final Map<Class<?>, Set<String>> DERIVED_ALIKE = Map.of(
            Timetable.class, Set.of("entries"),
            RoleNode.class, Set.of("competing"),
            QuotaBook.class, Set.of("reserved"));

    private static final ClassValue<List<Field>> COMPARED = new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
            return comparedOf(type);
        }
    };

    private static final ClassValue<List<Method>> ACCESSORS = new ClassValue<>() {
        @Override
        protected List<Method> computeValue(Class<?> type) {
            return accessorsOf(type);
        }
    };

    private final IdentityHashMap<Object, Object> counterparts = new IdentityHashMap<>();
    private final Deque<Pair> pending = new ArrayDeque<>();

    private record Pair(Path path, Object one, Object other) {}

    /** How one gets to a value, put together only when there is something to say. */
    private record Path(@Nullable Path before, Object step) {
        Path then(Object next) {
            return new Path(this, next);
        }

        @Override
        public String toString() {
            String last = step instanceof Field field
                    ? field.getDeclaringClass().getSimpleName() + "." + field.getName()
                    : step.toString();
            return before == null ? last : before + " > " + last;
        }
    }

    private final Timetable timetable;
    private final Timetable otherTimetable;

    private EngineComparison(OfferEngine engine, OfferEngine restored) {
        timetable = timetableOf(engine);
        otherTimetable = timetableOf(restored);
    }

    /** @throws AssertionError that names the first field which differs, and how one gets there */
    public static void requireAlike(OfferEngine engine, OfferEngine restored) {
        EngineComparison comparison = new EngineComparison(engine, restored);
        comparison.compare(new Path(null, "engine"), engine, restored);
        while (!comparison.pending.isEmpty()) {
            Pair next = comparison.pending.removeFirst();
            comparison.compareFields(next);
        }
        if (!engine.snapshot().equals(restored.snapshot())) {
            throw new AssertionError(
                    "snapshots differ: " + engine.snapshot() + " and, of the restored, " + restored.snapshot());
        }
    }

    private void compare(Path path, @Nullable Object left, @Nullable Object right) {
        Object one = unlessPast(left, timetable);
        Object other = unlessPast(right, otherTimetable);
        if (one == null || other == null) {
            if (one != null || other != null) {
                throw different(path, one, other);
            }
        } else if (SnapshotCoverageTest.isListed(one.getClass())) {
            // Later: books refer to one another in long chains.
            Object known = counterparts.putIfAbsent(one, other);
            if (known == null) {
                pending.addLast(new Pair(path, one, other));
            } else if (!isSame(known, other)) {
                throw new AssertionError(path + " is another one than elsewhere: " + other);
            }
        } else if (one instanceof Optional<?> optional && other instanceof Optional<?> otherOptional) {
            compare(path, optional.orElse(null), otherOptional.orElse(null));
        } else if (one instanceof Map<?, ?> map && other instanceof Map<?, ?> otherMap) {
            compareMaps(path, map, otherMap);
        } else if (one instanceof Collection<?> all && other instanceof Collection<?> otherAll) {
            compareAll(path, all, otherAll);
        } else if (one.getClass().isArray() && other.getClass().isArray()) {
            compareArrays(path, one, other);
        } else if (one instanceof Record record && !SnapshotCoverageTest.isPublic(one.getClass())) {
            compareComponents(path, record, other);
        } else {
            compareValues(path, one, other);
        }
    }

    /** What has happened or was cancelled is nothing any more. */
    private static @Nullable Object unlessPast(@Nullable Object object, Timetable timetable) {
        return object instanceof Timetable.Entry entry && !timetable.contains(entry) ? null : object;
    }

    private static Timetable timetableOf(OfferEngine engine) {
        try {
            Field cluster = OfferEngine.class.getDeclaredField("cluster");
            cluster.setAccessible(true);
            return ((Cluster) Objects.requireNonNull(read(cluster, engine))).timetable;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("an engine without books", e);
        }
    }

    private void compareFields(Pair pair) {
        if (pair.one().getClass() != pair.other().getClass()) {
            throw different(pair.path(), pair.one(), pair.other());
        }
        for (Field field : COMPARED.get(pair.one().getClass())) {
            compare(pair.path().then(field), read(field, pair.one()), read(field, pair.other()));
        }
    }

    private static List<Field> comparedOf(Class<?> leaf) {
        List<Field> compared = new ArrayList<>();
        for (Class<?> type = leaf; type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.isSynthetic() && isCompared(type, field)) {
                    field.setAccessible(true);
                    compared.add(field);
                }
            }
        }
        return compared;
    }

    private static List<Method> accessorsOf(Class<?> type) {
        List<Method> accessors = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            component.getAccessor().setAccessible(true);
            accessors.add(component.getAccessor());
        }
        return accessors;
    }

    /** What is derived is looked at where it leads to another part of the engine. */
    private static boolean isCompared(Class<?> type, Field field) {
        if (BY_NUMBER.getOrDefault(type, Set.of()).contains(field.getName())) {
            return false;
        }
        return SnapshotCoverageTest.isKept(type, field.getName())
                || SnapshotCoverageTest.isListed(field.getType())
                || DERIVED_ALIKE.getOrDefault(type, Set.of()).contains(field.getName());
    }

    private void compareMaps(Path path, Map<?, ?> one, Map<?, ?> other) {
        compareSizes(path, one.size(), other.size());
        if (!(one instanceof SequencedMap)) {
            one.forEach((key, value) -> compare(path.then(key), value, other.get(key)));
            return;
        }
        Iterator<? extends Map.Entry<?, ?>> others = other.entrySet().iterator();
        for (Map.Entry<?, ?> entry : one.entrySet()) {
            Map.Entry<?, ?> otherEntry = others.next();
            Path there = path.then(entry.getKey());
            compare(there, entry.getKey(), otherEntry.getKey());
            compare(there, entry.getValue(), otherEntry.getValue());
        }
    }

    private void compareAll(Path path, Collection<?> one, Collection<?> other) {
        compareSizes(path, one.size(), other.size());
        if (one instanceof Set && !(one instanceof SequencedSet)) {
            compareValues(path, one, other);
            return;
        }
        Iterator<?> others = other.iterator();
        int place = 0;
        for (Object element : one) {
            compare(path.then(place++), element, others.next());
        }
    }

    private void compareArrays(Path path, Object one, Object other) {
        compareSizes(path, Array.getLength(one), Array.getLength(other));
        for (int i = 0; i < Array.getLength(one); i++) {
            compare(path.then(i), Array.get(one, i), Array.get(other, i));
        }
    }

    private static void compareSizes(Path path, int one, int other) {
        if (one != other) {
            throw new AssertionError(path + ": " + one + " of them and, restored, " + other);
        }
    }

    private void compareComponents(Path path, Record one, Object other) {
        if (one.getClass() != other.getClass()) {
            throw different(path, one, other);
        }
        for (Method accessor : ACCESSORS.get(one.getClass())) {
            try {
                compare(path.then(accessor.getName()), accessor.invoke(one), accessor.invoke(other));
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("cannot read " + accessor, e);
            }
        }
    }

    private static void compareValues(Path path, Object one, Object other) {
        if (!Objects.equals(one, other)) {
            throw different(path, one, other);
        }
    }

    @SuppressWarnings("ReferenceEquality") // Who refers to whom is the question.
    private static boolean isSame(Object one, Object other) {
        return one == other;
    }

    private static @Nullable Object read(Field field, Object object) {
        try {
            return field.get(object);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("cannot read " + field, e);
        }
    }

    private static AssertionError different(Path path, @Nullable Object one, @Nullable Object other) {
        return new AssertionError(path + " is " + one + " and, restored, " + other
                + " (expected: the same; see EngineSnapshot, SnapshotWriter and SnapshotReader)");
    }
}
