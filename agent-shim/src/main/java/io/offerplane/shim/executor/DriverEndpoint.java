package io.offerplane.shim.executor;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.net.httpserver.HttpExchange;
import io.offerplane.protocol.libprocess.LibprocessLink;
import io.offerplane.protocol.libprocess.LibprocessRequest;
import io.offerplane.protocol.libprocess.MalformedUpidException;
import io.offerplane.protocol.libprocess.Upid;
import io.offerplane.protocol.libprocess.v0.ExecutorToFrameworkMessage;
import io.offerplane.protocol.libprocess.v0.RegisterExecutorMessage;
import io.offerplane.protocol.libprocess.v0.ReregisterExecutorMessage;
import io.offerplane.protocol.libprocess.v0.StatusUpdateMessage;
import io.offerplane.shim.cgroup.CgroupHierarchy;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.apache.mesos.v1.Protos.AgentInfo;
import org.apache.mesos.v1.Protos.ExecutorID;
import org.apache.mesos.v1.Protos.FrameworkID;
import org.apache.mesos.v1.executor.Protos.Call;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What executors with a v0 driver say: libprocess messages to {@code slave(1)} on the agent's HTTP port. They carry no token, so
 * that a sender proves that it is the executor by running in its container; what isn't proven is dropped, and logged. A request is
 * answered when its message has been dealt with, and the next of the connection is read after that: messages keep their order.
 *
 * <p>Source: Mesos 1.11 slave.cpp.
 */
public final class DriverEndpoint {

    private static final Logger log = LoggerFactory.getLogger(DriverEndpoint.class);

    /** More than any update or message that travels on the link. */
    private static final int MAX_BODY_BYTES = 4 << 20;

    /** Bodies in memory at a time; others wait. */
    private static final int MAX_CONCURRENT = 16;

    private final Executors executors;
    private final Supplier<AgentInfo> self;
    private final PeerProcess peers;
    private final Semaphore room = new Semaphore(MAX_CONCURRENT, true);

    /** @param self this node, as executors are told of it */
    public DriverEndpoint(Executors executors, CgroupHierarchy cgroups, Supplier<AgentInfo> self) {
        this.executors = executors;
        this.self = self;
        this.peers = new PeerProcess(cgroups, Path.of("/proc"));
    }

    /** The message that a request is; empty when it is ordinary HTTP. */
    public static Optional<LibprocessRequest> message(HttpExchange exchange) {
        return LibprocessRequest.of(
                exchange.getRequestMethod(),
                exchange.getRequestURI().getRawPath(),
                exchange.getRequestHeaders().getFirst("User-Agent"),
                exchange.getRequestHeaders().getFirst("Libprocess-From"));
    }

    /** Takes one message, and answers whether there is such a process: 202 or 404. */
    public void handle(HttpExchange exchange, LibprocessRequest message) throws IOException {
        boolean known = false;
        int status = 202;
        try {
            room.acquire();
            try {
                byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
                if (!message.target().equals(DriverMessages.AGENT_PROCESS)) {
                    status = 404;
                } else if (body.length > MAX_BODY_BYTES) {
                    log.warn(
                            "{} sends a {} of more than {} bytes",
                            exchange.getRemoteAddress(),
                            message.name(),
                            MAX_BODY_BYTES);
                    status = 413;
                } else {
                    known = take(exchange, message, ByteString.copyFrom(body)) || isFromAnExecutor(exchange);
                }
            } finally {
                room.release();
            }
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!known) {
            // An executor's connection stays however long it is idle; nobody else's does.
            exchange.getResponseHeaders().set("Connection", "close");
        }
        exchange.sendResponseHeaders(status, -1);
    }

    /** Whether the sender has proven to be the executor that the message is about. */
    private boolean take(HttpExchange exchange, LibprocessRequest message, ByteString body)
            throws IOException, InterruptedException {
        try {
            return switch (message.name()) {
                case "mesos.internal.RegisterExecutorMessage" -> register(exchange, message, body);
                case "mesos.internal.ReregisterExecutorMessage" -> reregister(exchange, message, body);
                case "mesos.internal.StatusUpdateMessage" -> update(exchange, body);
                case "mesos.internal.ExecutorToFrameworkMessage" -> frameworkMessage(exchange, body);
                default -> {
                    log.info(
                            "Dropped a {} from {} at {}: only executors' messages are taken here",
                            shown(message.name()),
                            shown(message.sender()),
                            exchange.getRemoteAddress());
                    yield false;
                }
            };
        } catch (InvalidProtocolBufferException e) {
            log.warn("{} sends a {} that is none: {}", exchange.getRemoteAddress(), message.name(), e.getMessage());
            return false;
        }
    }

    private boolean register(HttpExchange exchange, LibprocessRequest request, ByteString body)
            throws IOException, InterruptedException {
        RegisterExecutorMessage message = RegisterExecutorMessage.parseFrom(body);
        Optional<ExecutorRun> found = find(message.getFrameworkId(), message.getExecutorId());
        if (found.isEmpty()) {
            refuse(exchange, request);
            return false;
        }
        ExecutorRun executor = found.get();
        if (!isProven(exchange, executor)) {
            return false;
        }
        Optional<Upid> driver = driver(exchange, request, executor);
        if (driver.isEmpty()) {
            return false;
        }
        DriverMessages messages = executors.driverMessages();
        if (executor.hasSubscribed()) {
            log.warn("{} registers again, from {}: it is shut down, as in Mesos", executor.key(), driver.get());
            sendOnce(driver.get());
            return true;
        }
        executor.subscribe(
                Call.Subscribe.getDefaultInstance(),
                new ExecutorDriver(executor, messages, driver.get(), false),
                self.get());
        return true;
    }

