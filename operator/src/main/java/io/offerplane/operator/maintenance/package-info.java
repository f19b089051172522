/** What is scheduled by Mesos' API, kept in an object of the operator's from leader to leader. Start at {@code MaintenanceKeeper}. */
@NullMarked
package io.offerplane.operator.maintenance;

import org.jspecify.annotations.NullMarked;
