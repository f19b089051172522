/** Tests of {@code io.offerplane.shim.image}. */
package io.offerplane.shim.image;