    private boolean reregister(HttpExchange exchange, LibprocessRequest request, ByteString body)
            throws IOException, InterruptedException {
        ReregisterExecutorMessage message = ReregisterExecutorMessage.parseFrom(body);
        Optional<ExecutorRun> found = find(message.getFrameworkId(), message.getExecutorId());
        if (found.isEmpty()) {
            refuse(exchange, request);
            return false;
        }
        ExecutorRun executor = found.get();
        if (!isProven(exchange, executor)) {
            return false;
        }
        Optional<Upid> driver = driver(exchange, request, executor);
        if (driver.isEmpty()) {
            return false;
        }
        Call.Subscribe held = DriverMessages.subscription(message);
        Optional<String> fault = ExecutorCallValidation.fault(
                call(executor, Call.Type.SUBSCRIBE).setSubscribe(held).build());
        if (fault.isPresent()) {
            log.warn("{} re-registers with an update that is none: {}", executor.key(), fault.get());
            return true;
        }
        if (executor.connectedPid().equals(driver.get().toString())) {
            log.debug("{} has re-registered already", executor.key());
            return true;
        }
        executor.subscribe(
                held, new ExecutorDriver(executor, executors.driverMessages(), driver.get(), true), self.get());
        return true;
    }

    private boolean update(HttpExchange exchange, ByteString body) throws IOException {
        var update = StatusUpdateMessage.parseFrom(body).getUpdate();
        Optional<ExecutorRun> found = find(update.getFrameworkId(), update.getExecutorId());
        if (found.isEmpty() || !isProven(exchange, found.get())) {
            log.warn("Dropped an update from {}, who is no executor of this agent", exchange.getRemoteAddress());
            return false;
        }
        ExecutorRun executor = found.get();
        Call.Update taken = DriverMessages.update(update);
        Optional<String> fault = ExecutorCallValidation.fault(
                call(executor, Call.Type.UPDATE).setUpdate(taken).build());
        if (fault.isPresent()) {
            log.warn("Dropped an update of {}: {}", executor.key(), fault.get());
        } else {
            executor.update(taken.getStatus());
        }
        return true;
    }

    private boolean frameworkMessage(HttpExchange exchange, ByteString body) throws IOException {
        ExecutorToFrameworkMessage message = ExecutorToFrameworkMessage.parseFrom(body);
        Optional<ExecutorRun> found = find(message.getFrameworkId(), message.getExecutorId());
        if (found.isEmpty() || !isProven(exchange, found.get())) {
            log.warn("Dropped a message from {}, who is no executor of this agent", exchange.getRemoteAddress());
            return false;
        }
        executors.messageFrom(found.get().key(), message.getData());
        return true;
    }

    /** Whether it is an executor's, though nothing could be made of the message. */
    private boolean isFromAnExecutor(HttpExchange exchange) throws IOException {
        return peers.isInAny(executors.groups(), exchange.getRemoteAddress(), exchange.getLocalAddress());
    }

    private static Call.Builder call(ExecutorRun executor, Call.Type type) {
        return Call.newBuilder()
                .setType(type)
                .setFrameworkId(FrameworkID.newBuilder().setValue(executor.key().frameworkId()))
                .setExecutorId(ExecutorID.newBuilder().setValue(executor.key().executorId()));
    }

    private Optional<ExecutorRun> find(ByteString frameworkId, ByteString executorId)
            throws InvalidProtocolBufferException {
        return executors.find(
                FrameworkID.parseFrom(frameworkId).getValue(),
                ExecutorID.parseFrom(executorId).getValue());
    }

    private boolean isProven(HttpExchange exchange, ExecutorRun executor) throws IOException {
        boolean proven =
                peers.isIn(executor.launch().getCgroup(), exchange.getRemoteAddress(), exchange.getLocalAddress());
        if (!proven) {
            log.warn("{} speaks for {} without running in its container", exchange.getRemoteAddress(), executor.key());
        }
        return proven;
    }

    /** Where a proven executor's driver listens: nowhere but on this node, or where its connection comes from. */
    private static Optional<Upid> driver(HttpExchange exchange, LibprocessRequest request, ExecutorRun executor)
            throws IOException {
        try {
            Upid driver = Upid.parse(request.sender());
            if (!driver.isNobody()
                    && (driver.address().equals(exchange.getRemoteAddress().getAddress())
                            || NetworkInterface.getByInetAddress(driver.address()) != null)) {
                return Optional.of(driver);
            }
            log.warn(
                    "{} says that it listens at {}, which is neither on this node nor its own", executor.key(), driver);
        } catch (MalformedUpidException e) {
            log.warn("{} does not say where it listens: {}", executor.key(), e.getMessage());
        }
        return Optional.empty();
    }

    /** Tells an executor that this agent doesn't have to end, if it is who sent the request; others could be made to. */
    private void refuse(HttpExchange exchange, LibprocessRequest request) {
        log.warn("{} registers as an executor that is not here", exchange.getRemoteAddress());
        String host = exchange.getRemoteAddress().getAddress().getHostAddress();
        if (!request.sender().contains("@" + host + ":")) {
            return;
        }
        try {
            sendOnce(Upid.parse(request.sender()));
        } catch (MalformedUpidException e) {
            log.debug("Nobody can be told", e);
        }
    }

    private void sendOnce(Upid driver) {
        DriverMessages messages = executors.driverMessages();
        try (LibprocessLink link = LibprocessLink.to(driver.socketAddress(), () -> {})) {
            link.send(messages.agent(), driver, messages.shutdown());
        }
    }

    /** A stranger's words in a log. */
    private static String shown(String text) {
        String plain = text.replaceAll("[^ -~]", "?");
        return plain.length() <= 100 ? plain : plain.substring(0, 100) + "...";
    }
}
