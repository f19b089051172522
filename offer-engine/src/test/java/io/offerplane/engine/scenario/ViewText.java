package io.offerplane.engine.scenario;

import io.offerplane.engine.maintenance.Unavailability;
import io.offerplane.engine.view.EngineView;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.engine.view.EngineView.MaintenanceView;
import io.offerplane.engine.view.EngineView.TaskView;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Parts of a view, a line for each thing. */
record ViewText(EngineView view) {
    String of(String part) {
        StringBuilder out = new StringBuilder();
        switch (part) {
            case "agents" ->
                view.agents().forEach(agent -> out.append("  ")
                        .append(agent.id())
                        .append(' ')
                        .append(agent.phase())
                        .append(agent.deactivated() ? " deactivated" : "")
                        .append(" total [" + agent.total() + "] allocated [" + agent.allocated() + "] offered ["
                                + agent.offered() + "] shortfall [" + agent.shortfall() + "]\n"));
            case "maintenance" -> {
                view.maintenance()
                        .machines()
                        .forEach(machine -> out.append("  " + machine.id() + " " + machine.mode() + " "
                                + away(machine.unavailability()) + "\n"));
                view.agents()
                        .forEach(
                                agent -> out.append("  " + agent.id() + " " + maintenance(agent.maintenance()) + "\n"));
            }
            case "roles" ->
                view.roles()
                        .forEach(role -> out.append(String.format(
                                Locale.ROOT,
                                "  %s weight %.1f share %.4f fair %.4f allocated [%s] offered [%s] frameworks %s%n",
                                role.role(),
                                role.weight(),
                                role.share(),
                                role.fairShare(),
                                role.allocated(),
                                role.offered(),
                                role.frameworks())));
            case "quotas" ->
                view.roles().stream()
                        .filter(role ->
                                !role.quota().isNone() || !role.consumed().isEmpty())
                        .forEach(role -> out.append("  " + role.role() + " guarantee "
                                + role.quota().guarantees() + " limit "
                                + role.quota().limits() + " consumed " + role.consumed() + " reserved "
                                + role.reserved() + "\n"));
            case "frameworks" -> {
                view.frameworks().forEach(framework -> out.append("  ").append(framework(framework)));
                view.completedFrameworks()
                        .forEach(framework -> out.append("  completed ").append(framework(framework)));
            }
            case "rejections" ->
                view.rejections()
                        .forEach(rejection -> out.append("  " + rejection.frameworkId() + " in "
                                + rejection.role() + " on " + rejection.agentId() + ": " + rejection.reason() + ", "
                                + rejection.detail() + "\n"));
            default -> throw new IllegalArgumentException("show " + part);
        }
        return out.toString();
    }

    static String away(Unavailability unavailability) {
        return "away from "
                + Duration.between(Script.START, unavailability.start()).toSeconds() + " s"
                + unavailability
                        .duration()
                        .map(duration -> " for " + duration.toSeconds() + " s")
                        .orElse("");
    }

    private static String maintenance(MaintenanceView view) {
        return (view.down() ? "down " : "")
                + (view.cordoned() ? "cordoned " : "")
                + (view.deactivated() ? "deactivated " : "")
                + view.drain().map(drain -> drain.state() + " ").orElse("")
                + view.unavailability().map(ViewText::away).orElse("stays")
                + view.answers().stream()
                        .map(answer -> ", " + answer.frameworkId() + (answer.accepted() ? " accepts" : " declines"))
                        .collect(Collectors.joining());
    }

    private static String framework(FrameworkView framework) {
        return framework.id() + (framework.connected() ? " connected" : " away")
                + (framework.recovered() ? " recovered" : "") + " allocated [" + framework.allocated() + "] offers "
                + framework.offers().size() + " tasks " + tasks(framework.tasks()) + " unreachable "
                + tasks(framework.unreachableTasks()) + " completed " + tasks(framework.completedTasks())
                + " suppressed " + framework.suppressedRoles() + " " + framework.offerCounts() + " failovers "
                + framework.failovers() + "\n";
    }

    private static String tasks(List<TaskView> tasks) {
        return tasks.stream()
                .map(task -> task.spec().taskId() + ":" + task.state())
                .collect(Collectors.joining(" ", "[", "]"));
    }
}
