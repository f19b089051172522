package io.offerplane.e2e.client;

import static io.offerplane.e2e.Eventually.eventually;

import io.offerplane.e2e.cluster.CommandLine;
import io.offerplane.e2e.install.OfferplaneInstallation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Hadoop's own clients 3.4.2, unchanged, in a pod of the cluster, and an HDFS for them to share with what they run. All that the clients are told of YARN
 * is the configuration which the chart generates.
 */
public final class HadoopClients {
    /** What {@code fs.defaultFS} has to be for these clients. */
    public static final String FILE_SYSTEM =
            "hdfs://hdfs." + OfferplaneInstallation.NAMESPACE + ".svc.cluster.local:8020";

    private static final String LIBRARY = "/opt/hadoop-clients";
    private static final Duration SOON = Duration.ofMinutes(3);

    private final OfferplaneInstallation offerplane;

    /**
     * Hadoop on this installation; {@link #start} comes first.
     *
     * @param offerplane with YARN enabled, and images of which {@code hadoop-clients} is one
     */
    public HadoopClients(OfferplaneInstallation offerplane) {
        this.offerplane = offerplane;
    }

    /** Starts HDFS, with the folders that an administrator makes, and the pod of the clients. */
    public void start() {
        offerplane.apply(HDFS);
        awaitRunning("hdfs");
        eventually("HDFS takes files", SOON, () -> {
            CommandLine.Outcome made =
                    fileSystem("-mkdir", "-p", "/user/root", "/tmp").run();
            if (made.exitCode() != 0) {
                throw new AssertionError(made.err());
            }
        });
        fileSystem("-chmod", "1777", "/tmp").output();
        offerplane.apply(CLIENT);
        awaitRunning("hadoop-client");
    }

    /** Takes both pods away again, with all that is in HDFS. */
    public void stop() {
        for (String pod : List.of("hadoop-client", "hdfs")) {
            offerplane.kubectl("delete", "pod", pod, "--ignore-not-found", "--grace-period=1", "--wait=false");
        }
        offerplane.delete("service", "hdfs");
    }

    /** distributedshell, with these arguments. */
    public CommandLine distributedShell(String... arguments) {
        return java(
                        "org.apache.hadoop.yarn.applications.distributedshell.Client",
                        "-jar",
                        jar("hadoop-yarn-applications-distributedshell"))
                .and(arguments);
    }

    /** One of MapReduce's examples. */
    public CommandLine mapReduceExample(String... arguments) {
        return java("org.apache.hadoop.util.RunJar", jar("hadoop-mapreduce-examples"))
                .and(arguments);
    }

    /**
     * {@code spark-submit} of PySpark's own example of this name, on YARN.
     *
     * @param mode where the driver runs: {@code client} or {@code cluster}
     */
    public CommandLine pySparkExample(String mode, String example, String... arguments) {
        // Executors call the driver back, and the name of a pod is known to itself alone.
        String submit = """
                export SPARK_HOME=/opt/pyspark/pyspark PYTHONPATH=/opt/pyspark HADOOP_CONF_DIR=/etc/hadoop
                mode=$1 example=$2; shift 2
                [ $mode = cluster ] || host="--conf spark.driver.host=$(hostname -i)"
                exec $SPARK_HOME/bin/spark-submit --master yarn --deploy-mode $mode $host --num-executors 2 \
                  --driver-memory 512m --executor-memory 512m $SPARK_HOME/examples/src/main/python/$example.py "$@"
                """;
        return offerplane
                .cluster()
                .kubectl("exec", "--namespace", OfferplaneInstallation.NAMESPACE, "hadoop-client", "--")
                .and("bash", "-c", submit, "submit", mode, example)
                .and(arguments)
                .within(Duration.ofMinutes(5));
    }

    /** {@code yarn} with one of its commands: application, node, queue, logs and so on. */
    public CommandLine yarn(String command, String... arguments) {
        String main =
                switch (command) {
                    case "application", "applicationattempt", "container" ->
                        "org.apache.hadoop.yarn.client.cli.ApplicationCLI";
                    case "node" -> "org.apache.hadoop.yarn.client.cli.NodeCLI";
                    case "queue" -> "org.apache.hadoop.yarn.client.cli.QueueCLI";
                    case "logs" -> "org.apache.hadoop.yarn.client.cli.LogsCLI";
                    default -> throw new IllegalArgumentException(command + " is none of yarn's commands known here");
                };
        List<String> words = new ArrayList<>();
        if (main.endsWith("ApplicationCLI")) {
            words.add(command);
        }
        words.addAll(List.of(arguments));
        return java(main).and(words.toArray(String[]::new));
    }

    /** {@code hdfs dfs}, from beside the name node. */
    public CommandLine fileSystem(String... arguments) {
        return in("hdfs", "HADOOP_CONF_DIR=/conf", "/conf", "org.apache.hadoop.fs.FsShell")
                .and(arguments);
    }

