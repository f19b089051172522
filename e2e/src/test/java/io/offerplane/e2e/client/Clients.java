package io.offerplane.e2e.client;

import io.offerplane.e2e.cluster.CommandLine;
import io.offerplane.e2e.cluster.RepositoryRoot;
import java.nio.file.Path;
import java.time.Duration;

/** The clients' packages, installed by {@code e2e/clients/install} where they are not there yet. */
public final class Clients {
    private Clients() {}

    /** A Python that can import pymesos. */
    public static Path pymesosPython() {
        return install("pymesos");
    }

    /** HubSpot's SingularityService with all it needs in one jar. */
    public static Path singularityJar() {
        return install("singularity");
    }

    /** The folder of mesos-go's {@code example-scheduler} and {@code example-executor}. */
    public static Path mesosGo() {
        return install("mesos-go");
    }

    private static Path install(String client) {
        Path script = RepositoryRoot.find().resolve("e2e/clients/install");
        return Path.of(CommandLine.of(script.toString(), client)
                .within(Duration.ofMinutes(5))
                .output());
    }
}
