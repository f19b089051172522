/** Framework objects and what they refer to. */
package io.offerplane.operator.framework;
