package io.offerplane.operator.kubernetes;

import io.fabric8.kubernetes.api.model.authentication.TokenReview;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.offerplane.operator.link.CallerIdentity;
import java.util.List;
import java.util.Map;

/**
 * Has Kubernetes review the token: it must be meant for the link, belong to the service account that is expected, and be
 * bound to a pod, whose node Kubernetes then names ({@code authentication.kubernetes.io/node-name}, KEP-4193).
 */
public final class TokenReviewIdentity implements CallerIdentity {
    static final String NODE_NAME = "authentication.kubernetes.io/node-name";

    private final KubernetesClient client;
    private final String audience;
    private final String user;

    /**
     * @param audience that tokens must be issued for
     * @param serviceAccount that tokens must belong to
     */
    public TokenReviewIdentity(KubernetesClient client, String audience, String namespace, String serviceAccount) {
        this.client = client;
        this.audience = audience;
        this.user = "system:serviceaccount:" + namespace + ":" + serviceAccount;
    }

    @Override
    public String nodeOf(String token) throws Refused {
        TokenReview asked = new TokenReviewBuilder()
                .withNewSpec()
                .withToken(token)
                .withAudiences(audience)
                .endSpec()
                .build();
        TokenReview reviewed;
        try {
            reviewed = client.resource(asked).create();
        } catch (KubernetesClientException failed) {
            throw new Refused("Kubernetes can't review tokens now: " + failed.getMessage(), true);
        }
        return judge(reviewed.getStatus());
    }

    String judge(TokenReviewStatus status) throws Refused {
        if (!Boolean.TRUE.equals(status.getAuthenticated())) {
            String error = status.getError();
            throw new Refused("the token isn't valid" + (error == null || error.isEmpty() ? "" : ": " + error), false);
        }
        if (!status.getAudiences().contains(audience)) {
            throw new Refused(
                    "the token is for audiences " + status.getAudiences() + " (expected: " + audience + ")", false);
        }
        UserInfo info = status.getUser();
        if (!user.equals(info.getUsername())) {
            throw new Refused("the token is of " + info.getUsername() + " (expected: " + user + ")", false);
        }
        Map<String, List<String>> extra = info.getExtra();
        List<String> nodes = extra == null ? List.of() : extra.getOrDefault(NODE_NAME, List.of());
        if (nodes.size() != 1) {
            throw new Refused(
                    "the token names no node (expected: one that is projected into a pod, by Kubernetes 1.32 or later)",
                    false);
        }
        return nodes.getFirst();
    }
}
