package io.offerplane.operator.queueimport;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.offerplane.crd.v1alpha1.queue.Queue;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/** Queues as YAML for {@code kubectl apply}, with what there is to remark in front of each. */
final class QueueManifest {
    private static final int LONGEST_NAME = 253;

    private QueueManifest() {}

    static String of(QueueImport queues) {
        StringBuilder yaml = new StringBuilder();
        KubernetesSerialization serialization = new KubernetesSerialization();
        queues.remarks().forEach(remark -> comment(yaml, remark));
        Set<String> names = new HashSet<>();
        for (QueueImport.Imported imported : queues.queues()) {
            yaml.append("---\n");
            imported.remarks().forEach(remark -> comment(yaml, remark));
            Queue queue = new Queue();
            queue.setMetadata(new ObjectMetaBuilder()
                    .withName(name(imported.spec().path(), names))
                    .build());
            queue.setSpec(imported.spec());
            yaml.append(serialization.asYaml(queue).replaceFirst("^---\\R", ""));
        }
        return yaml.toString();
    }

    // Whatever a file has for line ends, a remark must not become an object.
    private static void comment(StringBuilder yaml, String remark) {
        yaml.append("# ")
                .append(remark.replaceAll("[\\p{Cntrl}\u2028\u2029]+", " "))
                .append('\n');
    }

    // As an object's name has to be; two paths may differ by case alone, names may not.
    private static String name(String path, Set<String> taken) {
        String plain = path.substring(path.indexOf('.') + 1)
                .toLowerCase(Locale.ROOT)
                .replace('_', '-')
                .replace('.', '-')
                .replaceAll("^-+|-+$", "");
        String base = plain.isEmpty() ? "queue" : plain.substring(0, Math.min(plain.length(), LONGEST_NAME - 8));
        String name = base.endsWith("-") ? base + "q" : base;
        for (int n = 2; !taken.add(name); n++) {
            name = base + "-" + n;
        }
        return name;
    }
}
