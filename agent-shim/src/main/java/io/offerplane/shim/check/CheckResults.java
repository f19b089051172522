package io.offerplane.shim.check;

import org.apache.mesos.v1.Protos.CheckInfo;
import org.apache.mesos.v1.Protos.CheckStatusInfo;

/** Results as Mesos' {@code CheckStatusInfo} words them. */
public final class CheckResults {

    private CheckResults() {}

    /** What is known of a check before its first result, and after a look that showed nothing. */
    public static CheckStatusInfo none(CheckInfo.Type type) {
        CheckStatusInfo.Builder status = CheckStatusInfo.newBuilder().setType(type);
        switch (type) {
            case COMMAND -> status.setCommand(CheckStatusInfo.Command.getDefaultInstance());
            case HTTP -> status.setHttp(CheckStatusInfo.Http.getDefaultInstance());
            case TCP -> status.setTcp(CheckStatusInfo.Tcp.getDefaultInstance());
            case UNKNOWN -> {}
        }
        return status.build();
    }

    /** The result of a look of that type. */
    public static CheckStatusInfo of(CheckInfo.Type type, ProbeOutcome outcome) {
        CheckStatusInfo.Builder status = none(type).toBuilder();
        switch (outcome) {
            case ProbeOutcome.Exited exited -> status.getCommandBuilder().setExitCode(exited.code());
            case ProbeOutcome.Answered answered -> status.getHttpBuilder().setStatusCode(answered.status());
            case ProbeOutcome.Connected connected -> status.getTcpBuilder().setSucceeded(connected.taken());
            case ProbeOutcome.Failed failed -> {}
        }
        return status.build();
    }
}
