/**
 * The clients under test, each installed from its own package by {@code e2e/clients/install} and run unchanged, and one
 * plain client of our own for what no published client measures.
 *
 * <p>A client here starts its program, feeds it, and records what it says; what that must be is the tests' business.
 * Start at {@link io.offerplane.e2e.client.PymesosScheduler}.
 */
@NullMarked
package io.offerplane.e2e.client;

import org.jspecify.annotations.NullMarked;
