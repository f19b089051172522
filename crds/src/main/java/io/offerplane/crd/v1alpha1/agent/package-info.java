/** The kind Agent: the slow facts of one node that is offered. Data only, no behaviour beyond defaults. */
@NullMarked
package io.offerplane.crd.v1alpha1.agent;

import org.jspecify.annotations.NullMarked;
