package io.offerplane.shim;

/** This build's version. */
public final class Version {

    /** As in the jar's manifest; {@code development} when run from class files. */
    public static final String TEXT = text();

    private Version() {}

    private static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
