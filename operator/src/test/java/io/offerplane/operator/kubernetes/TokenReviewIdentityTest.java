package io.offerplane.operator.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.offerplane.operator.link.CallerIdentity;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TokenReviewIdentityTest {
    private final TokenReviewIdentity identity = new TokenReviewIdentity(
            new KubernetesClientBuilder().build(), "offerplane-link", "offerplane", "offerplane-shim");

    private static TokenReviewStatusBuilder good() {
        return new TokenReviewStatusBuilder()
                .withAuthenticated(true)
                .withAudiences("offerplane-link")
                .withNewUser()
                .withUsername("system:serviceaccount:offerplane:offerplane-shim")
                .withExtra(Map.of(TokenReviewIdentity.NODE_NAME, List.of("node-a")))
                .endUser();
    }

    private void assertRefused(TokenReviewStatus status, String why) {
        assertThatThrownBy(() -> identity.judge(status))
                .isInstanceOfSatisfying(CallerIdentity.Refused.class, refused -> assertThat(refused.isTransitory())
                        .isFalse())
                .hasMessageContaining(why);
    }

    @Test
    void shimsTokenNamesItsNode() throws Exception {
        assertThat(identity.judge(good().build())).isEqualTo("node-a");
    }

    @Test
    void tokenThatKubernetesDoesNotKnowIsRefused() {
        assertRefused(
                new TokenReviewStatusBuilder()
                        .withAuthenticated(false)
                        .withError("token has expired")
                        .build(),
                "token has expired");
    }

    @Test
    void tokenForAnotherAudienceIsRefused() {
        assertRefused(good().withAudiences("kubernetes").build(), "expected: offerplane-link");
    }

    @Test
    void tokenOfAnotherAccountIsRefused() {
        assertRefused(
                good().editUser()
                        .withUsername("system:serviceaccount:tenant:default")
                        .endUser()
                        .build(),
                "system:serviceaccount:tenant:default");
    }

    @Test
    void tokenThatIsBoundToNoPodIsRefused() {
        assertRefused(good().editUser().withExtra(Map.of()).endUser().build(), "names no node");
    }
}
