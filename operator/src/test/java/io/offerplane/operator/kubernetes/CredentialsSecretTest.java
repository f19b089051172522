package io.offerplane.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CredentialsSecretTest {
    @Test
    void eachKeyIsAPrincipalAndALineFeedAtTheEndIsNotPartOfItsSecret() {
        assertThat(CredentialsSecret.read(new SecretBuilder()
                        .withData(Map.of("chronos", "czNjcjN0Cg==", "marathon", "b3RoZXI="))
                        .build()))
                .isEqualTo(Map.of("chronos", "s3cr3t", "marathon", "other"));
    }

    @Test
    void emptySecretLetsNobodyIn() {
        assertThat(CredentialsSecret.read(new SecretBuilder().build())).isEmpty();
    }
}
