package io.offerplane.operator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The operator's process.
 *
 * <p>Exit codes: 0 after SIGTERM; 70 when the engine broke; 78 when the configuration can't be used.
 */
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    static final int ENGINE_BROKEN = 70;
    static final int BAD_CONFIGURATION = 78;

    private Main() {}

    public static void main(String[] arguments) {
        OperatorConfig config;
        try {
            config = readConfig(System.getenv());
        } catch (InvalidSetting | IOException wrong) {
            LOG.atError().log("The configuration can't be used: {}", wrong.getMessage());
            System.exit(BAD_CONFIGURATION);
            return;
        }
        OfferplaneOperator operator =
                OfferplaneOperator.start(config, () -> Runtime.getRuntime().halt(ENGINE_BROKEN));
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(operator::close));
    }

    private static OperatorConfig readConfig(Map<String, String> environment) throws IOException {
        String file = environment.get("OFFERPLANE_CONFIG");
        String yaml = file == null ? "" : Files.readString(Path.of(file));
        return OperatorConfig.read(yaml, environment);
    }
}
