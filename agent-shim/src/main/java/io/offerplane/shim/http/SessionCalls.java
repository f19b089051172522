package io.offerplane.shim.http;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import io.offerplane.protocol.mesos.MesosJsonWriter;
import io.offerplane.shim.container.ContainerName;
import io.offerplane.shim.container.ContainerSession.Output;
import io.offerplane.shim.container.ContainerSession.WindowSize;
import io.offerplane.shim.executor.PeerProcess;
import io.offerplane.shim.nested.NestedContainers;
import io.offerplane.shim.nested.NotAttachableException;
import io.offerplane.shim.nested.OutputFeed;
import io.offerplane.shim.nested.SessionInput;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.mesos.v1.Protos.DurationInfo;
import org.apache.mesos.v1.Protos.TTYInfo;
import org.apache.mesos.v1.agent.Protos.Call;
import org.apache.mesos.v1.agent.Protos.ProcessIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The agent API's calls that have a program join a container, and carry its input and output in records. Each holds a connection.
 *
 * <p>Source: Mesos 1.11 slave/http.cpp and slave/containerizer/mesos/io/switchboard.cpp.
 */
final class SessionCalls {

    private static final Logger log = LoggerFactory.getLogger(SessionCalls.class);

    /** Each holds a connection; beyond these there are more than sessions. */
    private static final int MOST_STREAMS = 256;

    /** Mesos' http_heartbeat_interval. */
    private static final Duration HEARTBEAT = Duration.ofSeconds(30);

    /** Between two looks whether the client is still there. */
    private static final Duration PRESENCE = Duration.ofSeconds(1);

    /** A client that takes nothing for so long is cut off, and so is one that gives nothing, not even a heartbeat. */
    private static final Duration MAX_SILENCE = Duration.ofMinutes(5);

    /** As long as the server lets one request last. */
    private static final Duration MAX_REQUEST = AgentHttpServer.MAX_REQUEST;

    private static final ProcessIO BEAT = ProcessIO.newBuilder()
            .setType(ProcessIO.Type.CONTROL)
            .setControl(ProcessIO.Control.newBuilder()
                    .setType(ProcessIO.Control.Type.HEARTBEAT)
                    .setHeartbeat(ProcessIO.Control.Heartbeat.newBuilder()
                            .setInterval(DurationInfo.newBuilder().setNanoseconds(HEARTBEAT.toNanos()))))
            .build();

    private final NestedContainers nested;
    private final ContainerCalls containers;
    private final Callers callers;
    private final PeerProcess peers;
    private final Silences silences;
    private final Semaphore streams = new Semaphore(MOST_STREAMS);

    /** Cuts off a client that is silent for too long. */
    interface Silences {
        /** @return to be told of each sign of life, and closed at the end */
        Turn watch(HttpExchange exchange, Semaphore room);
    }

    SessionCalls(
            NestedContainers nested, ContainerCalls containers, Callers callers, PeerProcess peers, Silences silences) {
        this.nested = nested;
        this.containers = containers;
        this.callers = callers;
        this.peers = peers;
        this.silences = silences;
    }

    /** Answers a call whose answer is a program's output. */
    Optional<Answer> output(Call call, CallForms forms, HttpExchange exchange, Turn turn)
            throws IOException, Refusal, InterruptedException {
        try (Turn stream = begin(exchange, turn)) {
            Optional<OutputFeed> feed = call.getType() == Call.Type.ATTACH_CONTAINER_OUTPUT
                    ? Optional.of(attach(
                            ContainerName.of(call.getAttachContainerOutput().getContainerId()), exchange))
                    : containers.join(call.getLaunchNestedContainerSession(), exchange);
            if (feed.isEmpty()) {
                return Optional.of(Answer.empty(202));
            }
            try (OutputFeed open = feed.get()) {
                write(open, forms, exchange, stream);
            }
            return Optional.empty();
        }
    }

    private Turn begin(HttpExchange exchange, Turn turn) throws Refusal {
        Turn stream = silences.watch(exchange, streams);
        if (!stream.isAdmitted()) {
            stream.close();
            throw new Refusal(503, "Too many calls are attached to containers; try again.\n");
        }
        turn.close();
        return stream;
    }

    private OutputFeed attach(ContainerName name, HttpExchange exchange) throws IOException, Refusal {
        Caller _ = callers.about(name, exchange);
        try {
            return nested.attachOutput(name);
        } catch (NotAttachableException e) {
            // As Mesos answers: clients take it for the end of the container.
            throw new Refusal(500, String.valueOf(e.getMessage()));
        }
    }

