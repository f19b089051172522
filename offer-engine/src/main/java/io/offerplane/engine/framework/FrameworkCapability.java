package io.offerplane.engine.framework;

/** What a framework says it understands; Mesos {@code FrameworkInfo.Capability.Type}, whose names these are. */
public enum FrameworkCapability {
    REVOCABLE_RESOURCES,
    TASK_KILLING_STATE,
    GPU_RESOURCES,
    SHARED_RESOURCES,
    PARTITION_AWARE,
    MULTI_ROLE,
    RESERVATION_REFINEMENT,
    REGION_AWARE
}
