package io.offerplane.engine;

import io.offerplane.engine.Command.SetQuotas.RoleQuota;
import io.offerplane.engine.Decision.Answer;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/** Sets quotas: all that a command names or none of them. Mesos {@code UPDATE_QUOTA}, whose words these are. */
final class QuotaChanges {
    private static final String FORCE = " (use 'force' flag to bypass this check)";

    private final Cluster cluster;
    private final OfferBook offers;
    private final Reclamation reclamation;

    QuotaChanges(Cluster cluster, OfferBook offers, Reclamation reclamation) {
        this.cluster = cluster;
        this.offers = offers;
        this.reclamation = reclamation;
    }

    Answer set(Command.SetQuotas command) {
        Map<RolePath, Quota> next = new TreeMap<>(cluster.quotas.all());
        for (RoleQuota change : command.quotas()) {
            if (!change.quota().isConsistent()) {
                return refused(
                        Answer.Reason.INVALID,
                        "'QuotaConfig.guarantees' { " + listed(change.quota().guarantees())
                                + " } is not contained within the 'QuotaConfig.limits' { "
                                + listed(change.quota().limits()) + " }");
            }
            next.put(change.role(), change.quota());
        }
        Optional<String> fault = childrenFault(next);
        if (fault.isPresent()) {
            return refused(Answer.Reason.INVALID, fault.get());
        }
        if (!command.force()) {
            for (RoleQuota change : command.quotas()) {
                ResourceQuantities consumed = cluster.heldFor(change.role());
                if (isExceeded(change.quota(), consumed)) {
                    return refused(
                            Answer.Reason.INVALID,
                            "Role '" + change.role() + "' is already consuming '" + text(consumed)
                                    + "'; this is more than the requested limits '"
                                    + text(change.quota().limits()) + "'" + FORCE);
                }
            }
            Optional<String> overcommitted = overcommitFault(next);
            if (overcommitted.isPresent() && command.quotas().stream().anyMatch(change -> raises(change))) {
                return refused(Answer.Reason.CONFLICT, overcommitted.get() + FORCE);
            }
        }
        for (RoleQuota change : command.quotas()) {
            cluster.quotas.set(change.role(), change.quota());
        }
        command.quotas().forEach(change -> rescindBeyond(change.role()));
        reclamation.begin();
        cluster.agenda.visitAllAtOnce();
        return new Answer.Accepted();
    }

    private boolean raises(RoleQuota change) {
        return !cluster.quotas
                .of(change.role())
                .guarantees()
                .contains(change.quota().guarantees());
    }

    private static Answer refused(Answer.Reason reason, String message) {
        return new Answer.Refused(reason, message);
    }

    private static Optional<String> childrenFault(Map<RolePath, Quota> quotas) {
        Map<RolePath, ResourceQuantities> children = new TreeMap<>();
        quotas.forEach((role, quota) -> {
            if (role.isNested()) {
                children.merge(role.parent(), quota.guarantees(), ResourceQuantities::plus);
            }
        });
        for (Map.Entry<RolePath, ResourceQuantities> entry : children.entrySet()) {
            ResourceQuantities own =
                    quotas.getOrDefault(entry.getKey(), Quota.NONE).guarantees();
            if (!own.contains(entry.getValue())) {
                return Optional.of("Invalid quota configuration. Parent role '" + entry.getKey() + "' with guarantees ("
                        + (own.isEmpty() ? "{}" : text(own))
                        + ") does not contain the sum of its children's guarantees (" + text(entry.getValue()) + ")");
            }
        }
        return Optional.empty();
    }

    private Optional<String> overcommitFault(Map<RolePath, Quota> quotas) {
        ResourceQuantities guaranteed = ResourceQuantities.EMPTY;
        for (Map.Entry<RolePath, Quota> entry : quotas.entrySet()) {
            if (!entry.getKey().isNested()) {
                guaranteed = guaranteed.plus(entry.getValue().guarantees());
            }
        }
        ResourceQuantities capacity = cluster.roles.totals.all();
        return capacity.contains(guaranteed)
                ? Optional.empty()
                : Optional.of("total quota guarantees '" + text(guaranteed) + "' exceed cluster capacity '"
                        + text(capacity) + "'");
    }

    private static boolean isExceeded(Quota quota, ResourceQuantities consumed) {
        return quota.limits().entrySet().stream()
                .anyMatch(limit ->
                        consumed.milli(limit.getKey()) > limit.getValue().milli());
    }

    /** Offers are taken back until the limit holds; tasks stay. */
    private void rescindBeyond(RolePath role) {
        Quota quota = cluster.quotas.of(role);
        for (OutstandingOffer offer : List.copyOf(cluster.offers).reversed()) {
            ResourceQuantities consumed = cluster.quotas.consumed(role);
            if (!isExceeded(quota, consumed)) {
                return;
            }
            boolean helps = quota.limits().keySet().stream()
                    .anyMatch(name ->
                            consumed.milli(name) > quota.limitMilli(name).orElseThrow()
                                    && offer.offer.resources().unreserved().milli(name) > 0);
            if (role.includes(offer.subscription.role) && helps) {
                offers.rescind(offer);
            }
        }
    }

    private static String text(ResourceQuantities quantities) {
        return text(quantities.amounts());
    }

    private static String text(SortedMap<String, Quantity> amounts) {
        StringJoiner text = new StringJoiner("; ");
        amounts.forEach((name, amount) -> text.add(name + ":" + amount));
        return text.toString();
    }

    private static String listed(ResourceQuantities quantities) {
        return listed(quantities.amounts());
    }

    private static String listed(SortedMap<String, Quantity> amounts) {
        StringJoiner text = new StringJoiner(", ");
        amounts.forEach((name, amount) -> text.add(name + ": " + amount));
        return text.toString();
    }
}
