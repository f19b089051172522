@NullMarked
package io.offerplane.yarn.gateway.process;

import org.jspecify.annotations.NullMarked;
