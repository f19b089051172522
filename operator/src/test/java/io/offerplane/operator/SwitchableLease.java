package io.offerplane.operator;

import io.offerplane.operator.runtime.LeaseStore;
import java.util.Optional;

/** A lease in memory, which the test can take out of reach. */
final class SwitchableLease implements LeaseStore {
    private LeaseRecord present;
    private long version;
    volatile boolean reachable = true;

    @Override
    public synchronized Optional<LeaseRecord> read() throws LeaseUnavailable {
        requireReach();
        return Optional.ofNullable(present);
    }

    @Override
    public synchronized LeaseRecord write(LeaseRecord lease) throws LeaseUnavailable, LeaseTaken {
        requireReach();
        if (!lease.version().equals(present == null ? "" : present.version())) {
            throw new LeaseTaken("the lease has changed");
        }
        version++;
        present = new LeaseRecord(
                lease.holder(),
                lease.address(),
                lease.term(),
                lease.renewal(),
                lease.duration(),
                Long.toString(version));
        return present;
    }

    synchronized long term() {
        return present == null ? 0 : present.term();
    }

    private void requireReach() throws LeaseUnavailable {
        if (!reachable) {
            throw new LeaseUnavailable("out of reach", new IllegalStateException("switched off by the test"));
        }
    }
}
