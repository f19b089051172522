/** The kind AgentPool: which nodes are offered, and how much of each. Data only, no behaviour beyond defaults. */
@NullMarked
package io.offerplane.crd.v1alpha1.pool;

import org.jspecify.annotations.NullMarked;
