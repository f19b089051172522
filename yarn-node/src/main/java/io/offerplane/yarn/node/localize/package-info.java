/**
 * Files that a container needs, fetched once and shared as their visibility says, archives unpacked so that no entry leaves its
 * directory. Start at {@link io.offerplane.yarn.node.localize.Localizer}.
 */
@NullMarked
package io.offerplane.yarn.node.localize;

import org.jspecify.annotations.NullMarked;
