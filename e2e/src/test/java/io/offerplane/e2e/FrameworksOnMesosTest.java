package io.offerplane.e2e;

import io.offerplane.e2e.client.MesosOracle;
import io.offerplane.e2e.cluster.TimeToTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** The frameworks against a real Mesos: what fails here is a fault of the test or of a client, not of Offerplane. */
@Tag("oracle")
@ExtendWith(TimeToTest.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class FrameworksOnMesosTest extends FrameworkContract {
    private MesosOracle oracle;

    @BeforeAll
    void startMesos() {
        oracle = MesosOracle.start();
    }

    @AfterAll
    void stopMesos() {
        oracle.close();
    }

    @Override
    String master() {
        return oracle.address();
    }
}
