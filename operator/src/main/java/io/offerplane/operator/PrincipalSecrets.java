package io.offerplane.operator;

import java.util.Optional;

/** The secrets of Mesos principals. Answers from memory, on any thread. */
@FunctionalInterface
public interface PrincipalSecrets {
    /** Nobody has a secret. */
    PrincipalSecrets NONE = principal -> Optional.empty();

    /** Empty for a principal that nobody has named. */
    Optional<String> secretOf(String principal);
}
