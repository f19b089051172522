/** Hadoop's files of queues, as their owners have them. */
@NullMarked
package io.offerplane.operator.queueimport;

import org.jspecify.annotations.NullMarked;
