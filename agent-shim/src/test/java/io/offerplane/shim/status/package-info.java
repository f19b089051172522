/** Tests of {@code io.offerplane.shim.status}. */
package io.offerplane.shim.status;
