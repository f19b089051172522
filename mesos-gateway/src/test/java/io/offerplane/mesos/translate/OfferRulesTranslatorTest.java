package io.offerplane.mesos.translate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.TextFormat;
import io.offerplane.engine.agent.AgentSpec;
import io.offerplane.engine.agent.Attribute;
import io.offerplane.engine.framework.OfferRules;
import io.offerplane.engine.role.RolePath;
import java.util.List;
import java.util.Optional;
import org.apache.mesos.v1.Protos;
import org.apache.mesos.v1.scheduler.Protos.OfferConstraints;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OfferRulesTranslatorTest {
    private static final RolePath ROLE = new RolePath("r");
    private static final AgentSpec AGENT = new AgentSpec(
            "node-1.example",
            "10.0.0.1",
            5051,
            "node-1",
            "default",
            List.of(Attribute.text("rack", "a"), new Attribute("level", new Attribute.Value.Scalar(3))),
            Optional.empty(),
            "1.0.0");

    private static OfferRules rules(String constraint) throws Exception {
        OfferConstraints message = TextFormat.parse(
                "role_constraints {key: 'r' value {groups {attribute_constraints {" + constraint + "}}}}",
                OfferConstraints.class);
        return OfferRulesTranslator.with(OfferRules.NONE, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    selector {attribute_name: 'rack'} predicate {text_equals {value: 'a'}} | true
                    selector {attribute_name: 'rack'} predicate {text_equals {value: 'b'}} | false
                    selector {attribute_name: 'rack'} predicate {text_not_equals {value: 'b'}} | true
                    selector {attribute_name: 'none'} predicate {text_not_equals {value: 'b'}} | true
                    selector {attribute_name: 'none'} predicate {text_equals {value: 'b'}} | false
                    selector {attribute_name: 'level'} predicate {text_equals {value: 'b'}} | true
                    selector {attribute_name: 'level'} predicate {text_not_matches {regex: '.*'}} | true
                    selector {attribute_name: 'rack'} predicate {exists {}} | true
                    selector {attribute_name: 'rack'} predicate {not_exists {}} | false
                    selector {pseudoattribute_type: HOSTNAME} predicate {text_matches {regex: 'node-[0-9]+.example'}} | true
                    selector {pseudoattribute_type: HOSTNAME} predicate {text_matches {regex: 'node'}} | false
                    selector {pseudoattribute_type: HOSTNAME} predicate {text_not_matches {regex: 'node'}} | true
                    selector {pseudoattribute_type: REGION} predicate {not_exists {}} | true
                    selector {pseudoattribute_type: ZONE} predicate {exists {}} | false
                    """)
    void agentsMeetConstraintsAsInMesos(String constraint, boolean met) throws Exception {
        OfferRules rules = rules(constraint);
        assertThat(rules.allow(ROLE, AGENT)).isEqualTo(met);
        assertThat(rules.allow(new RolePath("other"), AGENT)).isTrue();
        assertThat(OfferRulesTranslator.constraints(rules).getRoleConstraintsCount())
                .isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    role_constraints {key: 'r' value {}} | 'OfferConstraints::role_constraints' has an empty 'RoleConstraints::groups' for role r
                    role_constraints {key: 'r' value {groups {}}} | 'OfferConstraints::RoleConstraints::groups' for role rcontains an empty RoleConstraints::Group
                    role_constraints {key: 'r' value {groups {attribute_constraints {selector {attribute_name: 'a'} predicate {text_matches {regex: '('}}}}}} | A role r has an invalid 'AttributeConstraint': Failed to construct regex from pattern '(': missing ): (
                    """)
    void saysInMesosWordsWhatCannotBe(String constraints, String fault) throws Exception {
        OfferConstraints message = TextFormat.parse(constraints.replace("\u00a6", "|"), OfferConstraints.class);
        assertThatThrownBy(() -> OfferRulesTranslator.with(OfferRules.NONE, message))
                .hasMessage(fault);
    }

    @Test
    void anExpressionThatWouldTakeForeverElsewhereIsAnsweredAtOnce() throws Exception {
        OfferRules rules =
                rules("selector {pseudoattribute_type: HOSTNAME} predicate {text_matches {regex: '(.*.*)*.*x'}}");
        assertThat(rules.allow(ROLE, AGENT)).isFalse();
    }

    @Test
    void filtersBecomeMinimums() throws Exception {
        Protos.FrameworkInfo info = TextFormat.parse(
                "user: 'u' name: 'n' offer_filters {key: '*' value {min_allocatable_resources {quantities {quantities"
                        + " {key: 'cpus' value {value: 2}}}}}}",
                Protos.FrameworkInfo.class);
        assertThat(FrameworkTranslator.fault(info, List.of())).isEmpty();
        assertThat(FrameworkTranslator.fromProto(info, Optional.empty())
                        .offerRules()
                        .minimum(RolePath.DEFAULT)
                        .orElseThrow()
                        .getFirst()
                        .milli("cpus"))
                .isEqualTo(2000);
        Protos.FrameworkInfo negative = TextFormat.parse(
                TextFormat.printer().printToString(info).replace("2.0", "-2.0"), Protos.FrameworkInfo.class);
        assertThat(FrameworkTranslator.fault(negative, List.of()))
                .contains("Invalid resource quantity for 'cpus': Negative values not supported");
    }
}
