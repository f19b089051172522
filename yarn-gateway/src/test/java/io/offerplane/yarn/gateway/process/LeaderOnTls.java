package io.offerplane.yarn.gateway.process;

import io.offerplane.operator.link.CallerIdentity;
import io.offerplane.operator.link.LinkCertificates;
import io.offerplane.operator.link.LinkServer;
import io.offerplane.operator.link.LinkSettings;
import io.offerplane.yarn.gateway.EngineOnLoopback;
import io.offerplane.yarn.gateway.MountedSecrets;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** A leader's engine behind the link's own server, with the operator's certificates; its head's token is "head". */
final class LeaderOnTls implements AutoCloseable {
    static final String TOKEN = "head";

    private final EngineOnLoopback engine;
    private final LinkServer server;

    /** @param port 0 for any free one */
    LeaderOnTls(long term, MountedSecrets secrets, int port) throws IOException {
        engine = new EngineOnLoopback(term, Duration.ofMinutes(5));
        server = LinkServer.start(
                new LinkSettings(port, Duration.ofSeconds(1), 5, 1 << 20, 1000, Duration.ofSeconds(1)),
                secrets.leader(),
                List.of(new LinkServer.Served(engine.heads().service(), LinkCertificates.HEAD_NAME, token -> {
                    if (!token.equals(TOKEN)) {
                        throw new CallerIdentity.Refused("the token isn't valid", false);
                    }
                    return "node-of-head";
                })));
    }

    EngineOnLoopback engine() {
        return engine;
    }

    int port() {
        return server.port();
    }

    @Override
    public void close() {
        engine.close();
        server.close();
    }
}
