package io.offerplane.shim.http;

import com.sun.net.httpserver.HttpExchange;
import io.offerplane.shim.container.ContainerLaunchException;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerRuntime.Signal;
import io.offerplane.shim.executor.PeerProcess;
import io.offerplane.shim.nested.ForbiddenUserException;
import io.offerplane.shim.nested.NestedContainers;
import io.offerplane.shim.nested.NestedOrder;
import io.offerplane.shim.nested.OutputFeed;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.apache.mesos.v1.Protos.ContainerID;
import org.apache.mesos.v1.Protos.ContainerInfo;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.Response;

/**
 * The agent API's calls that start, end and wait for containers within others. Mesos' statuses and texts; who calls has to show that they may.
 *
 * <p>Source: Mesos 1.11 slave/http.cpp.
 */
final class ContainerCalls {

    /** Each holds a connection for as long as its container lives. */
    private static final int MOST_WAITING = 256;

    /** Between two looks whether a client that waits is still there. */
    private static final Duration PRESENCE = Duration.ofSeconds(5);

    /** For a call that asks for nothing of its container. */
    private static final ContainerInfo PLAIN =
            ContainerInfo.newBuilder().setType(ContainerInfo.Type.MESOS).build();

    private final NestedContainers nested;
    private final Callers callers;
    private final PeerProcess peers;
    private final Semaphore waiting = new Semaphore(MOST_WAITING);

    ContainerCalls(NestedContainers nested, Callers callers, PeerProcess peers) {
        this.nested = nested;
        this.callers = callers;
        this.peers = peers;
    }

    /**
     * Answers a valid call.
     *
     * @param turn given back by calls that wait for the end of a container
     * @return empty for a call about something else
     * @throws Refusal in Mesos' words where Mesos refuses it too
     */
    @SuppressWarnings("deprecation") // Mesos' own deprecated calls are still calls.
    Optional<Answer> answer(Call call, HttpExchange exchange, MediaType accept, Turn turn)
            throws IOException, Refusal, InterruptedException {
        return switch (call.getType()) {
            case LAUNCH_NESTED_CONTAINER -> {
                Call.LaunchNestedContainer launch = call.getLaunchNestedContainer();
                yield Optional.of(launch(
                        order(
                                launch.getContainerId(),
                                launch.getCommand(),
                                launch.hasContainer(),
                                launch.getContainer(),
                                exchange),
                        turn));
            }
            case LAUNCH_CONTAINER -> Optional.of(launch(order(call.getLaunchContainer(), exchange), turn));
            case WAIT_NESTED_CONTAINER ->
                Optional.of(await(call.getWaitNestedContainer().getContainerId(), true, exchange, accept, turn));
            case WAIT_CONTAINER ->
                Optional.of(await(call.getWaitContainer().getContainerId(), false, exchange, accept, turn));
            case KILL_NESTED_CONTAINER -> {
                Call.KillNestedContainer kill = call.getKillNestedContainer();
                yield Optional.of(kill(kill.getContainerId(), kill.hasSignal() ? kill.getSignal() : 9, exchange));
            }
            case KILL_CONTAINER -> {
                Call.KillContainer kill = call.getKillContainer();
                yield Optional.of(kill(kill.getContainerId(), kill.hasSignal() ? kill.getSignal() : 9, exchange));
            }
            case REMOVE_NESTED_CONTAINER ->
                Optional.of(remove(call.getRemoveNestedContainer().getContainerId(), exchange));
            case REMOVE_CONTAINER ->
                Optional.of(remove(call.getRemoveContainer().getContainerId(), exchange));
            default -> Optional.empty();
        };
    }

    private ContainerName nestedName(ContainerID id) throws Refusal {
        if (!id.hasParent()) {
            throw new Refusal(
                    501,
                    "501 Not Implemented. Containers without a parent are those of tasks and executors, which the"
                            + " master's calls are for; there are no standalone ones");
        }
        return ContainerName.of(id);
    }

    private NestedOrder order(
            ContainerID id, CommandInfo command, boolean hasContainer, ContainerInfo container, HttpExchange exchange)
            throws IOException, Refusal {
        ContainerName name = nestedName(id);
        Caller caller = callers.about(name, exchange);
        if (hasContainer && container.getType() != ContainerInfo.Type.MESOS) {
            throw new Refusal(400, "The provided ContainerInfo is not supported");
        }
        return new NestedOrder(
                name, command, hasContainer ? container : PLAIN, List.of(), Map.of(), caller.mayBeAnyone());
    }

    private NestedOrder order(Call.LaunchContainer launch, HttpExchange exchange) throws IOException, Refusal {
        NestedOrder order = order(
                launch.getContainerId(), launch.getCommand(), launch.hasContainer(), launch.getContainer(), exchange);
        return new NestedOrder(
                order.name(),
                order.command(),
                order.container(),
                launch.getResourcesList(),
                launch.getLimitsMap(),
                order.anyUser());
    }

