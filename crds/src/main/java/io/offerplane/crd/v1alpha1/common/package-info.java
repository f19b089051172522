/** What all kinds share: names of the group, conditions, and small values. */
@NullMarked
package io.offerplane.crd.v1alpha1.common;

import org.jspecify.annotations.NullMarked;
