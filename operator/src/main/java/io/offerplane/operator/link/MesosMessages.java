package io.offerplane.operator.link;

import com.google.protobuf.ByteString;
import io.offerplane.engine.framework.FrameworkId;
import io.offerplane.engine.framework.FrameworkSpec;
import io.offerplane.engine.task.StatusUpdate;
import io.offerplane.engine.task.TaskSpec;

/**
 * Reads the {@code mesos.v1} messages that travel on the link as bytes.
 *
 * <p>Each method throws {@link IllegalArgumentException}, saying what is wrong, for bytes that are no such message.
 */
public interface MesosMessages {
    /** Reads a {@code TaskInfo} of the framework's. */
    TaskSpec task(ByteString taskInfo, FrameworkId frameworkId);

    /** Reads a {@code FrameworkInfo}. */
    FrameworkSpec framework(ByteString frameworkInfo);

    /** Reads a {@code TaskStatus} that an agent made. */
    StatusUpdate status(ByteString taskStatus);
}
