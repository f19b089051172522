package io.offerplane.yarn.gateway.process;

import io.offerplane.yarn.gateway.node.NodeTokens;
import io.offerplane.yarn.gateway.node.RememberedTokens;
import io.offerplane.yarn.gateway.node.TokenReviews;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.time.Duration;
import java.time.InstantSource;
import org.apache.hadoop.util.ShutdownHookManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The head's process. All settings are environment variables; {@code --help} lists them, and the exit codes. */
public final class Main {
    private static final Logger log = LoggerFactory.getLogger(Main.class);

    private static final int ENDED = 70;
    private static final int BAD_CONFIGURATION = 78;

    /** Before Hadoop's file systems close, in which the state is. */
    private static final int HOOK_PRIORITY = 30;

    /** How long a node's token is good after Kubernetes has said so, and how many nodes there may be. */
    private static final Duration TOKEN_MEMORY = Duration.ofMinutes(2);

    private static final int MOST_TOKENS = 20_000;

    private Main() {}

    public static void main(String[] arguments) {
        if (arguments.length > 0) {
            help(arguments);
            return;
        }
        // A name that could not be found, or led elsewhere a moment ago, must not keep the head from its leader. The
        // JVM
        // remembers a failed look-up for 10 s and a good one for 30 s; it reads this once, at the first.
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        Security.setProperty("networkaddress.cache.ttl", "1");
        try {
            HeadConfig config = HeadConfig.of(System.getenv());
            HeadProcess process = HeadProcess.start(config, tokens(config.nodes()));
            ShutdownHookManager.get().addShutdownHook(process::close, HOOK_PRIORITY);
        } catch (IllegalArgumentException | IOException | GeneralSecurityException wrong) {
            log.error("The head can't start: {}", wrong.getMessage());
            System.exit(BAD_CONFIGURATION);
        } catch (RuntimeException failed) {
            log.error("The ResourceManager doesn't start", failed);
            System.exit(ENDED);
        }
    }

    private static void help(String[] arguments) {
        System.out.print(HeadConfig.help());
        if (!arguments[0].equals("--help")) {
            System.err.println("unknown argument: " + arguments[0] + " (expected: --help, or none)");
            System.exit(BAD_CONFIGURATION);
        }
    }

    private static NodeTokens tokens(HeadConfig.Nodes nodes) throws IOException, GeneralSecurityException {
        return new RememberedTokens(
                TokenReviews.by(
                        nodes.apiServer(),
                        nodes.apiCertificateAuthority(),
                        nodes.apiToken(),
                        nodes.audience(),
                        nodes.user()),
                TOKEN_MEMORY,
                MOST_TOKENS,
                InstantSource.system());
    }
}
