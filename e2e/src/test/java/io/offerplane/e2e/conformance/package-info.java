/**
 * The conformance suite: scenarios written as data are played against a real Mesos 1.11.0 (the oracle, {@code e2e/oracle})
 * and against Offerplane, and what a framework saw of either is compared line by line.
 *
 * <p>Start at {@link io.offerplane.e2e.conformance.ScenarioRunner}, which plays one {@link
 * io.offerplane.e2e.conformance.Scenario} and writes its {@link io.offerplane.e2e.conformance.History}. Nothing here may
 * use Offerplane's own codecs: a mistake in them must not hide itself. {@code docs/conformance.md} has the language.
 */
@NullMarked
package io.offerplane.e2e.conformance;

import org.jspecify.annotations.NullMarked;
