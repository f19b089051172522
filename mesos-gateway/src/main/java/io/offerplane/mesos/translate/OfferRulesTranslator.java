package io.offerplane.mesos.translate;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import io.offerplane.engine.Payload;
import io.offerplane.engine.framework.AttributeConstraint;
import io.offerplane.engine.framework.AttributeConstraint.Subject;
import io.offerplane.engine.framework.AttributeConstraint.Test;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.RolePath;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.OfferConstraints;

/**
 * Which offers a framework wants: {@code offer_filters} of its info, and {@code offer_constraints} of its calls. Expressions are RE2's, as in
 * Mesos: matching takes a time that grows with the text alone, so no client can make a cycle stand still.
 */
public final class OfferRulesTranslator {
    private OfferRulesTranslator() {}

    /** What is wrong with the filters, in Mesos' words, or empty. */
    static Optional<String> filtersFault(Protos.FrameworkInfo info) {
        for (Protos.OfferFilters filters : new TreeMap<>(info.getOfferFiltersMap()).values()) {
            for (Protos.OfferFilters.ResourceQuantities bag :
                    filters.getMinAllocatableResources().getQuantitiesList()) {
                if (bag.getQuantitiesCount() == 0) {
                    return Optional.of("Resource quantities must contain at least one quantity");
                }
                for (Map.Entry<String, Protos.Value.Scalar> entry : new TreeMap<>(bag.getQuantitiesMap()).entrySet()) {
                    double value = entry.getValue().getValue();
                    if (value < 0 || Double.isNaN(value) || Double.isInfinite(value)) {
                        return Optional.of("Invalid resource quantity for '" + entry.getKey() + "': "
                                + (value < 0 ? "Negative" : Double.isNaN(value) ? "NaN" : "Infinite")
                                + " values not supported");
                    }
                }
            }
        }
        return Optional.empty();
    }

    static OfferRules ofFilters(Protos.FrameworkInfo info) {
        Map<RolePath, List<ResourceQuantities>> minimums = new LinkedHashMap<>();
        new TreeMap<>(info.getOfferFiltersMap()).forEach((role, filters) -> {
            if (filters.hasMinAllocatableResources()) {
                List<ResourceQuantities> any = new ArrayList<>();
                filters.getMinAllocatableResources().getQuantitiesList().forEach(bag -> any.add(quantities(bag)));
                minimums.put(new RolePath(role), any);
            }
        });
        return minimums.isEmpty() ? OfferRules.NONE : new OfferRules(minimums, Map.of(), Payload.EMPTY);
    }

    private static ResourceQuantities quantities(Protos.OfferFilters.ResourceQuantities bag) {
        TreeMap<String, Quantity> amounts = new TreeMap<>();
        bag.getQuantitiesMap()
                .forEach((name, value) -> amounts.put(name, Quantity.of(Math.min(value.getValue(), 1e15))));
        return ResourceQuantities.of(amounts);
    }

    /** Constraints that Mesos would refuse, in its words. */
    public static final class InvalidConstraints extends Exception {
        InvalidConstraints(String message) {
            super(message);
        }

        public String fault() {
            return String.valueOf(getMessage());
        }
    }

    /** The rules with these constraints in place of those that they have. */
    public static OfferRules with(OfferRules rules, OfferConstraints message) throws InvalidConstraints {
        if (message.getRoleConstraintsCount() == 0) {
            return new OfferRules(rules.minimums(), Map.of(), Payload.EMPTY);
        }
        Map<RolePath, List<List<AttributeConstraint>>> constraints = new LinkedHashMap<>();
        for (Map.Entry<String, OfferConstraints.RoleConstraints> entry :
                new TreeMap<>(message.getRoleConstraintsMap()).entrySet()) {
            String role = entry.getKey();
            if (entry.getValue().getGroupsCount() == 0) {
                throw new InvalidConstraints(
                        "'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role " + role);
            }
            List<List<AttributeConstraint>> groups = new ArrayList<>();
            for (OfferConstraints.RoleConstraints.Group group : entry.getValue().getGroupsList()) {
                if (group.getAttributeConstraintsCount() == 0) {
                    throw new InvalidConstraints("'OfferConstraints::RoleConstraints::groups' for role " + role
                            + "contains an empty RoleConstraints::Group");
                }
                List<AttributeConstraint> all = new ArrayList<>();
                for (var constraint : group.getAttributeConstraintsList()) {
                    all.add(constraint(role, constraint));
                }
                groups.add(all);
            }
            constraints.put(new RolePath(role), groups);
        }
        return new OfferRules(rules.minimums(), constraints, Payload.copyOf(message.toByteArray()));
    }

