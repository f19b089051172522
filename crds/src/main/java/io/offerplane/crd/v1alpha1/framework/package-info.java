/** The kind Framework: one client that schedules tasks through offers. Data only, no behaviour beyond defaults. */
@NullMarked
package io.offerplane.crd.v1alpha1.framework;

import org.jspecify.annotations.NullMarked;
