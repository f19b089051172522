package io.offerplane.shim.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts of requests, and of the kernel. */
class SmallPartsTest {

    @Test
    void timeSpansAreANumberAndAUnit() {
        assertThat(DurationText.parse("5secs")).contains(Duration.ofSeconds(5));
        assertThat(DurationText.parse("1.5hrs")).contains(Duration.ofMinutes(90));
        assertThat(DurationText.parse("250ms")).contains(Duration.ofMillis(250));
        assertThat(DurationText.parse("2weeks")).contains(Duration.ofDays(14));
        for (String wrong :
                List.of("", "5", "secs", "5 secs", "5sec", "1e3secs", "999999999999weeks", "9".repeat(40))) {
            assertThat(DurationText.parse(wrong)).as(wrong).isEmpty();
        }
        assertThat(DurationText.of(Duration.ofDays(7))).isEqualTo("1weeks");
        assertThat(DurationText.of(Duration.ofSeconds(90))).isEqualTo("90secs");
        assertThat(DurationText.of(Duration.ZERO)).isEqualTo("0ns");
    }

    @Test
    void queriesAreUnescapedAndCallbacksAreNames() {
        Query query = Query.of("path=%2Fa%20b&empty=&flag&jsonp=jQuery12._x$");
        assertThat(query.get("path")).contains("/a b");
        assertThat(query.get("empty")).contains("");
        assertThat(query.get("flag")).isEmpty();
        assertThat(query.callback()).contains("jQuery12._x$");
        assertThat(Query.of("jsonp=alert(1)//").callback()).isEmpty();
        assertThat(Query.of(null).parameters()).isEmpty();
        assertThatThrownBy(() -> Query.of("path=%zz")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void withACallbackJsonIsACallOfIt() {
        byte[] body = "{}".getBytes(StandardCharsets.UTF_8);
        Answer plain = Answer.json(Query.of(null), body);
        assertThat(plain.contentType()).contains("application/json");
        Answer call = Answer.json(Query.of("jsonp=f"), body);
        assertThat(call.contentType()).contains("text/javascript");
        assertThat(call.body()).asString().isEqualTo("f({});");
    }

    @Test
    void jsonIsPreferredWhereTheClientTakesIt() {
        assertThat(MediaType.acceptable(List.of())).contains(MediaType.JSON);
        assertThat(MediaType.acceptable(List.of("application/x-protobuf, application/json;q=0.1")))
                .contains(MediaType.JSON);
        assertThat(MediaType.acceptable(List.of("*/*"))).contains(MediaType.JSON);
        assertThat(MediaType.acceptable(List.of("application/json;q=0, application/*")))
                .contains(MediaType.JSON);
        assertThat(MediaType.acceptable(List.of("text/html", "application/x-protobuf")))
                .contains(MediaType.PROTOBUF);
        assertThat(MediaType.acceptable(List.of("application/json;q=0.0"))).isEmpty();
        assertThat(MediaType.acceptable(List.of("text/html"))).isEmpty();
        assertThat(MediaType.ofContentType("Application/JSON; charset=utf-8")).contains(MediaType.JSON);
        assertThat(MediaType.ofContentType("text/plain")).isEmpty();
    }

    @Test
    void theNodesLoadAndMemoryAreTheKernels(@TempDir Path proc) throws IOException {
        Files.writeString(proc.resolve("loadavg"), "0.50 0.25 0.10 1/100 4711\n");
        Files.writeString(proc.resolve("meminfo"), "MemTotal:       2048 kB\nMemFree:         1024 kB\nCached: 3 kB\n");
        SystemFigures system = new SystemFigures(proc);
        assertThat(system.values())
                .containsEntry("load_1min", 0.5)
                .containsEntry("load_15min", 0.1)
                .containsEntry("mem_total_bytes", 2097152.0)
                .containsEntry("mem_free_bytes", 1048576.0);
        assertThat(system.page()).asString().contains("\"avg_load_5min\":0.25").contains("\"cpus_total\":");
        assertThat(new SystemFigures(proc.resolve("absent")).values()).containsOnlyKeys("cpus_total");
    }
}
