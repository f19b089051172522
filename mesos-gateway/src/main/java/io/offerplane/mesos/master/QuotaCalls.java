package io.offerplane.mesos.master;

import io.offerplane.engine.Command;
import io.offerplane.engine.Command.SetQuotas.RoleQuota;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView;
import io.offerplane.mesos.GatewayConfig.QuotaAuthority;
import io.offerplane.mesos.http.Answer;
import io.offerplane.mesos.http.Exchange;
import io.offerplane.mesos.translate.NumberText;
import io.offerplane.mesos.translate.ResourceTranslator;
import io.offerplane.protocol.mesos.MalformedMessageException;
import io.offerplane.protocol.mesos.MesosJsonReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.master.Protos.Call;
import org.apache.mesos.v1.quota.Protos.QuotaConfig;
import org.apache.mesos.v1.quota.Protos.QuotaInfo;
import org.apache.mesos.v1.quota.Protos.QuotaRequest;
import org.apache.mesos.v1.quota.Protos.QuotaStatus;

/**
 * Quotas as operators set and see them, by the API's calls and by {@code /quota}. Where Queue objects are their place, they are only
 * seen: what a client set here would not outlive the leader.
 */
@SuppressWarnings(
        "deprecation") // SET_QUOTA, REMOVE_QUOTA and the old form in answers are Mesos' to deprecate, and ours to
// serve.
final class QuotaCalls {
    private static final double MOST = 1e12;
    private static final String FORCE = " (use 'force' flag to bypass this check)";
    private static final String NOT_VALID = "Failed to validate set quota request: ";

    private static final String ELSEWHERE =
            "Quotas are set in Queue objects, which outlive the leader: put guarantees and"
                    + " limits into the spec of the role's Queue (kubectl get queues.offerplane.io)";

    private final QuotaAuthority authority;
    private final EngineGate gate;

    QuotaCalls(QuotaAuthority authority, EngineGate gate) {
        this.authority = authority;
        this.gate = gate;
    }

    /** What is missing in a call of this kind; empty for other calls, too. */
    static Optional<String> fault(Call call) {
        return switch (call.getType()) {
            case UPDATE_QUOTA -> missing(call.hasUpdateQuota(), "update_quota");
            case SET_QUOTA -> missing(call.hasSetQuota(), "set_quota");
            case REMOVE_QUOTA -> missing(call.hasRemoveQuota(), "remove_quota");
            default -> Optional.empty();
        };
    }

    private static Optional<String> missing(boolean present, String field) {
        return present ? Optional.empty() : Optional.of("Expecting '" + field + "' to be present");
    }

    /** Whether the call was one of these, and has been taken in. */
    boolean handle(Call call, Exchange exchange) {
        boolean changes =
                switch (call.getType()) {
                    case UPDATE_QUOTA, SET_QUOTA, REMOVE_QUOTA -> true;
                    default -> false;
                };
        if (changes && authority == QuotaAuthority.QUEUES) {
            exchange.respond(Answer.text(501, "501 Not Implemented. " + ELSEWHERE));
            return true;
        }
        switch (call.getType()) {
            case UPDATE_QUOTA -> update(call.getUpdateQuota(), gate, exchange);
            case SET_QUOTA -> set(call.getSetQuota().getQuotaRequest(), gate, exchange);
            case REMOVE_QUOTA -> remove(call.getRemoveQuota().getRole(), "Failed to remove quota: ", gate, exchange);
            default -> {
                return false;
            }
        }
        return true;
    }

    private static void update(Call.UpdateQuota update, EngineGate gate, Exchange exchange) {
        List<RoleQuota> quotas = new ArrayList<>();
        for (QuotaConfig config : update.getQuotaConfigsList()) {
            Optional<String> fault = fault(config);
            if (fault.isPresent()) {
                exchange.respond(Answer.text(400, fault.get()));
                return;
            }
            TreeMap<String, Quantity> guarantees = new TreeMap<>();
            config.getGuaranteesMap().forEach((name, value) -> guarantees.put(name, Quantity.of(value.getValue())));
            TreeMap<String, Quantity> limits = new TreeMap<>();
            config.getLimitsMap().forEach((name, value) -> limits.put(name, Quantity.of(value.getValue())));
            quotas.add(new RoleQuota(
                    new RolePath(config.getRole()), new Quota(ResourceQuantities.of(guarantees), limits)));
        }
        submit(
                new Command.SetQuotas(quotas, update.getForce(), gate.now()),
                gate,
                exchange,
                (reason, message) -> Answer.text(400, "Invalid QuotaConfig: " + message));
    }

