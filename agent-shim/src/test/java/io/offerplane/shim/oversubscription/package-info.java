@NullUnmarked
package io.offerplane.shim.oversubscription;

import org.jspecify.annotations.NullUnmarked;
