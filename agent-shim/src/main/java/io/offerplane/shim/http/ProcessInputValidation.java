package io.offerplane.shim.http;

import java.util.Optional;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.ProcessIO;

/** What a record of input must hold after the first, in Mesos' words. Source: Mesos 1.11 slave/containerizer/mesos/io/switchboard.cpp. */
final class ProcessInputValidation {

    private ProcessInputValidation() {}

    static Optional<String> fault(Call call) {
        Call.AttachContainerInput input = call.getAttachContainerInput();
        if (call.getType() != Call.Type.ATTACH_CONTAINER_INPUT
                || input.getType() != Call.AttachContainerInput.Type.PROCESS_IO) {
            return Optional.of("Expecting 'attach_container_input.type' to be 'PROCESS_IO' instead of: '"
                    + (call.getType() == Call.Type.ATTACH_CONTAINER_INPUT ? input.getType() : call.getType()) + "'");
        }
        if (!input.hasProcessIo()) {
            return expecting("attach_container_input.process_io");
        }
        ProcessIO message = input.getProcessIo();
        if (!message.hasType()) {
            return expecting("process_io.type");
        }
        return switch (message.getType()) {
            case UNKNOWN -> Optional.of("'process_io.type' is unknown");
            case CONTROL -> control(message);
            case DATA -> data(message);
        };
    }

    private static Optional<String> control(ProcessIO message) {
        if (!message.hasControl()) {
            return expecting("process_io.control");
        }
        ProcessIO.Control control = message.getControl();
        if (!control.hasType()) {
            return expecting("process_io.control.type");
        }
        return switch (control.getType()) {
            case UNKNOWN -> Optional.of("'process_io.control.type' is unknown");
            case TTY_INFO -> {
                if (!control.hasTtyInfo()) {
                    yield expecting("process_io.control.tty_info");
                }
                yield control.getTtyInfo().hasWindowSize() ? Optional.empty() : expecting("tty_info.window_size");
            }
            case HEARTBEAT -> control.hasHeartbeat() ? Optional.empty() : expecting("process_io.control.heartbeat");
        };
    }

    private static Optional<String> data(ProcessIO message) {
        if (!message.hasData()) {
            return expecting("process_io.data");
        }
        if (!message.getData().hasType()) {
            return expecting("process_io.data.type");
        }
        if (message.getData().getType() != ProcessIO.Data.Type.STDIN) {
            return Optional.of("Expecting 'process_io.data.type' to be 'STDIN'");
        }
        return message.getData().hasData() ? Optional.empty() : expecting("process_io.data.data");
    }

    private static Optional<String> expecting(String field) {
        return Optional.of("Expecting '" + field + "' to be present");
    }
}
