/** Settings of the processes on a node: environment variables, which the operator's DaemonSet sets. */
@NullMarked
package io.offerplane.protocol.settings;

import org.jspecify.annotations.NullMarked;
