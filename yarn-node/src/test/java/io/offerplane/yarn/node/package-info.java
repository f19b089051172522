/** The node against a real head, and Hadoop's own clients against both. */
@org.jspecify.annotations.NullMarked
package io.offerplane.yarn.node;