    private static Optional<String> fault(QuotaConfig config) {
        String role = config.getRole();
        Optional<String> name = RolePath.fault(role);
        if (name.isPresent()) {
            return Optional.of("Invalid QuotaConfig: Invalid 'QuotaConfig.role': " + name.get());
        }
        if (role.indexOf('/') >= 0) {
            return Optional.of("Updating quota on nested role '" + role + "' is not supported yet");
        }
        return amountFault("guarantee", "guarantees", config.getGuaranteesMap())
                .or(() -> amountFault("limit", "limits", config.getLimitsMap()))
                .map(fault -> "Invalid QuotaConfig: " + fault);
    }

    private static Optional<String> amountFault(
            String singular, String plural, Map<String, Protos.Value.Scalar> amounts) {
        for (Map.Entry<String, Protos.Value.Scalar> amount : new TreeMap<>(amounts).entrySet()) {
            double value = amount.getValue().getValue();
            String text = "{'" + amount.getKey() + "': " + NumberText.of(value) + "}";
            String why = value < 0
                    ? "Negative values not supported"
                    : Double.isNaN(value)
                            ? "NaN not supported"
                            : Double.isInfinite(value) ? "Infinite values not supported" : "";
            if (!why.isEmpty()) {
                return Optional.of("Invalid " + singular + " configuration " + text + ": " + why);
            }
            if (value > MOST) {
                return Optional.of("Invalid 'QuotaConfig." + plural + "': " + text
                        + " is invalid: values greater than 1 trillion (1000000000000) are not supported");
            }
        }
        return Optional.empty();
    }

    /** The old call: guarantee and limit are the same, and a quota that there is can't be changed. */
    private static void set(QuotaRequest request, EngineGate gate, Exchange exchange) {
        Optional<String> fault = fault(request, gate.view());
        if (fault.isPresent()) {
            exchange.respond(Answer.text(400, NOT_VALID + fault.get()));
            return;
        }
        ResourceQuantities amounts = ResourceTranslator.fromProto(request.getGuaranteeList())
                .resources()
                .scalars();
        RoleQuota quota = new RoleQuota(new RolePath(request.getRole()), new Quota(amounts, amounts.amounts()));
        submit(
                new Command.SetQuotas(List.of(quota), request.getForce(), gate.now()),
                gate,
                exchange,
                (reason, message) -> reason == Decision.Answer.Reason.CONFLICT
                        ? Answer.text(409, overcommit(message))
                        : Answer.text(400, NOT_VALID + message));
    }

    private static String overcommit(String message) {
        return "Quota guarantees overcommit the cluster (use 'force' to bypass this check): T"
                + message.substring(1).replace(FORCE, "");
    }

    private static Optional<String> fault(QuotaRequest request, EngineView view) {
        String role = request.getRole();
        Optional<String> name = RolePath.fault(role);
        if (name.isPresent()) {
            return Optional.of("QuotaInfo with invalid role: " + name.get());
        }
        if (request.getGuaranteeCount() == 0) {
            return Optional.of("QuotaInfo with empty 'guarantee'");
        }
        for (Protos.Resource resource : request.getGuaranteeList()) {
            if (resource.getType() != Protos.Value.Type.SCALAR) {
                return Optional.of("QuotaInfo must not include non-scalar resources");
            }
            if (!ResourceTranslator.fromProto(List.of(resource)).resources().isFree()) {
                return Optional.of("QuotaInfo must not contain any ReservationInfo");
            }
        }
        Optional<String> malformed =
                ResourceTranslator.fromProto(request.getGuaranteeList()).fault();
        if (malformed.isPresent()) {
            return Optional.of("QuotaInfo with invalid resource: " + malformed.get());
        }
        return hasQuota(view, role)
                ? Optional.of("Cannot set quota for role '" + role + "' which already has quota")
                : Optional.empty();
    }

