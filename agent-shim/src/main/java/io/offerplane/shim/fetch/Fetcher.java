package io.offerplane.shim.fetch;

import io.offerplane.shim.container.ContainerUser;
import java.nio.file.Path;
import java.util.List;
import org.apache.mesos.v1.Protos.CommandInfo;

/** Brings files into a sandbox. Safe for any number of threads, each with a sandbox of its own. */
public interface Fetcher {

    /**
     * Fetches all; blocks. What an earlier, interrupted attempt left is overwritten. Once this returns or throws, nothing is written
     * to the sandbox any more.
     *
     * @param sandbox exists and belongs to the user
     * @throws FetchException naming the one that failed
     */
    void fetch(List<CommandInfo.URI> uris, Path sandbox, ContainerUser user)
            throws FetchException, InterruptedException;

    /**
     * Fetches all, like {@link #fetch(List, Path, ContainerUser)}, and tells how far it is. A fetcher that can't tell says nothing.
     *
     * @param progress called from several threads
     */
    default void fetch(List<CommandInfo.URI> uris, Path sandbox, ContainerUser user, FetchProgress progress)
            throws FetchException, InterruptedException {
        fetch(uris, sandbox, user);
    }
}
