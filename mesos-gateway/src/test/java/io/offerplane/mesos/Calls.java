package io.offerplane.mesos;

import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Call;

/** Calls as tests write them. */
public final class Calls {
    private Calls() {}

    public static Call.Builder subscribe() {
        return subscribe(Protos.FrameworkInfo.newBuilder());
    }

    public static Call.Builder subscribe(Protos.FrameworkInfo.Builder info) {
        Protos.FrameworkInfo whole = info.setUser("root").setName("test").build();
        Call.Builder call = Call.newBuilder()
                .setType(Call.Type.SUBSCRIBE)
                .setSubscribe(Call.Subscribe.newBuilder().setFrameworkInfo(whole));
        if (whole.hasId()) {
            call.setFrameworkId(whole.getId());
        }
        return call;
    }

    public static Call.Builder of(Protos.FrameworkID framework, Call.Type type) {
        return Call.newBuilder().setFrameworkId(framework).setType(type);
    }

    public static Call launch(Protos.Offer offer, Protos.TaskInfo... tasks) {
        Protos.Offer.Operation.Launch.Builder launch = Protos.Offer.Operation.Launch.newBuilder();
        for (Protos.TaskInfo task : tasks) {
            launch.addTaskInfos(task);
        }
        return of(offer.getFrameworkId(), Call.Type.ACCEPT)
                .setAccept(Call.Accept.newBuilder()
                        .addOfferIds(offer.getId())
                        .addOperations(Protos.Offer.Operation.newBuilder()
                                .setType(Protos.Offer.Operation.Type.LAUNCH)
                                .setLaunch(launch)))
                .build();
    }

    public static Protos.TaskInfo.Builder task(String id, Protos.AgentID agent, String command) {
        return Protos.TaskInfo.newBuilder()
                .setName(id)
                .setTaskId(Protos.TaskID.newBuilder().setValue(id))
                .setAgentId(agent)
                .addResources(scalar("cpus", 0.1))
                .addResources(scalar("mem", 32))
                .setCommand(Protos.CommandInfo.newBuilder().setValue(command));
    }

    public static Protos.Resource.Builder scalar(String name, double value) {
        return Protos.Resource.newBuilder()
                .setName(name)
                .setType(Protos.Value.Type.SCALAR)
                .setScalar(Protos.Value.Scalar.newBuilder().setValue(value));
    }

    public static Call acknowledge(Protos.FrameworkID framework, Protos.TaskStatus status) {
        return of(framework, Call.Type.ACKNOWLEDGE)
                .setAcknowledge(Call.Acknowledge.newBuilder()
                        .setAgentId(status.getAgentId())
                        .setTaskId(status.getTaskId())
                        .setUuid(status.getUuid()))
                .build();
    }
}
