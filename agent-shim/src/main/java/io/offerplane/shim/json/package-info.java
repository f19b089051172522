/** Reads JSON that others wrote, such as profiles of system calls and manifests of images, without binding it to classes. */
@NullMarked
package io.offerplane.shim.json;

import org.jspecify.annotations.NullMarked;
