package io.offerplane.operator.framework;

import io.offerplane.crd.v1alpha1.framework.Framework;
import java.util.Optional;

/** What is known of the Secrets that Framework objects refer to. Answers from memory, on any thread. */
@FunctionalInterface
public interface FrameworkCredentials {
    /** Nothing is wrong with any, as far as anyone knows. */
    FrameworkCredentials UNKNOWN = object -> Optional.empty();

    /** Why the object's clients can't be told by its Secret; empty when they can, when it refers to none, or when nobody has looked. */
    Optional<String> faultOf(Framework object);
}
