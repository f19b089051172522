package io.offerplane.mesos.translate;

import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.engine.Payload;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.role.RolePath;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.mesos.v1.Protos;

/** Mesos {@code FrameworkInfo}. */
public final class FrameworkTranslator {
    /** The longest time that Mesos' 64-bit nanoseconds hold, in seconds. */
    private static final double MAX_TIMEOUT_SECONDS = Long.MAX_VALUE / 1e9;

    private FrameworkTranslator() {}

    /**
     * What Mesos finds wrong with the info, in its words and order, or empty when nothing is. To be asked before {@link #fromProto}.
     */
    public static Optional<String> fault(Protos.FrameworkInfo info, List<String> suppressedRoles) {
        Optional<String> role = roleFault(info).or(() -> OfferRulesTranslator.filtersFault(info));
        if (role.isPresent()) {
            return role;
        }
        if (info.hasId() && !info.getId().getValue().isEmpty()) {
            Optional<String> id = TaskValidation.idFault(info.getId().getValue());
            if (id.isPresent()) {
                return Optional.of("Not a valid FrameworkID: " + id.get());
            }
        }
        double timeout = info.getFailoverTimeout();
        if (Double.isNaN(timeout) || Math.abs(timeout) > MAX_TIMEOUT_SECONDS) {
            return Optional.of("The framework failover_timeout (" + NumberText.of(timeout) + ") is invalid");
        }
        List<String> roles = roles(info);
        for (String suppressed : suppressedRoles) {
            Optional<String> fault = RolePath.fault(suppressed);
            if (fault.isPresent()) {
                return Optional.of("Suppressed role '" + suppressed + "' is invalid: " + fault.get());
            }
            if (!roles.contains(suppressed)) {
                return Optional.of("Suppressed role '" + suppressed + "' is not contained in the list of roles");
            }
        }
        return Optional.empty();
    }

    /** What of a faultless info can't be changed while a framework is subscribed, in Mesos' words, or empty. */
    public static Optional<String> updateFault(FrameworkSpec before, Protos.FrameworkInfo info) {
        if (info.hasPrincipal() && !before.principal().equals(Optional.of(info.getPrincipal()))) {
            return Optional.of("Changing framework's principal is not allowed.");
        }
        if (!before.user().equals(info.getUser())) {
            return Optional.of("Updating 'FrameworkInfo.user' is unsupported; attempted to update from '"
                    + before.user() + "' to '" + info.getUser() + "'");
        }
        if (before.checkpoint() != info.getCheckpoint()) {
            return Optional.of("Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to update from '"
                    + before.checkpoint() + "' to '" + info.getCheckpoint() + "'");
        }
        return Optional.empty();
    }

    private static Optional<String> roleFault(Protos.FrameworkInfo info) {
        boolean multiRole = has(info, Protos.FrameworkInfo.Capability.Type.MULTI_ROLE);
        if (multiRole) {
            if (hasRole(info)) {
                return Optional.of("'FrameworkInfo.role' must not be set when the framework is MULTI_ROLE capable");
            }
            Set<String> seen = new HashSet<>();
            Set<String> twice = new TreeSet<>();
            info.getRolesList().forEach(role -> {
                if (!seen.add(role)) {
                    twice.add(role);
                }
            });
            if (!twice.isEmpty()) {
                return Optional.of(
                        "'FrameworkInfo.roles' contains duplicate items: { " + String.join(", ", twice) + " }");
            }
            for (String role : info.getRolesList()) {
                Optional<String> fault = RolePath.fault(role);
                if (fault.isPresent()) {
                    return Optional.of("'FrameworkInfo.roles' contains invalid role: " + fault.get());
                }
            }
            return Optional.empty();
        }
        if (info.getRolesCount() > 0) {
            return Optional.of("'FrameworkInfo.roles' must not be set when the framework is not MULTI_ROLE capable");
        }
        return RolePath.fault(role(info)).map(fault -> "'FrameworkInfo.role' is not a valid role: " + fault);
    }

