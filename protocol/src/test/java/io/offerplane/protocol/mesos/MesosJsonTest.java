package io.offerplane.protocol.mesos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.Call;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts of faults are those that a Mesos 1.11.0 master answered to the same bodies. */
class MesosJsonTest {
    @Test
    void printsDefaultsOfSingularFieldsUnlessDeprecated() {
        Protos.FrameworkInfo info =
                Protos.FrameworkInfo.newBuilder().setUser("u").setName("n").build();
        assertThat(json(info))
                .isEqualTo("{\"user\":\"u\",\"name\":\"n\",\"failover_timeout\":0.0,\"checkpoint\":false}");
        assertThat(json(Protos.CommandInfo.getDefaultInstance())).isEqualTo("{\"shell\":true}");
        assertThat(json(Protos.Filters.getDefaultInstance())).isEqualTo("{\"refuse_seconds\":5.0}");
    }

    @Test
    void printsWholeNumbersBytesEnumsAndMapsAsMesosDoes() {
        Protos.TaskStatus status = Protos.TaskStatus.newBuilder()
                .setTaskId(Protos.TaskID.newBuilder().setValue("t"))
                .setState(Protos.TaskState.TASK_RUNNING)
                .setUuid(ByteString.copyFromUtf8("0123456789abcdef"))
                .setTimestamp(1795307271.967773)
                .setUnreachableTime(Protos.TimeInfo.newBuilder().setNanoseconds(1795307271967773000L))
                .build();
        assertThat(json(status))
                .contains("\"state\":\"TASK_RUNNING\"")
                .contains("\"uuid\":\"MDEyMzQ1Njc4OWFiY2RlZg==\"")
                .contains("\"timestamp\":1795307271.967773")
                .contains("{\"nanoseconds\":1795307271967773000}");
        Protos.TaskInfo.Builder limits = Protos.TaskInfo.newBuilder();
        limits.putLimits(
                "cpus",
                Protos.Value.Scalar.newBuilder()
                        .setValue(Double.POSITIVE_INFINITY)
                        .build());
        assertThat(json(limits.buildPartial())).isEqualTo("{\"limits\":{\"cpus\":{\"value\":\"Infinity\"}}}");
    }

    @Test
    void keepsThePointOfDoublesAndTheirShortestDigits() {
        assertThat(json(scalar(15))).isEqualTo("{\"value\":15.0}");
        assertThat(json(scalar(0.1))).isEqualTo("{\"value\":0.1}");
        assertThat(json(scalar(-0.0))).isEqualTo("{\"value\":0.0}");
        assertThat(json(scalar(1.0e7))).isEqualTo("{\"value\":10000000.0}");
        assertThat(json(scalar(1.0e300))).isEqualTo("{\"value\":1.0E300}");
    }

    @Test
    void readsLeniently() throws MalformedMessageException {
        Call call = call("""
                {"type": "ACCEPT", "unknown": {"deep": [1, {"x": null}]}, "framework_id": {"value": "f"},
                 "subscribe": null,
                 "accept": {"offer_ids": {"value": "o"}, "filters": {"refuse_seconds": "2.5"},
                   "operations": [null, {"type": "LAUNCH", "launch": {"task_infos": [{"name": "n", "slave_id": {"value": "s"},
                     "task_id": {"value": "t"}, "agent_id": {"value": "a"},
                     "command": {"value": "x", "shell": "false"},
                     "limits": {"cpus": {"value": "Infinity"}},
                     "data": "aGk"}]}}]}}
                """);
        assertThat(call.getAccept().getOfferIdsList())
                .extracting(Protos.OfferID::getValue)
                .containsExactly("o");
        assertThat(call.getAccept().getFilters().getRefuseSeconds()).isEqualTo(2.5);
        Protos.TaskInfo task = call.getAccept().getOperations(0).getLaunch().getTaskInfos(0);
        assertThat(task.getCommand().getShell()).isFalse();
        assertThat(task.getData().toStringUtf8()).isEqualTo("hi");
        assertThat(task.getLimitsOrThrow("cpus").getValue()).isPositive().isInfinite();
    }

    @Test
    void leavesAnUnknownNameOfAnOptionalEnumUnset() throws MalformedMessageException {
        assertThat(call("{\"type\":\"FOO\"}").hasType()).isFalse();
    }

