package io.offerplane.engine.simulation;

import io.offerplane.engine.offer.Operation.Change;
import io.offerplane.engine.resource.Reservation;
import io.offerplane.engine.resource.Resources;
import io.offerplane.engine.resource.Terms;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What an operation takes and gives, by the auditor's own reckoning. */
record Conversion(Resources from, Resources to) {
    static Conversion of(Change change) {
        Resources given = change.resources();
        return switch (change.kind()) {
            case RESERVE -> new Conversion(rewritten(given, Conversion::outer), given);
            case UNRESERVE -> new Conversion(given, rewritten(given, Conversion::outer));
            case CREATE -> new Conversion(rewritten(given, Conversion::plain), given);
            case DESTROY -> new Conversion(given, rewritten(given, Conversion::plain));
            case GROW_VOLUME, SHRINK_VOLUME -> throw new IllegalArgumentException("not drawn: " + change);
        };
    }

    private static Terms outer(Terms terms) {
        List<Reservation> layers = terms.reservations();
        return new Terms(layers.subList(0, layers.size() - 1), terms.volume(), terms.shared(), terms.revocable());
    }

    private static Terms plain(Terms terms) {
        return new Terms(terms.reservations(), Optional.empty(), false, terms.revocable());
    }

    private static Resources rewritten(Resources resources, UnaryOperator<Terms> change) {
        Resources[] sum = {Resources.EMPTY};
        resources.forEach((terms, amounts) -> sum[0] = sum[0].plus(Resources.of(change.apply(terms), amounts)));
        return sum[0];
    }
}
