/** Tests of {@code io.offerplane.shim.http}. */
package io.offerplane.shim.http;