    private static boolean hasQuota(EngineView view, String role) {
        return view.roles().stream()
                .anyMatch(known ->
                        known.role().value().equals(role) && !known.quota().isNone());
    }

    private static void remove(String role, String failure, EngineGate gate, Exchange exchange) {
        if (!hasQuota(gate.view(), role)) {
            exchange.respond(Answer.text(400, failure + "Role '" + role + "' has no quota set"));
            return;
        }
        submit(
                new Command.SetQuotas(List.of(new RoleQuota(new RolePath(role), Quota.NONE)), true, gate.now()),
                gate,
                exchange,
                (reason, message) -> Answer.text(400, failure + message));
    }

    private interface Refusal {
        Answer answer(Decision.Answer.Reason reason, String message);
    }

    private static void submit(Command command, EngineGate gate, Exchange exchange, Refusal refusal) {
        boolean queued = gate.submit(command, answer -> {
            if (answer instanceof Decision.Answer.Refused(Decision.Answer.Reason reason, String message)) {
                exchange.respond(refusal.answer(reason, message));
            } else {
                exchange.respond(Answer.empty(200));
            }
        });
        if (!queued) {
            exchange.respond(Answer.busy());
        }
    }

    /** {@code POST /quota} and {@code DELETE /quota/ROLE}. */
    void change(Exchange exchange) {
        if (authority == QuotaAuthority.QUEUES) {
            exchange.respond(Answer.methodNotAllowed(exchange.method(), List.of("GET"), ELSEWHERE));
            return;
        }
        String path = exchange.routedPathAndQuery().split("\\?", 2)[0];
        switch (exchange.method()) {
            case "POST" -> {
                QuotaRequest.Builder request = QuotaRequest.newBuilder();
                String body = new String(exchange.body(), StandardCharsets.UTF_8);
                try {
                    MesosJsonReader.merge(exchange.body(), request);
                } catch (MalformedMessageException e) {
                    exchange.respond(
                            Answer.text(400, "Failed to parse set quota request JSON '" + body + "': " + e.text()));
                    return;
                }
                set(request.build(), gate, exchange);
            }
            case "DELETE" -> {
                String[] tokens = path.substring(1).split("/", 3);
                if (tokens.length < 3 || tokens[2].isEmpty()) {
                    exchange.respond(Answer.text(
                            400,
                            "Failed to parse remove quota request for path '" + path + "': expected 3 tokens, found "
                                    + tokens.length + " tokens"));
                    return;
                }
                remove(tokens[2], "Failed to remove quota for path '" + path + "': ", gate, exchange);
            }
            default -> exchange.respond(Answer.methodNotAllowed(exchange.method(), "GET", "POST", "DELETE"));
        }
    }

    /** All that are set, the old form beside the new. */
    static QuotaStatus status(EngineView view) {
        QuotaStatus.Builder status = QuotaStatus.newBuilder();
        for (EngineView.RoleView role : view.roles()) {
            Quota quota = role.quota();
            if (quota.isNone()) {
                continue;
            }
            String name = role.role().value();
            QuotaInfo.Builder info = QuotaInfo.newBuilder().setRole(name);
            QuotaConfig.Builder config = QuotaConfig.newBuilder().setRole(name);
            quota.guarantees().amounts().forEach((resource, amount) -> {
                info.addGuarantee(Protos.Resource.newBuilder()
                        .setName(resource)
                        .setType(Protos.Value.Type.SCALAR)
                        .setScalar(scalar(amount)));
                config.putGuarantees(resource, scalar(amount));
            });
            quota.limits().forEach((resource, amount) -> config.putLimits(resource, scalar(amount)));
            status.addInfos(info).addConfigs(config);
        }
        return status.build();
    }

    private static Protos.Value.Scalar scalar(Quantity amount) {
        return Protos.Value.Scalar.newBuilder().setValue(amount.units()).build();
    }
}
