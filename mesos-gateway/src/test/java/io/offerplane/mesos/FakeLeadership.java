package io.offerplane.mesos;

import java.time.Instant;
import java.util.Optional;

/** Leadership as a test sets it; this replica leads from the start. */
public final class FakeLeadership implements Leadership {
    public volatile Optional<Address> leader = Optional.of(new Address("leader.example", 5050));
    public volatile boolean leads = true;
    public volatile boolean recovered = true;
    public volatile Instant elected = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Optional<Address> leader() {
        return leader;
    }

    @Override
    public boolean isLeader() {
        return leads;
    }

    @Override
    public boolean recovered() {
        return recovered;
    }

    @Override
    public Term term() {
        return new Term("term", elected);
    }
}
