package io.offerplane.mesos.master;

import io.offerplane.engine.Command;
import io.offerplane.engine.agent.AgentId;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.resource.Quantity;
import io.offerplane.engine.resource.ResourceQuantities;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.role.Quota;
import io.offerplane.engine.role.RolePath;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** One change that is to be tried, of the parameters of a question. */
record WhatIfChange(Command command) {
    /** As for quotas: what is beyond would not fit into a {@link Quantity}'s sums. */
    private static final double MOST = 1e12;

    private static final String EXPECTED =
            "expected one of: role and weight; role and guarantees, limits or both; revive;"
                    + " suppress; teardown; agent and resources; activate; deactivate";

    /** A question that names no change, or not only one, or one that nobody could make. The message says what would be right. */
    static final class UnclearChange extends Exception {
        private static final long serialVersionUID = 1L;

        UnclearChange(String message) {
            super(message);
        }
    }

    static WhatIfChange of(Map<String, String> parameters, Instant now) throws UnclearChange {
        return new WhatIfChange(command(new TreeMap<>(parameters), now));
    }

    private static Command command(TreeMap<String, String> parameters, Instant now) throws UnclearChange {
        String names = String.join(" ", parameters.keySet());
        return switch (names) {
            case "role weight" ->
                new Command.SetRoleWeight(role(parameters), number("weight", text(parameters, "weight")), now);
            case "guarantees role", "limits role", "guarantees limits role" -> quota(parameters, now);
            case "revive" -> new Command.Revive(framework(parameters, names), List.of(), now);
            case "suppress" -> new Command.Suppress(framework(parameters, names), List.of(), now);
            case "teardown" -> new Command.TeardownFramework(framework(parameters, names), now);
            case "agent resources" -> join(parameters, now);
            case "activate" -> new Command.ActivateAgent(agent(parameters, names), now);
            case "deactivate" -> new Command.DeactivateAgent(agent(parameters, names), now);
            default ->
                throw new UnclearChange(
                        names.isEmpty() ? "No change is named (" + EXPECTED + ")" : names + " (" + EXPECTED + ")");
        };
    }

    /** Guarantees may be more than there is: the question is what would come of it. */
    private static Command quota(Map<String, String> parameters, Instant now) throws UnclearChange {
        Map<String, Quantity> guarantees = amounts("guarantees", parameters.getOrDefault("guarantees", ""));
        Map<String, Quantity> limits = amounts("limits", parameters.getOrDefault("limits", ""));
        return new Command.SetQuotas(
                List.of(new Command.SetQuotas.RoleQuota(
                        role(parameters), new Quota(ResourceQuantities.of(guarantees), new TreeMap<>(limits)))),
                true,
                now);
    }

    private static Command join(Map<String, String> parameters, Instant now) throws UnclearChange {
        Resources total = Resources.scalars(amounts("resources", text(parameters, "resources")));
        String name = text(parameters, "agent");
        AgentSpec spec = new AgentSpec(name, "0.0.0.0", 5051, name, "", List.of(), Optional.empty(), "0.1.0");
        return new Command.RegisterAgent(new AgentId(name), spec, total, List.of(), List.of(), Long.MAX_VALUE, now);
    }

    private static String text(Map<String, String> parameters, String name) throws UnclearChange {
        String text = parameters.getOrDefault(name, "");
        if (text.isEmpty()) {
            throw new UnclearChange(name + ": nothing (expected: a value)");
        }
        return text;
    }

    private static RolePath role(Map<String, String> parameters) throws UnclearChange {
        String role = text(parameters, "role");
        Optional<String> fault = RolePath.fault(role);
        if (fault.isPresent()) {
            throw new UnclearChange("role: " + fault.get());
        }
        return new RolePath(role);
    }

    private static FrameworkId framework(Map<String, String> parameters, String name) throws UnclearChange {
        return new FrameworkId(text(parameters, name));
    }

    private static AgentId agent(Map<String, String> parameters, String name) throws UnclearChange {
        return new AgentId(text(parameters, name));
    }

    private static double number(String name, String text) throws UnclearChange {
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new UnclearChange(name + ": " + text + " (expected: a number)");
        }
    }

    /** As in {@code cpus:4;mem:1024}. */
    private static Map<String, Quantity> amounts(String parameter, String text) throws UnclearChange {
        Map<String, Quantity> amounts = new TreeMap<>();
        for (String part : text.split(";", -1)) {
            if (part.isBlank()) {
                continue;
            }
            String[] words = part.strip().split(":", 2);
            double amount = words.length == 2 && !words[0].isBlank() ? number(parameter, words[1]) : -1;
            if (!(amount >= 0 && amount <= MOST)) {
                throw new UnclearChange(
                        parameter + ": " + part + " (expected: amounts up to 1e12, as in cpus:4;mem:1024)");
            }
            amounts.put(words[0].strip(), Quantity.of(amount));
        }
        return amounts;
    }
}
