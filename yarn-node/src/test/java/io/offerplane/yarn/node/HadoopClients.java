package io.offerplane.yarn.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.yarn.conf.YarnConfiguration;

/**
 * Hadoop's clients 3.4.2, unchanged from their own packages, each in a JVM of its own, with the configuration files that a user would
 * have.
 */
final class HadoopClients {
    /** What a client did. */
    record Outcome(int exitStatus, String output) {}

    private final Path lib;
    private final Path java;
    private final Path conf;
    private final Path home;

    HadoopClients(Configuration head, Path home) throws IOException {
        this.lib = library();
        this.java = javaHome();
        this.home = home;
        this.conf = Files.createDirectories(home.resolve("conf"));
        Path staging = Files.createDirectories(home.resolve("staging"));
        write(
                "core-site.xml",
                Map.of(
                        "fs.defaultFS",
                        "file:///",
                        "hadoop.tmp.dir",
                        home.resolve("tmp").toString()));
        Map<String, String> yarn = new TreeMap<>();
        for (String key : List.of(
                YarnConfiguration.RM_ADDRESS,
                YarnConfiguration.RM_SCHEDULER_ADDRESS,
                YarnConfiguration.RM_WEBAPP_ADDRESS)) {
            yarn.put(key, head.get(key));
        }
        yarn.put("yarn.application.classpath", conf + "," + lib + "/*");
        write("yarn-site.xml", yarn);
        Map<String, String> mapred = new TreeMap<>();
        mapred.put("mapreduce.framework.name", "yarn");
        mapred.put("yarn.app.mapreduce.am.staging-dir", staging.toUri().toString());
        mapred.put("mapreduce.application.classpath", conf + "," + lib + "/*");
        for (String key :
                List.of("yarn.app.mapreduce.am.resource.mb", "mapreduce.map.memory.mb", "mapreduce.reduce.memory.mb")) {
            mapred.put(key, "512");
        }
        mapred.put("yarn.app.mapreduce.am.command-opts", "-Xmx384m");
        mapred.put("mapred.child.java.opts", "-Xmx384m");
        mapred.put("mapreduce.task.io.sort.mb", "32");
        write("mapred-site.xml", mapred);
    }

    /** The Java that Hadoop 3.4.2 runs on: not later than 23. */
    static Path javaHome() throws IOException {
        List<Path> candidates = new ArrayList<>();
        String named = System.getenv("OFFERPLANE_HADOOP_JAVA");
        if (named != null) {
            candidates.add(Path.of(named));
        }
        Path installed = Path.of("/usr/lib/jvm");
        if (Files.isDirectory(installed)) {
            try (Stream<Path> all = Files.list(installed)) {
                all.sorted().forEach(candidates::add);
            }
        }
        for (Path candidate : candidates) {
            Path release = candidate.resolve("release");
            if (Files.isExecutable(candidate.resolve("bin/java"))
                    && Files.exists(release)
                    && Files.readString(release).matches("(?s).*JAVA_VERSION=\"(11|17|21)[.\"].*")) {
                return candidate.toRealPath();
            }
        }
        throw new IllegalStateException(
                "Hadoop 3.4.2's clients need a Java 11, 17 or 21: none in /usr/lib/jvm; set OFFERPLANE_HADOOP_JAVA to one");
    }

    private static Path library() {
        Path lib = Path.of("..", "e2e", "clients", "hadoop", "target", "lib")
                .toAbsolutePath()
                .normalize();
        if (!Files.isDirectory(lib)) {
            throw new IllegalStateException("no clients in " + lib + ": build with -am");
        }
        return lib;
    }

    private void write(String name, Map<String, String> settings) throws IOException {
        Configuration file = new Configuration(false);
        settings.forEach(file::set);
        try (var out = Files.newOutputStream(conf.resolve(name))) {
            file.writeXml(out);
        }
    }

    Outcome distributedShell(String... arguments) throws Exception {
        String jar = jar("hadoop-yarn-applications-distributedshell");
        List<String> command =
                new ArrayList<>(List.of("org.apache.hadoop.yarn.applications.distributedshell.Client", "-jar", jar));
        command.addAll(List.of(arguments));
        return run(command);
    }

    Outcome mapReduceExample(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("org.apache.hadoop.util.RunJar", jar("hadoop-mapreduce-examples")));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private String jar(String artifact) throws IOException {
        try (Stream<Path> all = Files.list(lib)) {
            return all.filter(path -> path.getFileName().toString().matches(artifact + "-[0-9.]+\\.jar"))
                    .findFirst()
                    .orElseThrow()
                    .toString();
        }
    }

    private Outcome run(List<String> arguments) throws Exception {
        Path output = Files.createTempFile(home, "client", ".out");
        List<String> command = new ArrayList<>(
                List.of(java.resolve("bin/java").toString(), "-Xmx384m", "-cp", conf + ":" + lib + "/*"));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", java.toString());
        Process process = builder.start();
        if (!process.waitFor(5, TimeUnit.MINUTES)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("the client does not end; so far it said:\n" + Files.readString(output));
        }
        return new Outcome(process.exitValue(), Files.readString(output));
    }
}
