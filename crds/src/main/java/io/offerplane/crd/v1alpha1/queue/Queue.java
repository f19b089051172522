package io.offerplane.crd.v1alpha1.queue;

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

/** One node of the tree that shares are counted in; Mesos clients know it as a role. */
@JsonClassDescription("One node of the tree that shares are counted in. Mesos clients know it as a role.")
@JsonIgnoreProperties(ignoreUnknown = true)
@Group(ApiGroup.NAME)
@Version(ApiGroup.VERSION)
@Kind("Queue")
@Plural("queues")
@Singular("queue")
@ShortNames("opq")
@AdditionalPrinterColumn(name = "Path", jsonPath = ".spec.path", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Weight", jsonPath = ".spec.weight", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Used", jsonPath = ".status.display.used", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Share",
        jsonPath = ".status.share.dominant",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(name = "Fair", jsonPath = ".status.share.fair", type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Frameworks",
        jsonPath = ".status.counts.frameworks",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Tasks",
        jsonPath = ".status.counts.runningTasks",
        type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
        name = "Ready",
        jsonPath = ".status.conditions[?(@.type==\"Ready\")].status",
        type = AdditionalPrinterColumn.Type.STRING)
@AdditionalPrinterColumn(
        name = "Age",
        jsonPath = ".metadata.creationTimestamp",
        type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(
        name = "Role",
        jsonPath = ".status.role",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Offered",
        jsonPath = ".status.display.offered",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Guarantee",
        jsonPath = ".status.display.guarantee",
        type = AdditionalPrinterColumn.Type.STRING,
        priority = 1)
@AdditionalPrinterColumn(
        name = "Limit",
        jsonPath = ".status.display.limit",
        type = AdditionalPrinterColumn.Type.STRING,
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
public final class Queue extends CustomResource<QueueSpec, QueueStatus> {}
