/** Tests of {@code io.offerplane.shim.supervise}. */
package io.offerplane.shim.supervise;
