/** The kind Task: a command that Offerplane runs itself, in one or more instances. Data only, no behaviour beyond defaults. */
@NullMarked
package io.offerplane.crd.v1alpha1.task;

import org.jspecify.annotations.NullMarked;
