package io.offerplane.engine.recording;

import io.offerplane.engine.Payload;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import io.offerplane.engine.resource.Amounts;
import io.offerplane.engine.resource.ItemSet;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.Ranges;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The forms of all types that records of the engine are made of, found by their declarations: records by their components, sealed
 * interfaces by the name of the kind. A type that there is no form for is a defect that shows as soon as a codec is made.
 */
final class Forms {
    private final Map<Type, Form<?>> known = new HashMap<>();
    private final Function<String, TextPattern> compiler;

    /** @param compiler makes an expression of its text */
    Forms(Function<String, TextPattern> compiler) {
        this.compiler = compiler;
        addValues();
        addAmounts();
    }

    @SuppressWarnings("unchecked") // A form is kept under the type that it is for.
    <T> Form<T> of(Type type) {
        Form<?> form = known.get(type);
        if (form == null) {
            // Types may hold themselves: who asks meanwhile gets a form that looks again.
            Later<T> later = new Later<>();
            known.put(type, later);
            form = make(type);
            later.form = (Form<T>) form;
            known.put(type, form);
        }
        return (Form<T>) form;
    }

    private static final class Later<T> implements Form<T> {
        private Form<T> form = this;

        @Override
        public void write(ByteSink sink, T value) {
            form.write(sink, value);
        }

        @Override
        public T read(ByteSource source) {
            return form.read(source);
        }
    }

    private <T> void add(Class<T> type, Form<T> form) {
        known.put(type, form);
    }

    private void addValues() {
        Form<Long> signed = Form.of(ByteSink::writeSigned, ByteSource::readSigned);
        Form<Integer> integer = signed.as(Integer::longValue, Math::toIntExact);
        Form<Boolean> truth = Form.of((sink, value) -> sink.writeByte(value ? 1 : 0), source -> source.readByte() == 1);
        Form<Double> real = Form.of(
                (sink, value) -> sink.writeFixed(Double.doubleToLongBits(value)),
                source -> Double.longBitsToDouble(source.readFixed()));
        known.put(long.class, signed);
        add(Long.class, signed);
        known.put(int.class, integer);
        add(Integer.class, integer);
        known.put(boolean.class, truth);
        add(Boolean.class, truth);
        known.put(double.class, real);
        add(Double.class, real);
        add(String.class, Form.of(ByteSink::writeText, ByteSource::readText));
        add(
                Instant.class,
                Form.of(
                        (sink, at) -> {
                            sink.writeSigned(at.getEpochSecond());
                            sink.writeUnsigned(at.getNano());
                        },
                        source -> Instant.ofEpochSecond(source.readSigned(), source.readUnsigned())));
        add(
                Duration.class,
                Form.of(
                        (sink, time) -> {
                            sink.writeSigned(time.getSeconds());
                            sink.writeUnsigned(time.getNano());
                        },
                        source -> Duration.ofSeconds(source.readSigned(), source.readUnsigned())));
        add(
                UUID.class,
                Form.of(
                        (sink, uuid) -> {
                            sink.writeFixed(uuid.getMostSignificantBits());
                            sink.writeFixed(uuid.getLeastSignificantBits());
                        },
                        source -> new UUID(source.readFixed(), source.readFixed())));
        add(
                Payload.class,
                Form.of(
                        (sink, payload) -> {
                            sink.writeUnsigned(payload.size());
                            sink.writeBytes(payload.toByteArray());
                        },
                        source -> Payload.copyOf(source.readBytes(source.readCount()))));
        add(TextPattern.class, Form.of(Forms::writePattern, this::readPattern));
    }

    private static void writePattern(ByteSink sink, TextPattern pattern) {
        switch (pattern) {
            case TextPattern.Nothing nothing -> sink.writeByte(0);
            case TextPattern.Exactly exactly -> {
                sink.writeByte(1);
                sink.writeText(exactly.text());
            }
            case TextPattern.Expression expression -> {
                sink.writeByte(2);
                sink.writeText(expression.text());
            }
        }
    }

    private TextPattern readPattern(ByteSource source) {
        int kind = source.readByte();
        return switch (kind) {
            case 0 -> TextPattern.NONE;
            case 1 -> new TextPattern.Exactly(source.readText());
            case 2 -> compiler.apply(source.readText());
            default -> throw source.damaged("pattern of kind " + kind);
        };
    }

