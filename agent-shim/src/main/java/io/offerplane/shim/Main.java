package io.offerplane.shim;

import io.offerplane.shim.container.DefaultRootfs;
import io.offerplane.shim.fetch.UriFetcher;
import io.offerplane.shim.http.AgentHttpServer;
import java.io.IOException;
import java.nio.file.Path;
import java.security.Security;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the shim. All settings are environment variables: see {@link ShimConfig}. */
public final class Main {

    private static final Logger log = LoggerFactory.getLogger(Main.class);

    /** Warns once per Mesos message class that it was generated long ago; it was, and the link's messages have a limit. */
    private static final java.util.logging.Logger GENERATED_MESSAGES =
            java.util.logging.Logger.getLogger("com.google.protobuf.GeneratedMessage");

    private Main() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        GENERATED_MESSAGES.setLevel(java.util.logging.Level.OFF);
        // A name that could not be found, or led elsewhere a moment ago, must not keep a node from its leader: the JVM
        // remembers a
        // failed look-up for 10 s and a good one for 30 s. Read once, at the first look-up.
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Security.setProperty("networkaddress.cache.ttl", "1");
        ShimConfig config;
        try {
            config = ShimConfig.of(System.getenv());
        } catch (IllegalArgumentException e) {
            log.error("Cannot start: {}", e.getMessage());
            System.exit(64);
            return;
        }
        log.info("Offerplane agent shim {} on node {}, work in {}", Version.TEXT, config.nodeName(), config.workDir());
        Path rootfs =
                DefaultRootfs.prepare(config.defaultRootfs(), config.workDir().resolve("rootfs"));
        Agent agent = new Agent(config, rootfs, UriFetcher.open(config.fetch()));
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            try {
                                agent.close();
                            } catch (IOException e) {
                                log.warn("Not all is closed", e);
                            }
                        },
                        "stop"));
        AgentHttpServer.start(agent, config.httpPort());
        agent.start();
        Thread.currentThread().join();
    }
}
