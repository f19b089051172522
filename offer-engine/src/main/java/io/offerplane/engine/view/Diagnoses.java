package io.offerplane.engine.view;

import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.role.RolePath;
import java.util.List;
import java.util.Optional;

/**
 * Who waits for what. Whoever has offers in hand in a role, or is to get something in the next cycle, doesn't wait there.
 *
 * @param frameworks in order of frameworks and of their roles
 * @param roles in order of paths
 */
public record Diagnoses(List<Diagnosis> frameworks, List<Diagnosis.OfRole> roles) {
    public static final Diagnoses NONE = new Diagnoses(List.of(), List.of());

    public Diagnoses {
        frameworks = List.copyOf(frameworks);
        roles = List.copyOf(roles);
    }

    /** One for each role in which the framework waits. */
    public List<Diagnosis> of(FrameworkId framework) {
        return frameworks.stream()
                .filter(diagnosis -> diagnosis.frameworkId().equals(framework))
                .toList();
    }

    public Optional<Diagnosis.OfRole> of(RolePath role) {
        return roles.stream().filter(diagnosis -> diagnosis.role().equals(role)).findFirst();
    }
}
