/**
 * A Mesos framework of a few lines that runs one task: what {@code helm test} runs. Talks to the installed operator as any client
 * does, over HTTP, and uses nothing of the operator's own.
 */
@NullMarked
package io.offerplane.operator.smoke;

import org.jspecify.annotations.NullMarked;
