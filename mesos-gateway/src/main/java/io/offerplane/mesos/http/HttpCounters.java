package io.offerplane.mesos.http;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What happened on the wire since the start. Safe for any thread. */
public final class HttpCounters {
    /** Requests that were read whole. */
    public final LongAdder requests = new LongAdder();
    /** Requests refused for their form: too large, too slow, no HTTP. */
    public final LongAdder malformedRequests = new LongAdder();
    /** Answers with a 4xx status. */
    public final LongAdder clientErrors = new LongAdder();
    /** Answers with a 5xx status. */
    public final LongAdder serverErrors = new LongAdder();
    /** Streams closed because their client read too slowly. */
    public final LongAdder slowConsumersClosed = new LongAdder();
    /** Connections refused because there were too many. */
    public final LongAdder connectionsRefused = new LongAdder();
    /** Bytes of events written to streams. */
    public final LongAdder streamBytes = new LongAdder();
    /** Connections open now. */
    public final AtomicInteger connections = new AtomicInteger();
    /** Streams open now. */
    public final AtomicInteger streams = new AtomicInteger();
}
