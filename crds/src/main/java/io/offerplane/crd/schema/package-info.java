/** What a record component must say of its schema that the generator has no words for. Read at build time only. */
@NullMarked
package io.offerplane.crd.schema;

import org.jspecify.annotations.NullMarked;
