/** How settings are read from environment variables. */
@NullMarked
package io.offerplane.shim.settings;

import org.jspecify.annotations.NullMarked;
