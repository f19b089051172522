package io.offerplane.operator.pool;

/**
 * What YARN's node sides of all pools have in common.
 *
 * @param image of the sidecar
 * @param pullPolicy Always, IfNotPresent or Never
 * @param headAddress host and port of the head's link for nodes
 * @param millicoresPerVcore how much of a core one vcore is, in thousandths
 * @param configMap with core-site.xml, yarn-site.xml and so on
 */
public record YarnNodeTemplate(
        String image, String pullPolicy, String headAddress, int millicoresPerVcore, String configMap) {}
