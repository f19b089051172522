package io.offerplane.shim.fetch;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How to reach Hadoop file systems.
 *
 * @param namenodes by what stands after {@code hdfs://}, host and port or a nameservice: the http addresses of its namenodes
 * @param user name that is sent where the cluster asks for no proof; empty sends none
 * @param tokenFile one line, a delegation token in its URL-safe form, for clusters that ask for one
 */
record HdfsSettings(Map<String, List<URI>> namenodes, String user, Optional<Path> tokenFile) {

    HdfsSettings {
        namenodes = Map.copyOf(namenodes);
    }
}
