/** What an agent is: its identity, address, attributes and fault domain. Its ledger is the engine's own business. */
@NullMarked
package io.offerplane.engine.agent;

import org.jspecify.annotations.NullMarked;
