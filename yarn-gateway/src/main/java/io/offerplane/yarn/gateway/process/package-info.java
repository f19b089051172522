/**
 * The head as a process: its settings, its wiring and its probes. It knows no rule of YARN's or of the link's; those are in the packages
 * that it wires. Start with {@link HeadProcess}.
 */
@NullMarked
package io.offerplane.yarn.gateway.process;

import org.jspecify.annotations.NullMarked;
