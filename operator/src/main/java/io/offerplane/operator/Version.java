package io.offerplane.operator;

/** Which build this is. */
final class Version {
    private Version() {}

    /** As in the jar's manifest; {@code 0.0.0} where classes are run without a jar. */
    static String ofThisBuild() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "0.0.0" : version;
    }
}
