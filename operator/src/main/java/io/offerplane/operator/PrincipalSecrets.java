package io.offerplane.operator;

import java.util.Optional;

/** The secrets that Framework objects refer to, by Mesos principal. Answers from memory, on any thread. */
@FunctionalInterface
public interface PrincipalSecrets {
    /** Nobody has a secret. */
    PrincipalSecrets NONE = principal -> Optional.empty();

    /** Empty for a principal that no Framework object names, or whose Secret isn't there. */
    Optional<String> secretOf(String principal);
}
