/**
 * Amounts and the arithmetic on them: scalars in thousandths, ranges, sets. Values only; nobody's ledger lives here.
 *
 * <p>Start at {@link io.offerplane.engine.resource.Resources}.
 */
@NullMarked
package io.offerplane.engine.resource;

import org.jspecify.annotations.NullMarked;