    private void write(OutputFeed feed, CallForms forms, HttpExchange exchange, Turn stream)
            throws IOException, InterruptedException {
        exchange.getResponseHeaders().set("Content-Type", forms.accept().wireName());
        if (forms.accept() == MediaType.RECORDIO) {
            exchange.getResponseHeaders()
                    .set("Message-Content-Type", forms.messageAccept().wireName());
        }
        stream.within(MAX_SILENCE);
        exchange.sendResponseHeaders(200, 0);
        try (OutputStream out = exchange.getResponseBody()) {
            out.flush();
            Duration quiet = Duration.ZERO;
            while (true) {
                // Waiting for the program is not the client's silence.
                stream.within(MAX_SILENCE);
                switch (feed.next(PRESENCE)) {
                    case OutputFeed.Data(Output output) -> {
                        quiet = Duration.ZERO;
                        write(out, message(output), forms.messageAccept());
                    }
                    case OutputFeed.Nothing() -> {
                        quiet = quiet.plus(PRESENCE);
                        if (!peers.isConnected(exchange.getRemoteAddress(), exchange.getLocalAddress())) {
                            throw new IOException("the client has gone");
                        }
                        if (quiet.compareTo(HEARTBEAT) >= 0) {
                            quiet = Duration.ZERO;
                            write(out, BEAT, forms.messageAccept());
                        }
                    }
                    case OutputFeed.End() -> {
                        return;
                    }
                }
            }
        }
    }

    private static ProcessIO message(Output output) {
        return ProcessIO.newBuilder()
                .setType(ProcessIO.Type.DATA)
                .setData(ProcessIO.Data.newBuilder()
                        .setType(output.isError() ? ProcessIO.Data.Type.STDERR : ProcessIO.Data.Type.STDOUT)
                        .setData(output.data()))
                .build();
    }

    private static void write(OutputStream out, ProcessIO message, MediaType form) throws IOException {
        byte[] record = form == MediaType.JSON ? MesosJsonWriter.toBytes(message) : message.toByteArray();
        out.write((record.length + "\n").getBytes(StandardCharsets.US_ASCII));
        out.write(record);
        out.flush();
    }

    /** Answers a call that gives a program input, when the client or the program has ended. */
    Optional<Answer> input(Call call, CallForms forms, RecordReader records, HttpExchange exchange, Turn turn)
            throws IOException, Refusal, InterruptedException {
        if (call.getAttachContainerInput().getType() != Call.AttachContainerInput.Type.CONTAINER_ID) {
            throw new Refusal(400, "Expecting 'attach_container_input.type' to be CONTAINER_ID");
        }
        ContainerName name = ContainerName.of(call.getAttachContainerInput().getContainerId());
        Caller _ = callers.about(name, exchange);
        try (Turn stream = begin(exchange, turn);
                SessionInput input = nested.attachInput(name)
                        .orElseThrow(() -> new Refusal(409, "Multiple input connections are not allowed"))) {
            AtomicBoolean answered = new AtomicBoolean();
            // The client may be silent when the program ends, and is told all the same.
            var _ = input.end().thenRun(() -> answerEarly(exchange, answered));
            try {
                carry(forms, records, input, stream);
            } catch (IOException e) {
                if (input.end().isDone()) {
                    answerEarly(exchange, answered);
                    return Optional.empty();
                }
                throw e;
            }
            return answered.compareAndSet(false, true) ? Optional.of(Answer.empty(200)) : Optional.empty();
        } catch (NotAttachableException e) {
            throw new Refusal(500, String.valueOf(e.getMessage()));
        }
    }

    private static void answerEarly(HttpExchange exchange, AtomicBoolean answered) {
        if (answered.compareAndSet(false, true)) {
            try {
                exchange.sendResponseHeaders(200, -1);
            } catch (IOException gone) {
                log.debug("A client that gave input has gone", gone);
            }
        }
    }

    private static void carry(CallForms forms, RecordReader records, SessionInput input, Turn stream)
            throws IOException, Refusal, InterruptedException {
        while (true) {
            stream.within(MAX_SILENCE);
            Optional<byte[]> record = records.next();
            if (record.isEmpty()) {
                return;
            }
            // A program that reads nothing isn't the client's silence.
            stream.within(MAX_REQUEST);
            Call call = forms.call(record.get());
            Optional<String> fault = ProcessInputValidation.fault(call);
            if (fault.isPresent()) {
                throw new Refusal(400, fault.get());
            }
            ProcessIO message = call.getAttachContainerInput().getProcessIo();
            if (message.getType() == ProcessIO.Type.DATA) {
                ByteString data = message.getData().getData();
                if (data.isEmpty()) {
                    input.finish();
                } else {
                    input.data(data);
                }
            } else if (message.getControl().getType() == ProcessIO.Control.Type.TTY_INFO) {
                TTYInfo.WindowSize size = message.getControl().getTtyInfo().getWindowSize();
                input.resize(WindowSize.of(size.getRows(), size.getColumns()));
            }
        }
    }
}
