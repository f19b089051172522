package io.offerplane.operator;

import io.offerplane.engine.EngineGate;
import io.offerplane.mesos.Credentials;
import io.offerplane.mesos.GatewayConfig;
import io.offerplane.mesos.Leadership;
import io.offerplane.mesos.MesosGateway;
import io.offerplane.mesos.SubscriptionPolicy;
import io.offerplane.mesos.http.HttpLimits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/** The gateway set up from the operator's configuration. */
final class MesosSide {
    private MesosSide() {}

    static MesosGateway start(
            OperatorConfig config,
            EngineGate gate,
            Leadership leadership,
            PrincipalSecrets principals,
            SubscriptionPolicy subscriptions,
            LongSupplier connectionNumbers) {
        OperatorConfig.Mesos mesos = config.mesos();
        HttpLimits standard = HttpLimits.DEFAULT;
        return MesosGateway.start(
                new GatewayConfig(
                        "0.0.0.0",
                        mesos.port(),
                        config.pod().ip(),
                        config.pod().ip(),
                        0,
                        GatewayConfig.STREAM_BUFFER_BYTES,
                        mesos.heartbeatInterval(),
                        2,
                        2,
                        connectionNumbers,
                        credentials(mesos.authenticationMode(), principals),
                        new HttpLimits(
                                standard.requestLineBytes(),
                                standard.headerBytes(),
                                Math.toIntExact(mesos.maxBodyBytes()),
                                standard.pipelined(),
                                standard.requestTime(),
                                standard.connections()),
                        Optional.of(mesos.cluster()),
                        Map.of("authenticate_http_frameworks", Boolean.toString(isRequired(mesos))),
                        GatewayConfig.QuotaAuthority.QUEUES),
                gate,
                leadership,
                subscriptions);
    }

    private static boolean isRequired(OperatorConfig.Mesos mesos) {
        return mesos.authenticationMode() == OperatorConfig.AuthenticationMode.Required;
    }

    static Credentials credentials(OperatorConfig.AuthenticationMode mode, PrincipalSecrets principals) {
        return switch (mode) {
            case None -> Credentials.NONE;
            case Optional -> new ByPrincipal(false, principals);
            case Required -> new ByPrincipal(true, principals);
        };
    }

    /** A framework's principal opens every realm, as one of Mesos' {@code --credentials} does. */
    private record ByPrincipal(boolean required, PrincipalSecrets principals) implements Credentials {
        @Override
        public boolean required(Realm realm) {
            return required;
        }

        @Override
        public boolean accepts(Realm realm, String principal, String secret) {
            // Compared even for a principal that nobody has, so that the time tells nothing.
            byte[] expected = principals.secretOf(principal).orElse("").getBytes(StandardCharsets.UTF_8);
            boolean equal = MessageDigest.isEqual(expected, secret.getBytes(StandardCharsets.UTF_8));
            return expected.length > 0 && equal;
        }
    }
}
