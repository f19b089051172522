/** Tests of {@code io.offerplane.shim.journal}. */
package io.offerplane.shim.journal;
