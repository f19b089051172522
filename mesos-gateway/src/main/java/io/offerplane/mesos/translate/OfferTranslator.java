package io.offerplane.mesos.translate;

import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.agent.FaultDomain;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.offer.Offer;
import java.util.Optional;
import org.apache.mesos.v1.Protos;

/** Mesos {@code Offer}, and what it says of the agent. */
public final class OfferTranslator {
    private OfferTranslator() {}

    /** The offer in the format that the framework's capabilities ask for. */
    public static Protos.Offer toProto(Offer offer, FrameworkSpec framework) {
        boolean multiRole = framework.has(FrameworkCapability.MULTI_ROLE);
        AgentSpec agent = offer.agent();
        Protos.Offer.Builder builder = Protos.Offer.newBuilder()
                .setId(Protos.OfferID.newBuilder().setValue(offer.id().value()))
                .setFrameworkId(Protos.FrameworkID.newBuilder()
                        .setValue(offer.frameworkId().value()))
                .setAgentId(Protos.AgentID.newBuilder().setValue(offer.agentId().value()))
                .setHostname(agent.hostname())
                .setUrl(MaintenanceTranslator.url(agent))
                .addAllResources(ResourceTranslator.toProto(
                        offer.resources(),
                        multiRole ? Optional.of(offer.role()) : Optional.empty(),
                        framework.has(FrameworkCapability.RESERVATION_REFINEMENT)));
        if (multiRole) {
            builder.setAllocationInfo(Protos.Resource.AllocationInfo.newBuilder()
                    .setRole(offer.role().value()));
        }
        agent.attributes().forEach(attribute -> builder.addAttributes(attribute(attribute)));
        agent.faultDomain().ifPresent(domain -> builder.setDomain(domain(domain)));
        offer.unavailability()
                .ifPresent(unavailability -> builder.setUnavailability(MaintenanceTranslator.toProto(unavailability)));
        return builder.build();
    }

    public static Protos.Attribute attribute(Attribute attribute) {
        Protos.Attribute.Builder builder = Protos.Attribute.newBuilder().setName(attribute.name());
        switch (attribute.value()) {
            case Attribute.Value.Text(String text) ->
                builder.setType(Protos.Value.Type.TEXT)
                        .setText(Protos.Value.Text.newBuilder().setValue(text));
            case Attribute.Value.Scalar(double number) ->
                builder.setType(Protos.Value.Type.SCALAR)
                        .setScalar(Protos.Value.Scalar.newBuilder().setValue(number));
            case Attribute.Value.RangeList(var ranges) ->
                builder.setType(Protos.Value.Type.RANGES).setRanges(ResourceTranslator.toProto(ranges));
            case Attribute.Value.Items(var items) ->
                builder.setType(Protos.Value.Type.SET).setSet(ResourceTranslator.toProto(items));
        }
        return builder.build();
    }

    public static Protos.DomainInfo domain(FaultDomain domain) {
        return Protos.DomainInfo.newBuilder()
                .setFaultDomain(Protos.DomainInfo.FaultDomain.newBuilder()
                        .setRegion(Protos.DomainInfo.FaultDomain.RegionInfo.newBuilder()
                                .setName(domain.region()))
                        .setZone(Protos.DomainInfo.FaultDomain.ZoneInfo.newBuilder()
                                .setName(domain.zone())))
                .build();
    }
}
