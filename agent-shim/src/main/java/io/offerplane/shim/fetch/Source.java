package io.offerplane.shim.fetch;

import java.io.IOException;

/** Where files come from: one per kind of URI. Safe for several threads. */
interface Source {

    /**
     * Opens a file; the caller closes it.
     *
     * @throws IOException when it can't be had, in words that hold no password
     */
    Content open(FetchItem item) throws IOException;
}
