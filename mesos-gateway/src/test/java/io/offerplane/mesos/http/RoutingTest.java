package io.offerplane.mesos.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RoutingTest {
    private final Router router = new Router(
            Map.of(
                    "/master/state", exchange -> {},
                    "/master/api/v1", exchange -> {},
                    "/master/api/v1/scheduler", exchange -> {},
                    "/master/redirect", exchange -> {},
                    "/metrics/snapshot", exchange -> {}),
            Set.of("/master/redirect"));

    @ParameterizedTest
    @CsvSource({
        "/state, /master/state",
        "/master/state, /master/state",
        "/state/, /master/state",
        "//state, /master/state",
        "/api/v1/scheduler, /master/api/v1/scheduler",
        "/master/api/v1/scheduler, /master/api/v1/scheduler",
        "/api/v1/operator, /master/api/v1/operator",
        "/%73tate, /master/state",
        "http://host:5050/api/v1/scheduler?x=1, /master/api/v1/scheduler",
        "/metrics/snapshot?timeout=5secs, /metrics/snapshot",
        "/redirect, /master/redirect",
    })
    void findsTheLongestPrefixBelowAProcessOrTheMaster(String target, String routed) {
        assertThat(RequestTarget.parse(target).flatMap(router::route).map(Router.Match::path))
                .contains(routed);
    }

    @ParameterizedTest
    @CsvSource({
        "/",
        "/nothing",
        "/master",
        "/redirect/x",
        "/metrics",
        "/state/../state",
        "/%2e%2e/state",
        "/%zz",
        "/%2",
        "http://host"
    })
    void findsNothingElse(String target) {
        assertThat(RequestTarget.parse(target).flatMap(router::route)).isEmpty();
    }

    @Test
    void readsQueriesAndForms() {
        assertThat(RequestTarget.parse("/tasks?a=1&b=x%20y+z&c&=d&a=2")
                        .orElseThrow()
                        .query())
                .isEqualTo(Map.of("a", "2", "b", "x y z", "c", "", "", "d"));
        assertThat(RequestTarget.parameters("frameworkId=a%2Fb%")).isEqualTo(Map.of("frameworkId", "a%2Fb%"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    application/json | JSON
                    application/x-protobuf | PROTOBUF
                    */* | JSON
                    application/* | JSON
                    text/html, application/x-protobuf | PROTOBUF
                    application/json;q=0, application/x-protobuf | PROTOBUF
                    application/x-protobuf;q=0.9 | PROTOBUF
                    APPLICATION/JSON | JSON
                    """)
    void prefersJsonWhereTheClientAllowsIt(String accept, MediaType answered) {
        assertThat(MediaType.acceptable(List.of(accept))).contains(answered);
    }

    @Test
    void hasNothingForClientsThatAllowNeither() {
        assertThat(MediaType.acceptable(List.of("text/html", "application/json;q=0.0")))
                .isEmpty();
        assertThat(MediaType.acceptable(List.of())).isEqualTo(Optional.of(MediaType.JSON));
        assertThat(MediaType.acceptable(List.of("application/x-protobuf", "application/x-protobuf")))
                .contains(MediaType.PROTOBUF);
    }
}
