package io.offerplane.e2e;

import io.offerplane.e2e.install.OfferplaneInstallation;
import org.junit.jupiter.api.Order;

/** What {@link FrameworksOnMesosTest} proves of Mesos, proven of Offerplane. */
@OfferplaneOnCluster
@Order(30)
final class FrameworksE2E extends FrameworkContract {
    private final OfferplaneInstallation offerplane;

    FrameworksE2E(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    @Override
    String master() {
        return offerplane.master();
    }
}
