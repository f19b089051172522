package io.offerplane.crd.schema;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The bounds of a list or map, and of each string in it, without which the API server refuses rules over it. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Entries {
    /** The most entries. */
    int max();

    int min() default 0;

    /** The longest string among the values, in characters. */
    int maxLength() default 253;

    /** What each string value must match; empty for anything. */
    String pattern() default "";
}
