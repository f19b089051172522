package io.offerplane.shim.container;

import com.google.protobuf.ByteString;
import java.io.IOException;

/**
 * A program that has joined a running container, with its input and output in the hands of the caller. It ends with its command, and with
 * {@link #close}. One thread may listen, others speak.
 */
public interface ContainerSession extends AutoCloseable {

    /** What is heard of a session. */
    sealed interface Heard {}

    /**
     * What its command has written.
     *
     * @param isError whether to standard error; a terminal has none
     */
    record Output(boolean isError, ByteString data) implements Heard {}

    /**
     * Its command has ended; nothing follows.
     *
     * @param status as the kernel told it
     */
    record Ended(WaitStatus status) implements Heard {}

    /**
     * A terminal's size; all zero where nobody knows it.
     *
     * @param rows at most 65535
     * @param columns at most 65535
     */
    record WindowSize(int rows, int columns) {

        /** The kernel's sizes have 16 bits, Mesos' 32 without a sign: what is larger is cut. */
        public static WindowSize of(int rows, int columns) {
            return new WindowSize(cut(rows), cut(columns));
        }

        private static int cut(int size) {
            return (int) Math.min(0xffff, Integer.toUnsignedLong(size));
        }
    }

    /**
     * Waits for what is heard next. While nobody listens the command waits with its output, as at a terminal. To be called on a platform thread.
     *
     * @throws IOException when the session has ended without a word, or was closed
     */
    Heard next() throws IOException;

    /**
     * Gives the command input; waits while it reads none.
     *
     * @param data at most 64 KiB
     * @throws IOException when the session has ended
     */
    void input(ByteString data) throws IOException, InterruptedException;

    /** Says that no more input comes; nothing to a terminal, where the client sends the character that says it. */
    void endInput() throws IOException, InterruptedException;

    /** Tells the command the size of its terminal; nothing happens when it has none. */
    void resize(WindowSize size) throws IOException, InterruptedException;

    /** Sends the command and its process group a signal. */
    void signal(int number) throws IOException, InterruptedException;

    /** Kills all of it. May be repeated. */
    @Override
    void close();
}
