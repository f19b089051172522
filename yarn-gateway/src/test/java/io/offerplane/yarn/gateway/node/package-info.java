@NullMarked
package io.offerplane.yarn.gateway.node;

import org.jspecify.annotations.NullMarked;
