/** Tests of {@code io.offerplane.shim.fetch}. */
package io.offerplane.shim.fetch;
