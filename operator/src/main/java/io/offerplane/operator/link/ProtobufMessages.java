package io.offerplane.operator.link;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskSpec;
import io.offerplane.mesos.translate.FrameworkTranslator;
import io.offerplane.mesos.translate.StatusTranslator;
import io.offerplane.mesos.translate.TaskTranslator;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos;

/** {@link MesosMessages} in protobuf, by the gateway's translators: an agent's word and a framework's are read alike. */
public final class ProtobufMessages implements MesosMessages {
    private final InstantSource clock;

    /** @param clock for statuses that bear no time */
    public ProtobufMessages(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public TaskSpec task(ByteString taskInfo, FrameworkId frameworkId) {
        try {
            return TaskTranslator.fromProto(Protos.TaskInfo.parseFrom(taskInfo), frameworkId);
        } catch (InvalidProtocolBufferException broken) {
            throw new IllegalArgumentException("no mesos.v1.TaskInfo: " + broken.getMessage(), broken);
        }
    }

    @Override
    public FrameworkSpec framework(ByteString frameworkInfo) {
        try {
            Protos.FrameworkInfo info = Protos.FrameworkInfo.parseFrom(frameworkInfo);
            FrameworkTranslator.fault(info, List.of()).ifPresent(fault -> {
                throw new IllegalArgumentException("mesos.v1.FrameworkInfo: " + fault);
            });
            return FrameworkTranslator.fromProto(info, Optional.empty());
        } catch (InvalidProtocolBufferException broken) {
            throw new IllegalArgumentException("no mesos.v1.FrameworkInfo: " + broken.getMessage(), broken);
        }
    }

    @Override
    public StatusUpdate status(ByteString taskStatus) {
        try {
            return StatusTranslator.fromProto(Protos.TaskStatus.parseFrom(taskStatus), clock.instant());
        } catch (InvalidProtocolBufferException broken) {
            throw new IllegalArgumentException("no mesos.v1.TaskStatus: " + broken.getMessage(), broken);
        }
    }
}
