/**
 * Scripts of commands with the effects that they must have beside them: {@code scenarios/*.txt} and {@code *.out}.
 *
 * <p>Start at {@link io.offerplane.engine.scenario.ScenarioTest}, which also rewrites the outcomes.
 */
package io.offerplane.engine.scenario;
