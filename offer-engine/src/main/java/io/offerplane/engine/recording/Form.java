package io.offerplane.engine.recording;

import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * How values of one type are written and read.
 *
 * @param <T> the type
 */
interface Form<T> {
    void write(ByteSink sink, T value);

    T read(ByteSource source);

    /** Adds what of the type decides the form: two versions of the program understand each other where all of it is the same. */
    default void describe(Set<String> description) {}

    static <T> Form<T> of(BiConsumer<ByteSink, T> writer, Function<ByteSource, T> reader) {
        return new Form<>() {
            @Override
            public void write(ByteSink sink, T value) {
                writer.accept(sink, value);
            }

            @Override
            public T read(ByteSource source) {
                return reader.apply(source);
            }
        };
    }

    /** Written as a value of another type. */
    default <S> Form<S> as(Function<S, T> to, Function<T, S> from) {
        Form<T> form = this;
        return new Form<>() {
            @Override
            public void write(ByteSink sink, S value) {
                form.write(sink, to.apply(value));
            }

            @Override
            public S read(ByteSource source) {
                return from.apply(form.read(source));
            }

            @Override
            public void describe(Set<String> description) {
                form.describe(description);
            }
        };
    }
}
