/**
 * What tasks were given and don't use, lent to others for as long as it lies idle: Mesos' resource estimator and QoS controller. Both are pure
 * state machines that see figures and times only; {@link io.offerplane.shim.oversubscription.Oversubscription} measures and acts.
 */
@NullMarked
package io.offerplane.shim.oversubscription;

import org.jspecify.annotations.NullMarked;
