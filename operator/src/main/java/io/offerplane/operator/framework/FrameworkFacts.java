package io.offerplane.operator.framework;

import io.offerplane.crd.v1alpha1.framework.Framework;
import io.offerplane.crd.v1alpha1.framework.FrameworkStatus;
import io.offerplane.engine.Command;
import io.offerplane.engine.Payload;
import io.offerplane.engine.ask.ApplicationSpec;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.role.RolePath;
import io.offerplane.engine.view.EngineView.FrameworkView;
import io.offerplane.operator.cluster.ClusterCaches;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What of a client must outlast the leader: written into its object's status, read back by the next leader. */
public final class FrameworkFacts {
    private static final Logger LOG = LoggerFactory.getLogger(FrameworkFacts.class);

    /** The schema's bound of the description, in characters of base64. */
    private static final int MAX_DESCRIPTION = 32_768;

    /**
     * The least time that a client which was connected has to find the next leader: it is the leader that went away, whatever the
     * client's own timeout says.
     */
    private static final Duration LEADER_CHANGE_GRACE = Duration.ofSeconds(60);

    private FrameworkFacts() {}

    static FrameworkStatus.Client client(FrameworkView view) {
        FrameworkSpec spec = view.spec();
        String description = Base64.getEncoder().encodeToString(spec.info().toByteArray());
        return new FrameworkStatus.Client(
                cut(spec.name()),
                cut(spec.user()),
                spec.principal().map(FrameworkFacts::cut).orElse(null),
                spec.roles().stream().map(RolePath::value).limit(64).toList(),
                spec.capabilities().stream().map(FrameworkFacts::camelCase).toList(),
                Math.min(spec.failoverTimeout().toSeconds(), Long.MAX_VALUE / 1000),
                spec.checkpoint(),
                spec.info().isEmpty() || description.length() > MAX_DESCRIPTION ? null : description);
    }

    private static String cut(String text) {
        return text.substring(0, Math.min(253, text.length()));
    }

    private static String camelCase(FrameworkCapability capability) {
        return Arrays.stream(capability.name().split("_"))
                .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
                .collect(Collectors.joining());
    }

    private static Optional<FrameworkCapability> capability(String text) {
        return Arrays.stream(FrameworkCapability.values())
                .filter(capability -> camelCase(capability).equals(text))
                .findFirst();
    }

    /** Commands for a new leader: each client that was there, and each id that is refused for good. */
    public static List<Command> recovery(ClusterCaches caches, Instant at) {
        List<Command> commands = new ArrayList<>();
        Set<String> removed = new HashSet<>();
        for (Framework object : caches.frameworks()) {
            FrameworkStatus status = object.getStatus();
            if (status == null) {
                continue;
            }
            removed.addAll(status.removedIds());
        }
        for (Framework object : caches.frameworks()) {
            FrameworkStatus status = object.getStatus();
            if (status == null || status.frameworkId() == null || removed.contains(status.frameworkId())) {
                continue;
            }
            // Its priority comes with its head.
            spec(status)
                    .map(spec -> FrameworkRegistrar.isApplication(object) ? spec.with(new ApplicationSpec(0)) : spec)
                    .ifPresentOrElse(
                            spec -> commands.add(new Command.RecoverFramework(
                                    new FrameworkId(Objects.requireNonNull(status.frameworkId())),
                                    spec,
                                    Optional.of(deadline(status, spec, at)),
                                    at)),
                            () -> LOG.atWarn()
                                    .addKeyValue("framework", status.frameworkId())
                                    .log(
                                            "A framework's status says too little to recover it; it is known again when it is back"));
        }
        removed.stream()
                .sorted()
                .forEach(id -> commands.add(new Command.RecoverRemovedFramework(new FrameworkId(id), at)));
        return commands;
    }

    private static Instant deadline(FrameworkStatus status, FrameworkSpec spec, Instant now) {
        String noted = status.times() == null ? null : status.times().failoverDeadlineTime();
        if (noted != null) {
            return Instant.parse(noted);
        }
        Duration grace = spec.failoverTimeout().compareTo(LEADER_CHANGE_GRACE) > 0
                ? spec.failoverTimeout()
                : LEADER_CHANGE_GRACE;
        // Timeouts go up to Mesos' 292 years, which an Instant of today can bear.
        return now.plus(grace);
    }

    private static Optional<FrameworkSpec> spec(FrameworkStatus status) {
        FrameworkStatus.@Nullable Client client = status.client();
        if (client == null || (client.name() == null && client.description() == null)) {
            return Optional.empty();
        }
        Set<FrameworkCapability> capabilities = EnumSet.noneOf(FrameworkCapability.class);
        client.capabilitiesClaimed().forEach(text -> capability(text).ifPresent(capabilities::add));
        return Optional.of(new FrameworkSpec(
                Objects.requireNonNullElse(client.name(), ""),
                Objects.requireNonNullElse(client.user(), ""),
                client.roles().stream().map(RolePath::new).toList(),
                Duration.ofSeconds(Objects.requireNonNullElse(client.failoverTimeoutSeconds(), 0L)),
                Boolean.TRUE.equals(client.checkpoint()),
                Optional.ofNullable(client.principal()),
                capabilities,
                client.description() == null
                        ? Payload.EMPTY
                        : Payload.copyOf(Base64.getDecoder().decode(client.description()))));
    }
}
