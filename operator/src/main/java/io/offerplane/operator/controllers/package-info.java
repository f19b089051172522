/**
 * The door to everything that turns Kubernetes objects into commands and engine news into status. Wiring only: each kind's
 * rules live in its own package ({@code pool}, {@code claim}, {@code agent}, {@code queue}, {@code framework}, {@code task}).
 *
 * <p>Start at {@link io.offerplane.operator.controllers.Controllers}.
 */
@NullMarked
package io.offerplane.operator.controllers;

import org.jspecify.annotations.NullMarked;
