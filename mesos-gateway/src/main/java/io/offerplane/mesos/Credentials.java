package io.offerplane.mesos;

/** Who may call what. Methods may be called on any thread and don't block. */
public interface Credentials {
    /** What a name and secret open; Mesos' authentication realms. */
    enum Realm {
        SCHEDULER("mesos-master-scheduler"),
        READ_ONLY("mesos-master-readonly"),
        READ_WRITE("mesos-master-readwrite");

        private final String wireName;

        Realm(String wireName) {
            this.wireName = wireName;
        }

        /** As in {@code WWW-Authenticate}. */
        public String wireName() {
            return wireName;
        }
    }

    /** Everybody may call everything, and names that are given all the same are not looked at. */
    Credentials NONE = new Credentials() {
        @Override
        public boolean required(Realm realm) {
            return false;
        }

        @Override
        public boolean accepts(Realm realm, String principal, String secret) {
            return false;
        }
    };

    /** Whether callers of the realm must name themselves. */
    boolean required(Realm realm);

    /** Whether the secret is the principal's. Compares in constant time. */
    boolean accepts(Realm realm, String principal, String secret);
}
