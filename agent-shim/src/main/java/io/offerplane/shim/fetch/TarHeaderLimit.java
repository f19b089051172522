package io.offerplane.shim.fetch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * A tar stream whose headers can't be endless. Long names and extended headers are read into memory before anybody sees them, and
 * gigabytes of a header compress into a few kilobytes. Used by one thread.
 */
final class TarHeaderLimit extends FilterInputStream {

    /** Names of 4 KiB, twice, and extended attributes; more than any archiver writes for one file. */
    private static final long HEADER_BYTES = 256 << 10;

    private boolean inHeader;
    private long left;

    TarHeaderLimit(InputStream in) {
        super(in);
    }

    void headerBegins() {
        inHeader = true;
        left = HEADER_BYTES;
    }

    void headerEnds() {
        inHeader = false;
    }

    @Override
    public int read() throws IOException {
        int value = super.read();
        passed(value < 0 ? 0 : 1);
        return value;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = super.read(buffer, offset, length);
        passed(Math.max(0, n));
        return n;
    }

    @Override
    public long skip(long bytes) throws IOException {
        long n = super.skip(bytes);
        passed(n);
        return n;
    }

    private void passed(long bytes) throws IOException {
        if (!inHeader) {
            return;
        }
        left -= bytes;
        if (left < 0) {
            throw new IOException("one of its headers is longer than " + HEADER_BYTES + " bytes");
        }
    }
}
