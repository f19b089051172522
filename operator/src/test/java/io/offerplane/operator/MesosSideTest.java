package io.offerplane.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.offerplane.mesos.Credentials;
import io.offerplane.mesos.Credentials.Realm;
import io.offerplane.operator.OperatorConfig.AuthenticationMode;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MesosSideTest {
    private final PrincipalSecrets secrets =
            principal -> Optional.ofNullable(Map.of("marathon", "s3cr3t").get(principal));

    @Test
    void requiredModeWantsTheSecretOfAKnownPrincipalInEveryRealm() {
        Credentials credentials = MesosSide.credentials(AuthenticationMode.Required, secrets);

        for (Realm realm : Realm.values()) {
            assertThat(credentials.required(realm)).isTrue();
            assertThat(credentials.accepts(realm, "marathon", "s3cr3t")).isTrue();
            assertThat(credentials.accepts(realm, "marathon", "guess")).isFalse();
            assertThat(credentials.accepts(realm, "nobody", "")).isFalse();
        }
    }

    @Test
    void optionalModeAsksNobodyButChecksWhoeverNamesThemselves() {
        Credentials credentials = MesosSide.credentials(AuthenticationMode.Optional, secrets);

        assertThat(credentials.required(Realm.SCHEDULER)).isFalse();
        assertThat(credentials.accepts(Realm.SCHEDULER, "marathon", "guess")).isFalse();
    }

    @Test
    void noneIsOpen() {
        assertThat(MesosSide.credentials(AuthenticationMode.None, secrets).required(Realm.SCHEDULER))
                .isFalse();
    }
}