    private static AttributeConstraint constraint(
            String role, org.apache.mesos.v1.scheduler.Protos.AttributeConstraint constraint)
            throws InvalidConstraints {
        String invalid = "A role " + role + " has an invalid 'AttributeConstraint': ";
        var selector = constraint.getSelector();
        Subject subject =
                switch (selector.getSelectorCase()) {
                    case ATTRIBUTE_NAME -> Subject.ATTRIBUTE;
                    case PSEUDOATTRIBUTE_TYPE ->
                        switch (selector.getPseudoattributeType()) {
                            case HOSTNAME -> Subject.HOSTNAME;
                            case REGION -> Subject.REGION;
                            case ZONE -> Subject.ZONE;
                            case UNKNOWN -> throw new InvalidConstraints(invalid + "Unknown pseudoattribute type");
                        };
                    case SELECTOR_NOT_SET ->
                        throw new InvalidConstraints(invalid
                                + "Exactly one of 'AttributeConstraint::Selector::name' or"
                                + " 'AttributeConstraint::Selector::pseudoattribute_type' must be set");
                };
        var predicate = constraint.getPredicate();
        String name = selector.getAttributeName();
        return switch (predicate.getPredicateCase()) {
            case EXISTS -> new AttributeConstraint(subject, name, Test.EXISTS, TextPattern.NONE);
            case NOT_EXISTS -> new AttributeConstraint(subject, name, Test.NOT_EXISTS, TextPattern.NONE);
            case TEXT_EQUALS ->
                new AttributeConstraint(
                        subject,
                        name,
                        Test.TEXT_EQUALS,
                        new TextPattern.Exactly(predicate.getTextEquals().getValue()));
            case TEXT_NOT_EQUALS ->
                new AttributeConstraint(
                        subject,
                        name,
                        Test.TEXT_NOT_EQUALS,
                        new TextPattern.Exactly(predicate.getTextNotEquals().getValue()));
            case TEXT_MATCHES ->
                new AttributeConstraint(
                        subject,
                        name,
                        Test.TEXT_MATCHES,
                        expression(predicate.getTextMatches().getRegex(), invalid));
            case TEXT_NOT_MATCHES ->
                new AttributeConstraint(
                        subject,
                        name,
                        Test.TEXT_NOT_MATCHES,
                        expression(predicate.getTextNotMatches().getRegex(), invalid));
            case PREDICATE_NOT_SET -> throw new InvalidConstraints(invalid + "Unknown predicate type");
        };
    }

    /** RE2's: its time grows with the text alone. */
    private record Expression(String text, Pattern compiled) implements TextPattern.Expression {
        @Override
        public boolean matches(String tested) {
            return compiled.matches(tested);
        }
    }

    private static TextPattern expression(String regex, String invalid) throws InvalidConstraints {
        try {
            return new Expression(regex, Pattern.compile(regex));
        } catch (PatternSyntaxException e) {
            throw new InvalidConstraints(invalid + "Failed to construct regex from pattern '" + regex + "': "
                    + e.getDescription().replace("missing closing )", "missing )") + ": " + e.getPattern());
        }
    }

    /** The constraints as the framework sent them; empty where it sent none. */
    public static OfferConstraints constraints(OfferRules rules) {
        try {
            return OfferConstraints.parseFrom(rules.message().toByteArray());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("offer rules: their message is no OfferConstraints", e);
        }
    }
}