    private void addAmounts() {
        add(
                ResourceQuantities.class,
                Form.of(
                        (sink, bag) -> {
                            sink.writeUnsigned(bag.size());
                            bag.forEach((name, milli) -> {
                                sink.writeText(name);
                                sink.writeSigned(milli);
                            });
                        },
                        source -> {
                            SortedMap<String, Quantity> bag = new TreeMap<>();
                            for (int left = source.readCount(); left > 0; left--) {
                                bag.put(source.readText(), Quantity.ofMilli(source.readSigned()));
                            }
                            return bag.isEmpty() ? ResourceQuantities.EMPTY : ResourceQuantities.of(bag);
                        }));
        Form<ResourceQuantities> scalars = of(ResourceQuantities.class);
        Form<String> texts = of(String.class);
        Form<Ranges> rangeLists = of(Ranges.class);
        Form<ItemSet> itemSets = of(ItemSet.class);
        Form<SortedMap<String, Ranges>> ranges = sortedMap(texts, rangeLists);
        Form<SortedMap<String, ItemSet>> sets = sortedMap(texts, itemSets);
        add(
                Amounts.class,
                Form.of(
                        (sink, amounts) -> {
                            scalars.write(sink, amounts.scalars());
                            ranges.write(sink, amounts.ranges());
                            sets.write(sink, amounts.sets());
                        },
                        source -> new Amounts(scalars.read(source), ranges.read(source), sets.read(source))));
        Form<Amounts> amounts = of(Amounts.class);
        Form<Terms> terms = of(Terms.class);
        Form<SortedMap<Terms, Amounts>> bound = sortedMap(terms, amounts);
        add(
                Resources.class,
                Form.of(
                        (sink, resources) -> {
                            amounts.write(sink, resources.free());
                            bound.write(sink, new TreeMap<>(resources.bound()));
                        },
                        source -> {
                            Resources read = Resources.of(amounts.read(source));
                            for (Map.Entry<Terms, Amounts> entry :
                                    bound.read(source).entrySet()) {
                                read = read.plus(Resources.of(entry.getKey(), entry.getValue()));
                            }
                            return read;
                        }));
    }

    private Form<?> make(Type type) {
        if (type instanceof ParameterizedType parameterized) {
            return generic(parameterized);
        }
        if (type instanceof Class<?> plain) {
            if (plain.isEnum()) {
                return constants(plain);
            }
            if (plain.isSealed()) {
                return kinds(plain);
            }
            if (plain.isRecord()) {
                return components(plain);
            }
        }
        throw new IllegalArgumentException("no form for " + type.getTypeName()
                + " (expected: records, sealed interfaces of records, enums and values)");
    }

    private Form<?> generic(ParameterizedType type) {
        Type[] arguments = type.getActualTypeArguments();
        Class<?> raw = (Class<?>) type.getRawType();
        if (raw == Optional.class) {
            return optional(of(arguments[0]));
        }
        if (raw == List.class) {
            return collection(of(arguments[0]), ArrayList::new);
        }
        if (raw == Set.class) {
            return set(of(arguments[0]));
        }
        if (raw == Map.class) {
            return map(of(arguments[0]), of(arguments[1]));
        }
        if (raw == SortedMap.class) {
            return ordered(of(arguments[0]), of(arguments[1]));
        }
        throw new IllegalArgumentException("no form for " + type.getTypeName());
    }

    private static <T> Form<Optional<T>> optional(Form<T> form) {
        return Form.of(
                (sink, value) -> {
                    sink.writeByte(value.isPresent() ? 1 : 0);
                    value.ifPresent(present -> form.write(sink, present));
                },
                source -> source.readByte() == 0 ? Optional.empty() : Optional.of(form.read(source)));
    }

    private static <T, C extends Collection<T>> Form<C> collection(Form<T> form, Supplier<C> maker) {
        return Form.of(
                (sink, values) -> {
                    sink.writeUnsigned(values.size());
                    values.forEach(value -> form.write(sink, value));
                },
                source -> {
                    C values = maker.get();
                    for (int left = source.readCount(); left > 0; left--) {
                        values.add(form.read(source));
                    }
                    return values;
                });
    }

    /** The JDK's immutable sets and maps have another order in every JVM, so these are put in the order of their bytes. */
    private static <T> List<T> inOrderOfBytes(Form<T> form, Collection<T> values) {
        if (values.size() < 2) {
            return List.copyOf(values);
        }
        record Encoded<T>(ByteBuffer bytes, T value) {}
        List<Encoded<T>> encoded = new ArrayList<>(values.size());
        for (T value : values) {
            ByteSink alone = new ByteSink();
            form.write(alone, value);
            encoded.add(new Encoded<>(ByteBuffer.wrap(alone.toByteArray()), value));
        }
        encoded.sort(Comparator.comparing(Encoded::bytes));
        return encoded.stream().map(Encoded::value).toList();
    }

    private static <T> Form<Set<T>> set(Form<T> form) {
        Form<LinkedHashSet<T>> inOrder = collection(form, LinkedHashSet::new);
        return inOrder.as(set -> new LinkedHashSet<T>(inOrderOfBytes(form, set)), read -> read);
    }

    private static <K, V> Form<Map<K, V>> map(Form<K> keys, Form<V> values) {
        Form<LinkedHashMap<K, V>> entries = entries(keys, values, LinkedHashMap::new);
        return entries.as(
                map -> {
                    LinkedHashMap<K, V> ordered = new LinkedHashMap<>();
                    inOrderOfBytes(keys, map.keySet()).forEach(key -> ordered.put(key, valueOf(map, key)));
                    return ordered;
                },
                read -> read);
    }

