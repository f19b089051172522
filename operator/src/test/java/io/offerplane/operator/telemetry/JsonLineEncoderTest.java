package io.offerplane.operator.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class JsonLineEncoderTest {
    private static JsonNode encode(LoggingEvent event) throws Exception {
        String line = new String(new JsonLineEncoder().encode(event), StandardCharsets.UTF_8);
        assertThat(line).endsWith("\n");
        assertThat(line.strip()).doesNotContain("\n");
        return new ObjectMapper().readTree(line);
    }

    private static LoggingEvent event(String message, Throwable thrown) {
        LoggerContext context = new LoggerContext();
        LoggingEvent event =
                new LoggingEvent("", context.getLogger("io.offerplane.Some"), Level.INFO, message, thrown, null);
        event.setMDCPropertyMap(Map.of("framework", "f1"));
        event.setThreadName("engine");
        return event;
    }

    @Test
    void lineHasTheFixedFieldsThenTheContext() throws Exception {
        LoggingEvent event = event("An agent has registered", null);
        event.addKeyValuePair(new KeyValuePair("agent", "a1"));

        JsonNode line = encode(event);

        assertThat(line.fieldNames())
                .toIterable()
                .containsExactly("time", "level", "logger", "msg", "thread", "agent", "framework");
        assertThat(line.path("agent").asText()).isEqualTo("a1");
        assertThat(line.path("msg").asText()).isEqualTo("An agent has registered");
    }

    @Test
    void exceptionAndLineFeedsStayOnOneLine() throws Exception {
        JsonNode line = encode(event("two\nlines \"quoted\"", new IllegalStateException("broken")));

        assertThat(line.path("msg").asText()).isEqualTo("two\nlines \"quoted\"");
        assertThat(line.path("error").asText()).contains("java.lang.IllegalStateException: broken");
    }
}
