package io.offerplane.operator.queueimport;

import io.offerplane.crd.v1alpha1.queue.QueueSpec;
import java.util.List;

/**
 * What a scheduler's file comes to.
 *
 * @param queues parents before their children; the root is not among them
 * @param remarks what holds for the whole file and has no equivalent
 */
record QueueImport(List<Imported> queues, List<String> remarks) {
    QueueImport {
        queues = List.copyOf(queues);
        remarks = List.copyOf(remarks);
    }

    /**
     * One queue.
     *
     * @param remarks what the file says of it that has no equivalent, or another one than a reader may expect
     */
    record Imported(QueueSpec spec, List<String> remarks) {
        Imported {
            remarks = List.copyOf(remarks);
        }
    }
}
