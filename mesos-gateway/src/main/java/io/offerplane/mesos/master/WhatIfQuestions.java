package io.offerplane.mesos.master;

import com.fasterxml.jackson.core.JsonGenerator;
import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineGate;
import io.offerplane.engine.WhatIf;
import io.offerplane.engine.WhatIfReport;
import io.offerplane.engine.offer.Rejection;
import io.offerplane.mesos.http.Answer;
import io.offerplane.mesos.http.Exchange;
import io.offerplane.mesos.http.RequestTarget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code POST /what-if}: what would be offered to whom if one thing were different. Mesos has nothing of the kind. The change is made on a
 * copy, and never carried out.
 *
 * <p>Costs the engine's thread a snapshot and a renderer two cycles, so one is answered at a time.
 */
final class WhatIfQuestions {
    private static final Logger log = LoggerFactory.getLogger(WhatIfQuestions.class);

    private final EngineGate gate;
    private final ExecutorService renderers;
    private final AtomicBoolean busy = new AtomicBoolean();

    WhatIfQuestions(EngineGate gate, ExecutorService renderers) {
        this.gate = gate;
        this.renderers = renderers;
    }

    void handle(Exchange exchange) {
        if (!exchange.method().equals("POST")) {
            exchange.respond(Answer.methodNotAllowed(exchange.method(), "POST"));
            return;
        }
        WhatIfChange change;
        try {
            change = WhatIfChange.of(
                    RequestTarget.parameters(new String(exchange.body(), StandardCharsets.UTF_8)), gate.now());
        } catch (WhatIfChange.UnclearChange e) {
            exchange.respond(Answer.text(400, e.getMessage() + "\n"));
            return;
        }
        if (busy.get()) {
            exchange.respond(anotherFirst());
        } else if (!gate.whatIf(copy -> handOver(exchange, copy, change))) {
            exchange.respond(Answer.busy());
        }
    }

    private static Answer anotherFirst() {
        return Answer.text(503, "Another question is being answered. Try again shortly.");
    }

    /** On the engine's thread, if that gets to it: a term may end before, so nothing is taken until here. */
    private void handOver(Exchange exchange, WhatIf copy, WhatIfChange change) {
        if (!busy.compareAndSet(false, true)) {
            exchange.respond(anotherFirst());
            return;
        }
        try {
            renderers.execute(() -> {
                Answer answer = answer(copy, change);
                // Whoever has its answer may ask the next.
                busy.set(false);
                exchange.respond(answer);
            });
        } catch (RejectedExecutionException e) {
            busy.set(false);
            exchange.respond(
                    Answer.text(503, "The master is busy with other requests of this kind. Try again shortly."));
        }
    }

    private static Answer answer(WhatIf copy, WhatIfChange change) {
        try {
            WhatIfReport report = copy.report(change.command());
            return Answer.json(StateJson.bytes(json -> write(report, json)));
        } catch (RuntimeException e) {
            log.error("what if {}: failed", change.command(), e);
            return Answer.text(500, "500 Internal Server Error.");
        }
    }

    private static void write(WhatIfReport report, JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeBooleanField("possible", !(report.answer() instanceof Decision.Answer.Refused));
        json.writeStringField("text", report.text());
        json.writeArrayFieldStart("differences");
        for (WhatIfReport.Difference difference : report.differences()) {
            json.writeStartObject();
            json.writeStringField("framework_id", difference.framework().value());
            json.writeStringField("role", difference.role().value());
            share("as_it_is", difference.asItIs(), json);
            share("changed", difference.changed(), json);
            json.writeEndObject();
        }
        json.writeEndArray();
        rejections("rejections_gone", report.gone(), json);
        rejections("rejections_added", report.added(), json);
        json.writeEndObject();
    }

    private static void share(String name, WhatIfReport.Share share, JsonGenerator json) throws IOException {
        json.writeObjectFieldStart(name);
        json.writeStringField("resources", share.resources().toString());
        json.writeArrayFieldStart("agents");
        for (String agent : share.agents()) {
            json.writeString(agent);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void rejections(String name, List<Rejection> rejections, JsonGenerator json) throws IOException {
        json.writeArrayFieldStart(name);
        for (Rejection rejection : rejections) {
            json.writeStartObject();
            json.writeStringField("framework_id", rejection.frameworkId().value());
            json.writeStringField("role", rejection.role().value());
            json.writeStringField("agent_id", rejection.agentId().value());
            json.writeStringField("reason", rejection.reason().name());
            json.writeStringField("detail", rejection.detail());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
