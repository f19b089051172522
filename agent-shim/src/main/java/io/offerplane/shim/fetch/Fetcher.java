package io.offerplane.shim.fetch;

import io.offerplane.shim.container.ContainerUser;
import java.nio.file.Path;
import java.util.List;
import org.apache.mesos.v1.Protos.CommandInfo;

/** Brings files into a sandbox. */
public interface Fetcher {

    /**
     * Fetches all; blocks. What an earlier, interrupted attempt left is overwritten.
     *
     * @param sandbox exists and belongs to the user
     * @throws FetchException naming the one that failed
     */
    void fetch(List<CommandInfo.URI> uris, Path sandbox, ContainerUser user)
            throws FetchException, InterruptedException;
}
