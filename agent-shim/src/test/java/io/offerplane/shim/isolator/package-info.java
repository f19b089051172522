/** Tests of {@code io.offerplane.shim.isolator}. */
package io.offerplane.shim.isolator;