    private static <K, V> V valueOf(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("a map without the key that it has just shown: " + key);
        }
        return value;
    }

    @SuppressWarnings("unchecked") // Keys of sorted maps are comparable, or the map could not have been made.
    private static Form<?> ordered(Form<?> keys, Form<?> values) {
        return sortedMap((Form<Comparable<Object>>) keys, (Form<Object>) values);
    }

    private static <K extends Comparable<? super K>, V> Form<SortedMap<K, V>> sortedMap(Form<K> keys, Form<V> values) {
        Form<TreeMap<K, V>> entries = entries(keys, values, TreeMap::new);
        return entries.as(TreeMap::new, Collections::unmodifiableSortedMap);
    }

    private static <K, V, M extends Map<K, V>> Form<M> entries(Form<K> keys, Form<V> values, Supplier<M> maker) {
        return Form.of(
                (sink, map) -> {
                    sink.writeUnsigned(map.size());
                    map.forEach((key, value) -> {
                        keys.write(sink, key);
                        values.write(sink, value);
                    });
                },
                source -> {
                    M map = maker.get();
                    for (int left = source.readCount(); left > 0; left--) {
                        map.put(keys.read(source), values.read(source));
                    }
                    return map;
                });
    }

    private static Form<?> constants(Class<?> type) {
        Map<String, Object> byName = new HashMap<>();
        for (Object constant : type.getEnumConstants()) {
            byName.put(((Enum<?>) constant).name(), constant);
        }
        return named(type, byName);
    }

    private static Form<Object> named(Class<?> type, Map<String, Object> byName) {
        return Form.of((sink, value) -> sink.writeText(((Enum<?>) value).name()), source -> {
            String name = source.readText();
            Object constant = byName.get(name);
            if (constant == null) {
                throw source.damaged("no " + type.getSimpleName() + " is named \"" + name + '"');
            }
            return constant;
        });
    }

    private Form<Object> kinds(Class<?> type) {
        Map<String, Form<Object>> byName = new TreeMap<>();
        addKinds(type, byName);
        return new Form<>() {
            @Override
            public void write(ByteSink sink, Object value) {
                String name = value.getClass().getSimpleName();
                sink.writeText(name);
                kind(name).write(sink, value);
            }

            @Override
            public Object read(ByteSource source) {
                String name = source.readText();
                if (!byName.containsKey(name)) {
                    throw source.damaged("no " + type.getSimpleName() + " is a \"" + name + '"');
                }
                return kind(name).read(source);
            }

            private Form<Object> kind(String name) {
                Form<Object> form = byName.get(name);
                if (form == null) {
                    throw new IllegalStateException("no kind " + name + " of " + type);
                }
                return form;
            }

            @Override
            public void describe(Set<String> description) {
                if (description.add(type.getName() + byName.keySet())) {
                    byName.values().forEach(form -> form.describe(description));
                }
            }
        };
    }

    private void addKinds(Class<?> type, Map<String, Form<Object>> byName) {
        for (Class<?> kind : type.getPermittedSubclasses()) {
            if (kind.isSealed()) {
                addKinds(kind, byName);
            } else if (byName.put(kind.getSimpleName(), of(kind)) != null) {
                throw new IllegalArgumentException("two kinds of " + type + " are named " + kind.getSimpleName());
            }
        }
    }

    private Form<Object> components(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        List<Form<Object>> forms = new ArrayList<>(components.length);
        Method[] accessors = new Method[components.length];
        Class<?>[] types = new Class<?>[components.length];
        StringBuilder text = new StringBuilder(type.getName());
        for (int i = 0; i < components.length; i++) {
            forms.add(of(components[i].getGenericType()));
            accessors[i] = components[i].getAccessor();
            accessors[i].setAccessible(true);
            types[i] = components[i].getType();
            text.append(' ').append(components[i]);
        }
        Constructor<?> constructor;
        try {
            constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a record without its own constructor: " + type, e);
        }
        return new Form<>() {
            @Override
            public void write(ByteSink sink, Object value) {
                for (int i = 0; i < accessors.length; i++) {
                    forms.get(i).write(sink, call(accessors[i], value));
                }
            }

            @Override
            public Object read(ByteSource source) {
                source.descend();
                Object[] values = new Object[accessors.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = forms.get(i).read(source);
                }
                source.ascend();
                return create(constructor, values, source);
            }

            @Override
            public void describe(Set<String> description) {
                if (description.add(text.toString())) {
                    forms.forEach(form -> form.describe(description));
                }
            }
        };
    }

    private static Object call(Method accessor, Object value) {
        try {
            return accessor.invoke(value);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException("cannot read " + accessor, e);
        }
    }

    private static Object create(Constructor<?> constructor, Object[] values, ByteSource source) {
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw source.damaged(
                    "no such " + constructor.getDeclaringClass().getSimpleName() + " is possible",
                    e.getCause() == null ? e : e.getCause());
        } catch (InstantiationException | IllegalAccessException e) {
            throw new IllegalStateException("cannot make " + constructor, e);
        }
    }
}
