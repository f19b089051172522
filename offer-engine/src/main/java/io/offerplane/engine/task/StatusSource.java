package io.offerplane.engine.task;

/** Who made a status update: Mesos {@code TaskStatus.Source}, whose names these are less {@code SOURCE_}. */
public enum StatusSource {
    MASTER,
    AGENT,
    EXECUTOR
}
