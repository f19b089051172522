/** How queues are shown. */
@NullMarked
package io.offerplane.operator.queue;

import org.jspecify.annotations.NullMarked;
