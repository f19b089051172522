package io.offerplane.shim.fetch;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.OptionalLong;

/**
 * What a URI leads to, opened.
 *
 * @param stream its bytes
 * @param length how many there must be; absent if nobody says
 */
record Content(InputStream stream, OptionalLong length) implements Closeable {

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
