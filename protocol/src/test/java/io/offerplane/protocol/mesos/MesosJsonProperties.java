package io.offerplane.protocol.mesos;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What holds for every message. A failure names the seed that makes it again. */
class MesosJsonProperties {
    private static final List<Message> TYPES = List.of(
            org.apache.mesos.v1.scheduler.Protos.Call.getDefaultInstance(),
            org.apache.mesos.v1.scheduler.Protos.Event.getDefaultInstance(),
            org.apache.mesos.v1.master.Protos.Call.getDefaultInstance(),
            org.apache.mesos.v1.master.Protos.Response.getDefaultInstance(),
            org.apache.mesos.v1.executor.Protos.Call.getDefaultInstance());

    @Test
    void whatIsWrittenReadsBackTheSame() throws MalformedMessageException {
        for (long seed = 0; seed < 4_000; seed++) {
            Message type = TYPES.get((int) (seed % TYPES.size()));
            Message message = new RandomMessages(seed).fill(type.newBuilderForType());
            byte[] json = MesosJsonWriter.toBytes(message);
            Message.Builder read = type.newBuilderForType();
            MesosJsonReader.merge(json, read);
            // Reading sets the defaults that writing printed, so the comparison is of what both say in JSON.
            assertThat(new String(MesosJsonWriter.toBytes(read.build()), StandardCharsets.UTF_8))
                    .as("seed %s of %s", seed, type.getDescriptorForType().getFullName())
                    .isEqualTo(new String(json, StandardCharsets.UTF_8));
        }
    }
}
