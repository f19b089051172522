package io.offerplane.operator;

import io.offerplane.operator.pool.YarnNodeTemplate;
import io.offerplane.operator.yarn.HeadSettings;
import io.offerplane.operator.yarn.VcoreSize;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Whether the cluster has YARN, and how the leader treats its head.
 *
 * @param enabled whether the head's end of the link is served at all
 * @param headServiceAccount in the operator's namespace, that the head's tokens must belong to
 * @param failover how long applications keep their containers while no head is linked
 * @param headPatience how long agents of a new term wait for the head to say what it has
 * @param millicoresPerVcore how much of a core one vcore is, in thousandths
 * @param node what runs beside each shim, where anything does
 */
record YarnSettings(
        boolean enabled,
        String headServiceAccount,
        Duration failover,
        Duration headPatience,
        int millicoresPerVcore,
        Optional<YarnNodeTemplate> node) {
    /** Between two looks at the applications' headroom. */
    private static final Duration LOOK = Duration.ofMillis(500);

    private static final Setting<Boolean> ENABLED = Setting.flag(
            "yarn.enabled",
            false,
            "Whether YARN's head may link itself to the leader; the chart's yarn.enabled installs that head and sets this.");
    private static final Setting<String> HEAD_ACCOUNT = Setting.name(
            "yarn.headServiceAccount",
            "offerplane-yarn-head",
            "The service account, in the operator's namespace, that the head's token must belong to.");
    private static final Setting<Duration> FAILOVER = Setting.duration(
            "yarn.failoverTimeout",
            "10m",
            "1s",
            "7d",
            "How long YARN applications keep their containers while no head is linked.");
    private static final Setting<Duration> HEAD_PATIENCE = Setting.duration(
            "yarn.headPatience",
            "30s",
            "0s",
            "10m",
            "How long agents wait under a new leader until the head has said which containers it has; nothing is offered on them"
                    + " before.");

    private static final Setting<Integer> MILLICORES_PER_VCORE = Setting.integer(
            "yarn.millicoresPerVcore",
            1_000,
            10,
            1_000_000,
            "thousandths of a core",
            "How much of a core one of YARN's vcores is: less where applications ask for more vcores than they keep busy, as on"
                    + " most YARN clusters, whose schedulers count memory alone.");

    private static final Setting<Optional<String>> NODE_IMAGE = Setting.optionalText(
            "yarn.nodeImage",
            "an image",
            "The image of YARN's node side, which runs beside each shim where yarn.enabled is set; without one, none does.");
    private static final Setting<String> NODE_PULL_POLICY = Setting.text(
            "yarn.nodeImagePullPolicy",
            "IfNotPresent",
            "Always, IfNotPresent or Never",
            "When the node side's image is pulled.");
    private static final Setting<String> NODE_HEAD_ADDRESS = Setting.text(
            "yarn.nodeHeadAddress",
            "offerplane-yarn-head:5052",
            "host:port",
            "Where nodes reach the head: a Service that selects it.");
    private static final Setting<String> NODE_CONFIG_MAP = Setting.name(
            "yarn.nodeConfigMap",
            "offerplane-yarn-node",
            "The ConfigMap, in the operator's namespace, with the node side's core-site.xml, yarn-site.xml and so on.");

    static final List<Setting<?>> ALL = List.of(
            ENABLED,
            HEAD_ACCOUNT,
            FAILOVER,
            HEAD_PATIENCE,
            MILLICORES_PER_VCORE,
            NODE_IMAGE,
            NODE_PULL_POLICY,
            NODE_HEAD_ADDRESS,
            NODE_CONFIG_MAP);

    static YarnSettings of(SettingsSource source) {
        return new YarnSettings(
                source.get(ENABLED),
                source.get(HEAD_ACCOUNT),
                source.get(FAILOVER),
                source.get(HEAD_PATIENCE),
                source.get(MILLICORES_PER_VCORE),
                source.get(NODE_IMAGE)
                        .filter(image -> source.get(ENABLED))
                        .map(image -> new YarnNodeTemplate(
                                image,
                                source.get(NODE_PULL_POLICY),
                                source.get(NODE_HEAD_ADDRESS),
                                source.get(MILLICORES_PER_VCORE),
                                source.get(NODE_CONFIG_MAP))));
    }

    /** The same cluster without YARN. */
    YarnSettings off() {
        return new YarnSettings(
                false, headServiceAccount, failover, headPatience, millicoresPerVcore, Optional.empty());
    }

    HeadSettings head(int outboundQueue) {
        return new HeadSettings(failover, headPatience, LOOK, outboundQueue, new VcoreSize(millicoresPerVcore));
    }
}
