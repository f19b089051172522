/** Tests of {@code io.offerplane.shim.container}. */
package io.offerplane.shim.container;
