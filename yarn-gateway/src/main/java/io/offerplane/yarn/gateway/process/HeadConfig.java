package io.offerplane.yarn.gateway.process;

import io.offerplane.yarn.gateway.link.LinkFiles;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * All settings of the head's process, from environment variables.
 *
 * @param leaderHost where the leader's link is reached
 * @param leaderPort of the leader's link
 * @param link the proofs of who this is, and whom it believes
 * @param host the name by which clients, masters and their web pages' readers reach this process; it should resolve to its own address
 * @param bindHost the address that the ports are opened on, but for those that are only for this machine
 * @param stateDirectory where Hadoop keeps applications for the next start
 * @param hadoopDirectory where core-site.xml and yarn-site.xml are read from, if they are there
 * @param nodes who may be a node
 */
record HeadConfig(
        String leaderHost,
        int leaderPort,
        LinkFiles link,
        String host,
        String bindHost,
        Ports ports,
        Path stateDirectory,
        Path hadoopDirectory,
        Nodes nodes,
        Authentication authentication) {

    /**
     * Ports of the process; 0 takes any free one.
     *
     * @param client ApplicationClientProtocol
     * @param scheduler ApplicationMasterProtocol
     * @param admin ResourceManagerAdministrationProtocol, on the loopback interface only
     * @param web REST, pages and the proxy to masters' pages
     * @param nodes the node server
     * @param probes for the kubelet
     */
    record Ports(int client, int scheduler, int admin, int web, int nodes, int probes) {}

    /**
     * Who may be a node, and where that is asked.
     *
     * @param audience that their tokens must be issued for
     * @param user that their tokens must be of, as Kubernetes names it
     * @param apiServer of Kubernetes
     * @param apiCertificateAuthority PEM file
     * @param apiToken file of this process's own token
     */
    record Nodes(String audience, String user, URI apiServer, Path apiCertificateAuthority, Path apiToken) {}

    /** How clients prove who they are. */
    enum Authentication {
        /** Not at all: whoever reaches the clients' port or the web's can act as any user. */
        Simple
    }

    private static final HeadSetting<String> LINK_ADDRESS = HeadSetting.name(
            "LINK_ADDRESS", null, "host:port", "Where the leader's link is reached: the Service offerplane-link.");
    private static final HeadSetting<Path> LINK_DIRECTORY = HeadSetting.path(
            "LINK_DIRECTORY",
            "/var/run/secrets/offerplane-link",
            "Holds ca.crt, tls.crt and tls.key: the Secret offerplane-link-head. Read again when they change.");
    private static final HeadSetting<Path> TOKEN_FILE = HeadSetting.path(
            "TOKEN_FILE",
            "/var/run/secrets/offerplane-token/token",
            "The projected service account token for the link; read anew for each stream.");
    private static final HeadSetting<String> HOST = HeadSetting.name(
            "HOST",
            null,
            "a host name or an address",
            "The name that clients and masters reach this process by; it should resolve to this process's own address.");
    private static final HeadSetting<String> BIND_HOST =
            HeadSetting.name("BIND_HOST", "0.0.0.0", "an address", "The address that ports are opened on.");
    private static final HeadSetting<Integer> CLIENT_PORT =
            HeadSetting.port("CLIENT_PORT", 8032, "Where clients submit applications.");
    private static final HeadSetting<Integer> SCHEDULER_PORT =
            HeadSetting.port("SCHEDULER_PORT", 8030, "Where application masters call.");
    private static final HeadSetting<Integer> ADMIN_PORT = HeadSetting.port(
            "ADMIN_PORT", 8033, "Where yarn rmadmin calls; on the loopback interface only (kubectl port-forward).");
    private static final HeadSetting<Integer> WEB_PORT =
            HeadSetting.port("WEB_PORT", 8088, "REST, pages, and the proxy to masters' pages.");
    private static final HeadSetting<Integer> NODES_PORT =
            HeadSetting.port("NODES_PORT", 5052, "Where nodes' sidecars call, by TLS and token.");
    private static final HeadSetting<Integer> PROBE_PORT =
            HeadSetting.port("PROBE_PORT", 9092, "Where /healthz/live and /healthz/ready are answered.");
    private static final HeadSetting<Path> STATE_DIRECTORY = HeadSetting.path(
            "STATE_DIRECTORY",
            "/var/lib/offerplane-yarn",
            "Where applications are written down, so that they go on after a restart.");
    private static final HeadSetting<Path> HADOOP_DIRECTORY = HeadSetting.path(
            "HADOOP_DIRECTORY", "/etc/hadoop", "Holds core-site.xml and yarn-site.xml; either may be missing.");
    private static final HeadSetting<String> NODES_AUDIENCE = HeadSetting.name(
            "NODES_AUDIENCE", "offerplane-yarn-node", "a name", "The audience that nodes' tokens must be issued for.");
    private static final HeadSetting<String> NODES_ACCOUNT = HeadSetting.name(
            "NODES_SERVICE_ACCOUNT",
            "offerplane-shim",
            "a service account of this pod's namespace",
            "The service account that nodes' tokens must belong to.");
    private static final HeadSetting<Path> API_DIRECTORY = HeadSetting.path(
            "API_DIRECTORY",
            "/var/run/secrets/kubernetes.io/serviceaccount",
            "Holds ca.crt and token for Kubernetes' API server, which reviews nodes' tokens.");
    private static final HeadSetting<Authentication> AUTHENTICATION = HeadSetting.choice(
            "AUTHENTICATION",
            Authentication.class,
            "Simple believes clients the user name that they say: only for networks whose members may act as any user.");

    static final List<HeadSetting<?>> SETTINGS = List.of(
            LINK_ADDRESS,
            LINK_DIRECTORY,
            TOKEN_FILE,
            HOST,
            BIND_HOST,
            CLIENT_PORT,
            SCHEDULER_PORT,
            ADMIN_PORT,
            WEB_PORT,
            NODES_PORT,
            PROBE_PORT,
            STATE_DIRECTORY,
            HADOOP_DIRECTORY,
            NODES_AUDIENCE,
            NODES_ACCOUNT,
            API_DIRECTORY,
            AUTHENTICATION);

    /**
     * Reads the settings.
     *
     * @throws IllegalArgumentException naming the variable that is missing, unknown or wrong, and what would be right
     */
    static HeadConfig of(Map<String, String> environment) {
        HeadSetting.requireKnown(SETTINGS, environment);
        String address = LINK_ADDRESS.of(environment);
        int colon = address.lastIndexOf(':');
        if (colon <= 0 || !address.substring(colon + 1).matches("[1-9][0-9]{0,4}")) {
            throw new IllegalArgumentException(
                    HeadSetting.PREFIX + LINK_ADDRESS.variable() + ": " + address + " (expected: host:port)");
        }
        Path api = API_DIRECTORY.of(environment);
        return new HeadConfig(
                address.substring(0, colon),
                Integer.parseInt(address.substring(colon + 1)),
                LinkFiles.in(LINK_DIRECTORY.of(environment), TOKEN_FILE.of(environment)),
                HOST.of(environment),
                BIND_HOST.of(environment),
                new Ports(
                        CLIENT_PORT.of(environment),
                        SCHEDULER_PORT.of(environment),
                        ADMIN_PORT.of(environment),
                        WEB_PORT.of(environment),
                        NODES_PORT.of(environment),
                        PROBE_PORT.of(environment)),
                STATE_DIRECTORY.of(environment),
                HADOOP_DIRECTORY.of(environment),
                new Nodes(
                        NODES_AUDIENCE.of(environment),
                        "system:serviceaccount:" + environment.getOrDefault("POD_NAMESPACE", "offerplane") + ":"
                                + NODES_ACCOUNT.of(environment),
                        apiServer(environment),
                        api.resolve("ca.crt"),
                        api.resolve("token")),
                AUTHENTICATION.of(environment));
    }

    private static URI apiServer(Map<String, String> environment) {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "kubernetes.default.svc");
        return URI.create("https://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443"));
    }

    /** What {@code --help} prints. */
    static String help() {
        StringBuilder text = new StringBuilder("""
                YARN's head: Hadoop's ResourceManager, with Offerplane's leader deciding who gets what.

                All settings are environment variables:

                """);
        for (HeadSetting<?> setting : SETTINGS) {
            text.append("  ")
                    .append(HeadSetting.PREFIX)
                    .append(setting.variable())
                    .append(setting.standard() == null ? " (required)" : " = " + setting.standard())
                    .append("\n      ")
                    .append(setting.meaning())
                    .append(" Expected: ")
                    .append(setting.range())
                    .append(".\n");
        }
        return text.append("""

                POD_NAMESPACE names this process's namespace. KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT, which
                Kubernetes sets, say where its API server is. OFFERPLANE_LOG_LEVEL sets the level of our own log.

                Exit codes: 0 after SIGTERM; 70 when the ResourceManager ended by itself; 78 when the settings can't be used.
                """).toString();
    }
}
