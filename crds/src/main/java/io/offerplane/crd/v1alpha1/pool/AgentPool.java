package io.offerplane.crd.v1alpha1.pool;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.offerplane.crd.v1alpha1.common.ApiGroup;

/** Which nodes are offered, and how much of each. */
@JsonClassDescription(
        "Which nodes are offered, and how much of each. On every node that it selects, a claim pod books the node's share with Kubernetes and an agent shim runs the tasks.")
@JsonIgnoreProperties(ignoreUnknown = true)
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Kind("AgentPool")
@Plural("agentpools")
@Singular("agentpool")
@ShortNames("oppool")
@AdditionalPrinterColumn(
        name = "Agents",
        jsonPath = ".status.agents.desired",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.agents.ready", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "CPU", jsonPath = ".status.display.cpu", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Memory",
        jsonPath = ".status.display.memory",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Offering",
        jsonPath = ".status.conditions[?(@.type==\"Offering\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Draining",
        jsonPath = ".status.agents.draining",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Drift",
        jsonPath = ".status.display.drift",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
public final class AgentPool extends CustomResource<AgentPoolSpec, AgentPoolStatus> {}
