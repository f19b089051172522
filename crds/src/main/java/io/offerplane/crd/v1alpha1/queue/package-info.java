/** The kind Queue: one node of the tree that shares are counted in, which Mesos calls a role. Data only, no behaviour beyond defaults. */
@NullMarked
package io.offerplane.crd.v1alpha1.queue;

import org.jspecify.annotations.NullMarked;
