/**
 * A whole Mesos master in one process for trying the gateway: the real engine and gateway, and agents that run command tasks as
 * child processes. Nothing here isolates or limits anything, and nothing outlives the process. Start at {@link
 * io.offerplane.mesos.local.LocalMaster}.
 */
@NullMarked
package io.offerplane.mesos.local;

import org.jspecify.annotations.NullMarked;
