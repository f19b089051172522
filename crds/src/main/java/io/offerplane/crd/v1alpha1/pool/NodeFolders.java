package io.offerplane.crd.v1alpha1.pool;

/** Which folders of a node a pool may name: the agent shim sees them at their own paths, so they can't be ones that it stands on. */
final class NodeFolders {
    static final String PATTERN = "^(/[A-Za-z0-9._@+-]+)+$";

    static final String RULE =
            "self.all(f, !f.contains('/./') && !f.contains('/../') && !f.endsWith('/.') && !f.endsWith('/..')"
                    + " && !(f in ['/etc', '/opt', '/run', '/var', '/var/lib', '/var/run'])"
                    + " && !f.matches('^/(bin|boot|dev|lib|lib64|proc|root|sbin|sys|tmp|usr|etc/offerplane|opt/offerplane|var/lib/offerplane"
                    + "|var/lib/kubelet|var/run/secrets|run/secrets)(/|$)'))";

    static final String MESSAGE =
            "can't be folders that the agent or the node's system stands on, such as /etc, /usr or /var/lib/kubelet, nor have . or .. in them: name a folder of data, such as /srv/data";

    private NodeFolders() {}
}
