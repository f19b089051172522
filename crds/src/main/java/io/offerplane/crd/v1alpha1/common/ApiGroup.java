package io.offerplane.crd.v1alpha1.common;

/** The names that users and our own selectors know objects by. */
public final class ApiGroup {
    public static final String NAME = "offerplane.io";
    public static final String VERSION = "v1alpha1";

    /** {@code kubectl get offerplane} lists every kind of the group. */
    public static final String CATEGORY = "offerplane";

    /** Label: the AgentPool that a node's objects belong to. */
    public static final String LABEL_POOL = NAME + "/pool";

    /** Label: the Kubernetes node that an object stands for. */
    public static final String LABEL_NODE = NAME + "/node";

    /** Label: how a Framework came to be, {@link #ORIGIN_REGISTERED} when the operator made it. */
    public static final String LABEL_ORIGIN = NAME + "/origin";

    public static final String ORIGIN_REGISTERED = "registered";

    /** Label: the protocol of a Framework's client where it isn't Mesos', {@link #PROTOCOL_YARN}. */
    public static final String LABEL_PROTOCOL = NAME + "/protocol";

    public static final String PROTOCOL_YARN = "yarn";

    /** Label: the Task that an instance belongs to. */
    public static final String LABEL_TASK = NAME + "/task";

    /** Annotation: the id as the protocol knows it, which may break Kubernetes' rules for names. */
    public static final String ANNOTATION_ID = NAME + "/id";

    private ApiGroup() {}
}