    @Test
    void theLastOfARepeatedKeyCounts() throws MalformedMessageException {
        assertThat(call("{\"type\":\"SUBSCRIBE\",\"type\":\"TEARDOWN\"}").getType())
                .isEqualTo(Call.Type.TEARDOWN);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    ``       | syntax error at line 1 near:
                    foo      | syntax error at line 1 near: oo
                    garbage  | syntax error at line 1 near: garbage
                    {"a":}   | syntax error at line 1 near: }
                    {"a":1   | syntax error at line 1 near:
                    {'a':1}  | syntax error at line 1 near: 'a':1}
                    {"a":NaN}| syntax error at line 1 near: NaN}
                    {} x     | Parsed JSON included non-whitespace trailing characters:  x
                    """)
    void saysInMesosWordsWhatIsNoJson(String body, String fault) {
        MalformedMessageException refused = refused(body);
        assertThat(refused.fault()).isEqualTo(MalformedMessageException.Fault.SYNTAX);
        assertThat(refused.text().strip()).isEqualTo(fault.strip());
    }

    @Test
    void badSyntaxComesBeforeBadContent() {
        assertThat(refused("{\"type\":1,\n\"x\":}").text()).isEqualTo("syntax error at line 2 near: }");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    []                      | Expecting a JSON object
                    null                    | Expecting a JSON object
                    {"type":1}              | Not expecting a JSON number for field 'type'
                    {"type":true}           | Not expecting a JSON boolean for field 'type'
                    {"type":["SUBSCRIBE"]}  | Not expecting a JSON array for field 'type'
                    {"type":{}}             | Not expecting a JSON object for field 'type'
                    {"subscribe":5}         | Not expecting a JSON number for field 'subscribe'
                    {"subscribe":"x"}       | Not expecting a JSON string for field 'subscribe'
                    {"subscribe":{}}        | Missing required fields: subscribe.framework_info
                    {"subscribe":{"framework_info":{"user":"u"}}} | Missing required fields: subscribe.framework_info.name
                    {"subscribe":{"framework_info":{"user":"u","name":"x","failover_timeout":"abc"}}} | Failed to parse 'abc' as a JSON number for field 'failover_timeout': syntax error at line 1 near: abc
                    {"subscribe":{"framework_info":{"user":"u","name":"x","checkpoint":"abc"}}} | Failed to parse 'abc' as a JSON boolean for field 'checkpoint': syntax error at line 1 near: abc
                    {"acknowledge":{"agent_id":{"value":"a"},"task_id":{"value":"t"},"uuid":"!!!"}} | Failed to base64 decode bytes field 'uuid': Invalid character '!'
                    {"accept":{"operations":[{"launch":{"task_infos":[{"name":"x"}]}}]}} | Missing required fields: accept.operations[0].launch.task_infos[0].task_id, accept.operations[0].launch.task_infos[0].agent_id
                    {"accept":{"operations":[{"launch":{"task_infos":[{"resources":[{"name":"c","type":"FOO"}]}]}}]}} | Failed to find enum for 'FOO'
                    """)
    void saysInMesosWordsWhatIsNoCall(String body, String fault) {
        MalformedMessageException refused = refused(body);
        assertThat(refused.fault()).isEqualTo(MalformedMessageException.Fault.CONTENT);
        assertThat(refused.text()).isEqualTo(fault);
    }

    @Test
    void refusesWholeNumbersThatTheirFieldCannotHold() {
        String kill =
                "{\"kill\":{\"task_id\":{\"value\":\"t\"},\"kill_policy\":{\"grace_period\":{\"nanoseconds\":%s}}}}";
        assertThat(refused(kill.formatted("9223372036854775808")).text())
                .contains("out of range for field 'nanoseconds'");
        assertThat(refused(kill.formatted("1e1000000000")).text()).contains("out of range for field 'nanoseconds'");
        assertThat(refused(kill.formatted("\"1e999999999\"")).text()).contains("out of range");
    }

    @Test
    void refusesTenMegabytesOfOpenBracketsAtOnce() {
        byte[] body = "[".repeat(10_000_000).getBytes(StandardCharsets.US_ASCII);
        long start = CpuTime.nanos();
        MalformedMessageException refused = catchThrowableOfType(
                MalformedMessageException.class, () -> MesosJsonReader.merge(body, Call.newBuilder()));
        Duration took = Duration.ofNanos(CpuTime.nanos() - start);
        assertThat(refused.fault()).isEqualTo(MalformedMessageException.Fault.SYNTAX);
        assertThat(took).isLessThan(Duration.ofSeconds(2));
        byte[] objects = "{\"a\":".repeat(2_000_000).getBytes(StandardCharsets.US_ASCII);
        assertThat(catchThrowableOfType(
                                MalformedMessageException.class,
                                () -> MesosJsonReader.merge(objects, Call.newBuilder()))
                        .fault())
                .isEqualTo(MalformedMessageException.Fault.SYNTAX);
    }

    @Test
    void readsAsDeepAsMesosAndNoDeeper() throws MalformedMessageException {
        assertThat(call(nested(MesosJsonReader.MAX_DEPTH - 1)).hasType()).isFalse();
        assertThat(refused(nested(MesosJsonReader.MAX_DEPTH + 1)).fault())
                .isEqualTo(MalformedMessageException.Fault.SYNTAX);
    }

    private static String nested(int depth) {
        return "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
    }

    private static Protos.Value.Scalar scalar(double value) {
        return Protos.Value.Scalar.newBuilder().setValue(value).build();
    }

    private static String json(com.google.protobuf.Message message) {
        return new String(MesosJsonWriter.toBytes(message), StandardCharsets.UTF_8);
    }

    private static Call call(String body) throws MalformedMessageException {
        Call.Builder builder = Call.newBuilder();
        MesosJsonReader.merge(body.getBytes(StandardCharsets.UTF_8), builder);
        return builder.build();
    }

    private static MalformedMessageException refused(String body) {
        return catchThrowableOfType(MalformedMessageException.class, () -> call(body));
    }
}
