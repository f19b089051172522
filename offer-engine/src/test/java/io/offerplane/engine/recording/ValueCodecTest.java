package io.offerplane.engine.recording;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.engine.Command;
import io.offerplane.engine.TestCluster;
import io.offerplane.engine.framework.AttributeConstraint;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import io.offerplane.engine.framework.FrameworkCapability;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.recording.Recordings.JavaExpression;
import io.offerplane.engine.role.RolePath;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ValueCodecTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00.123456789Z");

    private static Command subscribe(Set<RolePath> suppressed) {
        AttributeConstraint constraint = new AttributeConstraint(
                AttributeConstraint.Subject.HOSTNAME,
                "",
                AttributeConstraint.Test.TEXT_MATCHES,
                new JavaExpression("node-[0-9]+"));
        AttributeConstraint exact = new AttributeConstraint(
                AttributeConstraint.Subject.ZONE,
                "",
                AttributeConstraint.Test.TEXT_EQUALS,
                new TextPattern.Exactly("zone-ä"));
        FrameworkSpec spec = TestCluster.frameworkSpec(
                        "f", List.of("eng", "ops"), Duration.ofSeconds(5), Set.of(FrameworkCapability.MULTI_ROLE))
                .with(new OfferRules(
                        Map.of(
                                new RolePath("eng"),
                                List.of(TestCluster.resources("cpus:0.5").scalars())),
                        Map.of(new RolePath("ops"), List.of(List.of(constraint, exact))),
                        io.offerplane.engine.Payload.copyOf(new byte[] {1, 2, 3})));
        return new Command.Subscribe(Optional.empty(), spec, suppressed, -5, NOW);
    }

    @Test
    void whatIsReadEqualsWhatWasWritten() {
        Command command = subscribe(Set.of(new RolePath("eng")));
        assertThat(Recordings.COMMANDS.decode(Recordings.COMMANDS.encode(command)))
                .isEqualTo(command);
    }

    @Test
    void theOrderOfASetDoesNotShow() {
        RolePath eng = new RolePath("eng");
        RolePath ops = new RolePath("ops");
        assertThat(Recordings.COMMANDS.encode(subscribe(new LinkedHashSet<>(List.of(eng, ops)))))
                .isEqualTo(Recordings.COMMANDS.encode(subscribe(new LinkedHashSet<>(List.of(ops, eng)))));
    }

    @Test
    void saysThatBytesAreNoRecording() {
        assertThatThrownBy(() -> Recordings.COMMANDS.decode(new byte[] {'P', 'K', 3, 4}))
                .isInstanceOf(DamagedRecordingException.class)
                .hasMessageContaining("does not begin as one");
    }

    @Test
    void refusesWhatAnotherVersionWrote() {
        byte[] bytes = Recordings.COMMANDS.encode(new Command.Tick(NOW));
        bytes[7] ^= 1;
        assertThatThrownBy(() -> Recordings.COMMANDS.decode(bytes)).hasMessageContaining("another version");
    }

    @Test
    void refusesMoreThanOneValue() {
        byte[] bytes = Recordings.COMMANDS.encode(new Command.Tick(NOW));
        assertThatThrownBy(() -> Recordings.COMMANDS.decode(Arrays.copyOf(bytes, bytes.length + 1)))
                .hasMessageContaining("something follows");
    }

    /** Any damage is an exception of ours or another value, never another error, and never more memory than the bytes are worth. */
    @Test
    void damageIsNoticedOrHarmless() {
        byte[] bytes = Recordings.COMMANDS.encode(subscribe(Set.of(new RolePath("eng"))));
        Random random = new Random(1);
        int noticed = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] damaged = i % 3 == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes.clone();
            if (damaged.length > 12) {
                damaged[12 + random.nextInt(damaged.length - 12)] = (byte) random.nextInt();
            }
            try {
                Recordings.COMMANDS.decode(damaged);
            } catch (DamagedRecordingException e) {
                noticed++;
            }
        }
        assertThat(noticed).isGreaterThan(2_000);
    }

    @Test
    void aTypeThatCannotBeWrittenIsRefusedAtOnce() {
        record Unwritable(Thread thread) {}
        assertThatThrownBy(() -> ValueCodec.of(Unwritable.class, JavaExpression::new))
                .hasMessageContaining("no form for java.lang.Thread");
    }
}
