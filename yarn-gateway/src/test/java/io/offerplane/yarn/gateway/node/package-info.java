@NullUnmarked
package io.offerplane.yarn.gateway.node;

import org.jspecify.annotations.NullUnmarked;