    /**
     * The engine's view of a faultless info.
     *
     * @param principal who authenticated, taken when the info names nobody
     */
    public static FrameworkSpec fromProto(Protos.FrameworkInfo info, Optional<String> principal) {
        Protos.FrameworkInfo whole = info;
        if (principal.isPresent() && !info.hasPrincipal()) {
            whole = info.toBuilder().setPrincipal(principal.get()).build();
        }
        Set<FrameworkCapability> capabilities = EnumSet.noneOf(FrameworkCapability.class);
        for (Protos.FrameworkInfo.Capability capability : whole.getCapabilitiesList()) {
            capability(capability.getType()).ifPresent(capabilities::add);
        }
        List<RolePath> roles = new ArrayList<>();
        roles(whole).forEach(role -> roles.add(new RolePath(role)));
        return new FrameworkSpec(
                whole.getName(),
                whole.getUser(),
                roles,
                timeout(whole.getFailoverTimeout()),
                whole.getCheckpoint(),
                whole.hasPrincipal() ? Optional.of(whole.getPrincipal()) : Optional.empty(),
                capabilities,
                Payload.copyOf(whole.toByteArray()))
                .with(OfferRulesTranslator.ofFilters(whole));
    }

    /** The same info with less: without these capabilities, and with a failover timeout of this at most. */
    public static Protos.FrameworkInfo bounded(
            Protos.FrameworkInfo info, Set<FrameworkCapability> withheld, Optional<Duration> failoverCeiling) {
        Protos.FrameworkInfo.Builder bounded = info.toBuilder();
        if (!withheld.isEmpty()) {
            bounded.clearCapabilities();
            info.getCapabilitiesList().stream()
                    .filter(claimed -> capability(claimed.getType())
                            .filter(withheld::contains)
                            .isEmpty())
                    .forEach(bounded::addCapabilities);
        }
        failoverCeiling
                .filter(ceiling -> timeout(info.getFailoverTimeout()).compareTo(ceiling) > 0)
                .ifPresent(ceiling -> bounded.setFailoverTimeout(ceiling.toMillis() / 1000.0));
        return bounded.build();
    }

    /** The info as the framework sent it, with its id; what the spec says holds where the sent one is absent. */
    public static Protos.FrameworkInfo toProto(FrameworkId id, FrameworkSpec spec) {
        Protos.FrameworkInfo.Builder info = Protos.FrameworkInfo.newBuilder();
        if (!spec.info().isEmpty()) {
            try {
                info.mergeFrom(spec.info().toByteArray());
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalArgumentException("framework " + id + ": its info is no FrameworkInfo", e);
            }
        }
        // User and checkpoint can't be changed by a re-subscription: the engine's are the ones that stand.
        info.setId(Protos.FrameworkID.newBuilder().setValue(id.value()))
                .setName(spec.name())
                .setUser(spec.user())
                .setCheckpoint(spec.checkpoint());
        spec.principal().ifPresent(info::setPrincipal);
        if (spec.info().isEmpty()) {
            info.setFailoverTimeout(spec.failoverTimeout().toMillis() / 1000.0);
            spec.capabilities().forEach(capability -> info.addCapabilitiesBuilder()
                    .setType(Protos.FrameworkInfo.Capability.Type.valueOf(capability.name())));
            if (spec.has(FrameworkCapability.MULTI_ROLE)) {
                spec.roles().forEach(role -> info.addRoles(role.value()));
            } else {
                spec.roles().stream().findFirst().ifPresent(role -> setRole(info, role.value()));
            }
        }
        return info.build();
    }

    private static Duration timeout(double seconds) {
        return seconds <= 0 ? Duration.ZERO : Duration.ofNanos((long) Math.min(seconds * 1e9, Long.MAX_VALUE));
    }

    private static Optional<FrameworkCapability> capability(Protos.FrameworkInfo.Capability.Type type) {
        for (FrameworkCapability capability : FrameworkCapability.values()) {
            if (capability.name().equals(type.name())) {
                return Optional.of(capability);
            }
        }
        return Optional.empty();
    }

    private static boolean has(Protos.FrameworkInfo info, Protos.FrameworkInfo.Capability.Type type) {
        return info.getCapabilitiesList().stream().anyMatch(capability -> capability.getType() == type);
    }

    private static List<String> roles(Protos.FrameworkInfo info) {
        return has(info, Protos.FrameworkInfo.Capability.Type.MULTI_ROLE) ? info.getRolesList() : List.of(role(info));
    }

    @SuppressWarnings("deprecation") // The field of every framework without MULTI_ROLE.
    private static String role(Protos.FrameworkInfo info) {
        return info.getRole();
    }

    @SuppressWarnings("deprecation") // As above.
    private static boolean hasRole(Protos.FrameworkInfo info) {
        return info.hasRole();
    }

    @SuppressWarnings("deprecation") // As above.
    private static void setRole(Protos.FrameworkInfo.Builder info, String role) {
        info.setRole(role);
    }
}