    /**
     * Has a program join a container.
     *
     * @return what it says; empty when there is a container of that name already
     */
    Optional<OutputFeed> join(Call.LaunchNestedContainerSession launch, HttpExchange exchange)
            throws IOException, Refusal, InterruptedException {
        try {
            return nested.join(order(
                    launch.getContainerId(),
                    launch.getCommand(),
                    launch.hasContainer(),
                    launch.getContainer(),
                    exchange));
        } catch (ContainerLaunchException e) {
            throw new Refusal(400, String.valueOf(e.getMessage()));
        } catch (ForbiddenUserException e) {
            throw new Refusal(403, String.valueOf(e.getMessage()));
        }
    }

    private Answer launch(NestedOrder order, Turn turn) throws Refusal, InterruptedException {
        // Files and images may take their time.
        stay(turn);
        try {
            return switch (nested.launch(order)) {
                case STARTED -> Answer.empty(200);
                case ALREADY -> Answer.empty(202);
            };
        } catch (ContainerLaunchException e) {
            throw new Refusal(400, String.valueOf(e.getMessage()));
        } catch (ForbiddenUserException e) {
            throw new Refusal(403, String.valueOf(e.getMessage()));
        } finally {
            waiting.release();
        }
    }

    private void stay(Turn turn) throws Refusal {
        if (!waiting.tryAcquire()) {
            throw new Refusal(503, "Too many calls wait for containers; try again.\n");
        }
        turn.close();
    }

    private Answer await(ContainerID id, boolean deprecated, HttpExchange exchange, MediaType accept, Turn turn)
            throws IOException, Refusal, InterruptedException {
        ContainerName name = nestedName(id);
        Caller _ = callers.about(name, exchange);
        CompletableFuture<Response.WaitContainer> ending =
                nested.end(name).orElseThrow(() -> new Refusal(404, "Container " + name + " cannot be found"));
        stay(turn);
        Response.WaitContainer end;
        try {
            end = await(ending, exchange);
        } finally {
            waiting.release();
        }
        return AgentApi.answer(deprecated ? deprecated(end) : response(end), accept);
    }

    /** For as long as the client does: one that has gone would keep its place for ever. */
    private Response.WaitContainer await(CompletableFuture<Response.WaitContainer> ending, HttpExchange exchange)
            throws IOException, InterruptedException {
        while (true) {
            try {
                return ending.get(PRESENCE.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException notYet) {
                if (!peers.isConnected(exchange.getRemoteAddress(), exchange.getLocalAddress())) {
                    throw new IOException("the client has gone");
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("nothing fails this", e);
            }
        }
    }

    private static Response response(Response.WaitContainer end) {
        return Response.newBuilder()
                .setType(Response.Type.WAIT_CONTAINER)
                .setWaitContainer(end)
                .build();
    }

    /** The same under the name that the call had before Mesos 1.5. */
    @SuppressWarnings("deprecation")
    private static Response deprecated(Response.WaitContainer end) {
        Response.WaitNestedContainer.Builder same = Response.WaitNestedContainer.newBuilder();
        if (end.hasExitStatus()) {
            same.setExitStatus(end.getExitStatus());
        }
        if (end.hasState()) {
            same.setState(end.getState());
        }
        if (end.hasReason()) {
            same.setReason(end.getReason());
        }
        if (end.hasLimitation()) {
            same.setLimitation(end.getLimitation());
        }
        if (end.hasMessage()) {
            same.setMessage(end.getMessage());
        }
        return Response.newBuilder()
                .setType(Response.Type.WAIT_NESTED_CONTAINER)
                .setWaitNestedContainer(same)
                .build();
    }

    private Answer kill(ContainerID id, int number, HttpExchange exchange) throws IOException, Refusal {
        ContainerName name = nestedName(id);
        Caller _ = callers.about(name, exchange);
        Signal signal = Signal.of(number)
                .orElseThrow(() -> new Refusal(
                        400,
                        "Unable to send signal " + number
                                + " to container: expected 1 (HUP), 2 (INT), 3 (QUIT), 9 (KILL),"
                                + " 10 (USR1) or 15 (TERM)"));
        if (!nested.signal(name, signal)) {
            throw new Refusal(404, "Container '" + name + "' cannot be found (or is already killed)");
        }
        return Answer.empty(200);
    }

    private Answer remove(ContainerID id, HttpExchange exchange) throws IOException, Refusal, InterruptedException {
        ContainerName name = nestedName(id);
        Caller _ = callers.about(name, exchange);
        if (!nested.remove(name)) {
            throw new Refusal(500, "Nested container has not terminated yet");
        }
        return Answer.empty(200);
    }
}
