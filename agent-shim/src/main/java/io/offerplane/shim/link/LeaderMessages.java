package io.offerplane.shim.link;

import io.offerplane.protocol.link.v1.NodeReport;
import io.offerplane.protocol.link.v1.Register;
import io.offerplane.protocol.link.v1.Registered;
import io.offerplane.protocol.link.v1.ToAgent;

/** The node, as the link sees it. Messages come from one thread, in the order of arrival; what takes long delays those behind it, pings not among them. */
public interface LeaderMessages {

    /** What to register with. */
    Register registration();

    /** What the node saw of itself. */
    NodeReport report();

    /** The highest term seen so far; survives restarts. */
    long highestTerm();

    /** A leader of this, higher, term has spoken. On disk before it returns. */
    void sawTerm(long term);

    /** The leader has taken the node in. Messages and updates flow from here on. */
    void registered(Registered message);

    /** Anything else that a leader of the current term says. */
    void received(ToAgent message);
}
