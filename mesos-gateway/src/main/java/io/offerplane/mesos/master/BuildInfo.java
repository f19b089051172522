package io.offerplane.mesos.master;

/** What {@code /version} says of the build besides the Mesos release that is spoken. */
final class BuildInfo {
    /** The time that the build is stamped with, as Mesos prints it and in seconds. */
    static final String DATE = "2026-11-21 00:00:00";

    static final double TIME = 1795219200.0;

    static final String USER = "offerplane";

    private BuildInfo() {}
}
