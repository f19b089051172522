package io.offerplane.shim.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.apache.mesos.v1.Protos.CommandInfo;
import org.junit.jupiter.api.Test;

class FetchItemTest {

    private static final String SHA256 = "ab".repeat(32);

    private static FetchItem item(String uri) throws IOException {
        return FetchItem.of(CommandInfo.URI.newBuilder().setValue(uri).build());
    }

    @Test
    void aFileIsNamedByThePathsEndQueryIncluded() throws IOException {
        assertThat(item("http://host/a/b.tgz").name()).isEqualTo("b.tgz");
        assertThat(item("http://host/a/b.tgz?version=2").name()).isEqualTo("b.tgz?version=2");
        assertThat(item("/etc/hosts").name()).isEqualTo("hosts");
        assertThat(item("s3://bucket/one").name()).isEqualTo("one");
        assertThat(item("HDFS://nn:8020/one").scheme()).isEqualTo("hdfs");
        for (String nameless : List.of("http://host", "http://host/", "http://host/a/..", "")) {
            assertThatThrownBy(() -> item(nameless)).as(nameless).hasMessageContaining("set output_file");
        }
    }

    @Test
    void anOutputFileMayBeInAFolderButNotOutside() throws IOException {
        CommandInfo.URI.Builder uri = CommandInfo.URI.newBuilder().setValue("http://host/a");
        assertThat(FetchItem.of(uri.setOutputFile("d/e").build()).name()).isEqualTo("d/e");
        for (String outside : List.of("/etc/passwd", "../up", "d/../../up")) {
            assertThatThrownBy(() -> FetchItem.of(uri.setOutputFile(outside).build()))
                    .as(outside)
                    .hasMessageContaining("leads outside the sandbox");
        }
    }

    @Test
    void whatShallBeExecutableOrStayPackedIsNotUnpacked() throws IOException {
        CommandInfo.URI.Builder uri = CommandInfo.URI.newBuilder().setValue("http://host/a.tgz");
        assertThat(FetchItem.of(uri.build()).archive()).isEqualTo(Archives.Kind.TAR_GZ);
        assertThat(FetchItem.of(uri.setExecutable(true).build()).archive()).isEqualTo(Archives.Kind.NONE);
        assertThat(FetchItem.of(uri.setExecutable(false).setExtract(false).build())
                        .archive())
                .isEqualTo(Archives.Kind.NONE);
    }

    @Test
    void aChecksumIsAFragmentOfExactlyItsForm() throws IOException {
        FetchItem checked = item("http://host/a.tgz#sha256=" + SHA256.toUpperCase(java.util.Locale.ROOT));
        assertThat(checked.uri()).isEqualTo("http://host/a.tgz");
        assertThat(checked.name()).isEqualTo("a.tgz");
        assertThat(checked.checksum()).contains(new Checksum("SHA-256", SHA256));
        assertThat(item("s3://bucket/a#sha512=" + SHA256 + SHA256).checksum())
                .contains(new Checksum("SHA-512", SHA256 + SHA256));
        for (String plain : List.of("#sha256=abc", "#sha256=" + SHA256 + "00", "#section", "#md5=" + SHA256)) {
            FetchItem item = item("http://host/a" + plain);
            assertThat(item.checksum()).as(plain).isEmpty();
            assertThat(item.name()).isEqualTo("a" + plain);
        }
        // The node's own files may be named so.
        assertThat(item("file:///data/a#sha256=" + SHA256).checksum()).isEmpty();
    }

    @Test
    void messagesHoldNeitherPasswordsNorSignatures() {
        assertThat(FetchItem.shown("http://user:s3cret@host/a?X-Amz-Signature=s3cret&b=s3cret"))
                .isEqualTo("http://***@host/a?X-Amz-Signature=***&b=***");
        assertThat(FetchItem.shown("http://s3cret@host")).isEqualTo("http://***@host");
        assertThat(FetchItem.shown("http://host/a@b")).isEqualTo("http://host/a@b");
        assertThat(FetchItem.shown("/data/a?b=c")).isEqualTo("/data/a?b=c");
    }
}
