package io.offerplane.crd.v1alpha1.framework;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;
import io.offerplane.crd.v1alpha1.common.ApiGroup;

/** One client that schedules tasks through offers, such as a Mesos framework. */
@JsonClassDescription(
        "One client that schedules tasks through offers, such as a Mesos framework. Made by a user to set its bounds, or by the operator when an undeclared client subscribes.")
@JsonIgnoreProperties(ignoreUnknown = true)
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Kind("Framework")
@Plural("frameworks")
@Singular("framework")
@ShortNames("opfw")
@AdditionalPrinterColumn(name = "Protocol", jsonPath = ".spec.protocol", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Queues",
        jsonPath = ".status.display.queues",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Connected",
        jsonPath = ".status.conditions[?(@.type==\"Connected\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Offered",
        jsonPath = ".status.conditions[?(@.type==\"Offered\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Tasks", jsonPath = ".status.tasks.active", type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "CPU", jsonPath = ".status.display.cpu", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Memory",
        jsonPath = ".status.display.memory",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Framework-ID",
        jsonPath = ".status.frameworkId",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Client",
        jsonPath = ".status.client.name",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Offers",
        jsonPath = ".status.offers.outstanding",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Failovers",
        jsonPath = ".status.failovers",
        type = AdditionalPrinterColumn.Type.INTEGER,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Reason",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Waiting",
        jsonPath = ".status.waiting.message",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
public final class Framework extends CustomResource<FrameworkSpec, FrameworkStatus> implements Namespaced {}
