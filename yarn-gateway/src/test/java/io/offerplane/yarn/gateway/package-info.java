/** The head with real clients of its protocols, and an allocator of simple books in the place of the engine. */
@org.jspecify.annotations.NullMarked
package io.offerplane.yarn.gateway;
