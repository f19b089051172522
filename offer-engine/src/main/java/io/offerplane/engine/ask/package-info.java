/**
 * What applications bring that ask for containers instead of waiting for offers: YARN's resource requests, as values. Their books and their
 * matching are the engine's own business. Start at {@link io.offerplane.engine.ask.Ask}.
 */
@NullMarked
package io.offerplane.engine.ask;

import org.jspecify.annotations.NullMarked;
