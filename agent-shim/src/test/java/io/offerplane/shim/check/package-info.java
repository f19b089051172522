/** Tests of {@code io.offerplane.shim.check}. */
package io.offerplane.shim.check;
