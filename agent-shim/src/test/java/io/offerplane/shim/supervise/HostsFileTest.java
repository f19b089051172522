package io.offerplane.shim.supervise;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostsFileTest {
    @TempDir
    Path folder;

    private String written(String node) throws Exception {
        Path file = Files.writeString(folder.resolve("node"), node);
        return Files.readString(HostsFile.write(file, "node-1", "10.0.0.1", folder.resolve("hosts")));
    }

    @Test
    void theNodesOwnNameStandsForItsAddress() throws Exception {
        assertThat(written("127.0.0.1 localhost\n")).isEqualTo("127.0.0.1 localhost\n10.0.0.1 node-1\n");
        assertThat(written("127.0.0.1 localhost # node-1"))
                .isEqualTo("127.0.0.1 localhost # node-1\n10.0.0.1 node-1\n");
        assertThat(written("10.0.0.10 node-10\n")).endsWith("10.0.0.1 node-1\n");
    }

    @Test
    void whatTheNodesFileSaysOfItsNameHolds() throws Exception {
        String hosts = "127.0.0.1 localhost\n\n192.168.1.1\tnode-1.example.org  node-1\n";
        assertThat(written(hosts)).isEqualTo(hosts);
    }

    @Test
    void aNodeWithoutTheFileOrANameIsNoFault() throws Exception {
        Path none = folder.resolve("none");
        assertThat(Files.readString(HostsFile.write(none, "node-1", "10.0.0.1", folder.resolve("hosts"))))
                .isEqualTo("10.0.0.1 node-1\n");
        assertThat(Files.readString(HostsFile.write(none, "", "10.0.0.1", folder.resolve("hosts"))))
                .isEmpty();
    }
}
