/** Tests of {@code io.offerplane.shim.task}. */
package io.offerplane.shim.task;
