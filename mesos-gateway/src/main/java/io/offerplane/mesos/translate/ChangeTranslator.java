package io.offerplane.mesos.translate;

import io.offerplane.engine.offer.Operation.Change;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos;

/** Operations that put resources on other terms: RESERVE, UNRESERVE, CREATE, DESTROY, GROW_VOLUME, SHRINK_VOLUME. */
public final class ChangeTranslator {
    private ChangeTranslator() {}

    /**
     * An operation as it was read.
     *
     * @param fault what no resource can be like, in Mesos' words: it spoils the whole call that the operation came with
     */
    public record Parsed(Change change, Optional<String> fault) {}

    public static Parsed reserve(List<Protos.Resource> resources, List<Protos.Resource> source, Optional<String> id) {
        return parsed(Change.Kind.RESERVE, resources, source, id, Optional.empty());
    }

    public static Parsed unreserve(List<Protos.Resource> resources, Optional<String> id) {
        return parsed(Change.Kind.UNRESERVE, resources, List.of(), id, Optional.empty());
    }

    public static Parsed create(List<Protos.Resource> volumes, Optional<String> id) {
        return parsed(Change.Kind.CREATE, volumes, List.of(), id, volumesFault(volumes));
    }

    public static Parsed destroy(List<Protos.Resource> volumes, Optional<String> id) {
        return parsed(Change.Kind.DESTROY, volumes, List.of(), id, volumesFault(volumes));
    }

    public static Parsed grow(Protos.Resource volume, Protos.Resource addition, Optional<String> id) {
        return parsed(Change.Kind.GROW_VOLUME, List.of(volume), List.of(addition), id, volumesFault(List.of(volume)));
    }

    public static Parsed shrink(Protos.Resource volume, Protos.Value.Scalar subtract, Optional<String> id) {
        Parsed parsed =
                parsed(Change.Kind.SHRINK_VOLUME, List.of(volume), List.of(), id, volumesFault(List.of(volume)));
        Change change = parsed.change();
        double units = subtract.getValue();
        if (!(units > 0) || change.resources().bound().isEmpty()) {
            return parsed;
        }
        Terms terms = change.resources().bound().firstKey().withoutVolume();
        Resources other = Resources.of(
                terms, Resources.scalar("disk", Math.min(units, 1e12)).free());
        return new Parsed(
                new Change(change.kind(), change.resources(), other, change.operationId(), change.fault()),
                parsed.fault());
    }

    private static Parsed parsed(
            Change.Kind kind,
            List<Protos.Resource> resources,
            List<Protos.Resource> other,
            Optional<String> id,
            Optional<String> fault) {
        ResourceTranslator.Parsed first = ResourceTranslator.fromProto(resources);
        ResourceTranslator.Parsed second = ResourceTranslator.fromProto(other);
        return new Parsed(
                new Change(kind, first.resources(), second.resources(), id, fault),
                first.fault().or(second::fault));
    }

    private static Optional<String> volumesFault(List<Protos.Resource> volumes) {
        return volumes.stream()
                .flatMap(volume -> TermsTranslator.volumeFault(volume).stream())
                .findFirst();
    }
}