    /** Writes a small file of text into HDFS. */
    public void writeFile(String path, String text) {
        offerplane
                .cluster()
                .kubectl("exec", "--namespace", OfferplaneInstallation.NAMESPACE, "hdfs", "--")
                .and("bash", "-c")
                .and("printf %s \"$1\" | HADOOP_CONF_DIR=/conf java -Xmx128m -cp '/conf:" + LIBRARY
                        + "/*' org.apache.hadoop.fs.FsShell -put -f - \"$2\"")
                .and("write", text, path)
                .output();
    }

    private CommandLine java(String... words) {
        return in("hadoop-client", "HADOOP_CONF_DIR=/etc/hadoop", "/etc/hadoop", words);
    }

    private CommandLine in(String pod, String variable, String configuration, String... words) {
        return offerplane
                .cluster()
                .kubectl("exec", "--namespace", OfferplaneInstallation.NAMESPACE, pod, "--", "env", variable)
                .and("java", "-Xmx384m", "-cp", configuration + ":" + LIBRARY + "/*")
                .and(words)
                .within(Duration.ofMinutes(5));
    }

    private static String jar(String artifact) {
        return LIBRARY + "/" + artifact + "-3.4.2.jar";
    }

    private void awaitRunning(String pod) {
        offerplane.kubectl("wait", "pod", pod, "--for=condition=Ready", "--timeout=180s");
    }

    // One pod is both name node and data node, as a small cluster's own would be, with nothing but its address to be
    // found by.
    private static final String HDFS = """
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: hdfs}
            data:
              core-site.xml: |
                <configuration>
                  <property><name>fs.defaultFS</name><value>%1$s</value></property>
                </configuration>
              hdfs-site.xml: |
                <configuration>
                  <property><name>dfs.replication</name><value>1</value></property>
                  <property><name>dfs.namenode.name.dir</name><value>/data/name</value></property>
                  <property><name>dfs.datanode.data.dir</name><value>/data/blocks</value></property>
                  <property><name>dfs.namenode.rpc-bind-host</name><value>0.0.0.0</value></property>
                  <property><name>dfs.namenode.datanode.registration.ip-hostname-check</name><value>false</value></property>
                </configuration>
              log4j.properties: |
                log4j.rootLogger=INFO, stderr
                log4j.appender.stderr=org.apache.log4j.ConsoleAppender
                log4j.appender.stderr.target=System.err
                log4j.appender.stderr.layout=org.apache.log4j.PatternLayout
                log4j.appender.stderr.layout.ConversionPattern=%%d{ISO8601} %%p %%c{1}: %%m%%n
            ---
            apiVersion: v1
            kind: Service
            metadata: {name: hdfs}
            spec:
              clusterIP: None
              publishNotReadyAddresses: true
              selector: {app: hdfs}
              ports: [{name: rpc, port: 8020}]
            ---
            apiVersion: v1
            kind: Pod
            metadata: {name: hdfs, labels: {app: hdfs}}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: hdfs
                  image: docker.io/offerplane/hadoop-clients:dev
                  imagePullPolicy: Never
                  env: [{name: HADOOP_CONF_DIR, value: /conf}]
                  command: [bash, -c]
                  args:
                    - |
                      # Where the web servers' pages would be, which Hadoop's jars don't have.
                      mkdir -p /data/web/webapps/{hdfs,datanode}
                      run() { java -Xmx160m -cp '/conf:/data/web:%2$s/*' "$@"; }
                      run org.apache.hadoop.hdfs.server.namenode.NameNode -format -force || exit
                      run org.apache.hadoop.hdfs.server.namenode.NameNode &
                      run org.apache.hadoop.hdfs.server.datanode.DataNode &
                      wait -n
                  readinessProbe: {tcpSocket: {port: 8020}, periodSeconds: 1}
                  volumeMounts:
                    - {name: conf, mountPath: /conf}
                    - {name: data, mountPath: /data}
              volumes:
                - {name: conf, configMap: {name: hdfs}}
                - {name: data, emptyDir: {}}
            """.formatted(FILE_SYSTEM, LIBRARY);

    private static final String CLIENT = """
            apiVersion: v1
            kind: Pod
            metadata: {name: hadoop-client}
            spec:
              terminationGracePeriodSeconds: 1
              containers:
                - name: client
                  image: docker.io/offerplane/hadoop-clients:dev
                  imagePullPolicy: Never
                  command: [sleep, infinity]
                  volumeMounts: [{name: conf, mountPath: /etc/hadoop}]
              volumes:
                - {name: conf, configMap: {name: %s-yarn-client}}
            """.formatted(OfferplaneInstallation.RELEASE);
}
