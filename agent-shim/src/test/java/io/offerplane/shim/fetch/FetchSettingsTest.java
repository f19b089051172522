package io.offerplane.shim.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.offerplane.protocol.settings.Variables;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FetchSettingsTest {

    private static final Path WORK = Path.of("/var/lib/offerplane");

    @Test
    void whatIsNotSetHasItsDocumentedDefault() {
        FetchSettings settings = settings(Map.of());
        assertThat(settings.folder()).isEqualTo(WORK.resolve("fetch"));
        assertThat(settings.localFolders()).isEmpty();
        assertThat(settings.cacheBytes()).isEqualTo(2L << 30);
        assertThat(settings.mostBytes()).isEqualTo(64L << 30);
        assertThat(settings.parallel()).isEqualTo(4);
        assertThat(settings.stall()).isEqualTo(Duration.ofMinutes(1));
        assertThat(settings.s3().endpoint()).isEqualTo(URI.create("https://s3.us-east-1.amazonaws.com"));
        assertThat(settings.s3().credentialsFile()).isEmpty();
        assertThat(settings.hdfs().namenodes()).isEmpty();
        assertThat(settings.hdfs().user()).isEqualTo("root");
    }

    @Test
    void storesAndFileSystemsAreSet() {
        FetchSettings settings = settings(Map.of(
                "OFFERPLANE_FETCH_FOLDERS", "/data:/models",
                "OFFERPLANE_FETCH_S3_ENDPOINT", "https://minio.example:443/",
                "OFFERPLANE_FETCH_S3_REGION", "eu-west-1",
                "OFFERPLANE_FETCH_S3_CREDENTIALS_FILE", "/etc/s3",
                "OFFERPLANE_FETCH_HDFS_NAMENODES", "ha=http://one:9870,http://two:9870;nn:8020=https://nn:9871"));
        assertThat(settings.localFolders()).containsExactly(Path.of("/data"), Path.of("/models"));
        assertThat(settings.s3().endpoint()).isEqualTo(URI.create("https://minio.example"));
        assertThat(settings.s3().region()).isEqualTo("eu-west-1");
        assertThat(settings.s3().credentialsFile()).contains(Path.of("/etc/s3"));
        assertThat(settings.hdfs().namenodes())
                .containsEntry("ha", List.of(URI.create("http://one:9870"), URI.create("http://two:9870")))
                .containsEntry("nn:8020", List.of(URI.create("https://nn:9871")));
    }

    @Test
    void aWrongSettingIsNamedWithWhatWouldBeRight() {
        for (var wrong : Map.of(
                        "OFFERPLANE_FETCH_CACHE_BYTES", "-1",
                        "OFFERPLANE_FETCH_MAX_BYTES", "2GB",
                        "OFFERPLANE_FETCH_PARALLEL", "0",
                        "OFFERPLANE_FETCH_STALL_SECONDS", "0",
                        "OFFERPLANE_FETCH_S3_ENDPOINT", "minio:9000",
                        "OFFERPLANE_FETCH_S3_CREDENTIALS_FILE", "relative",
                        "OFFERPLANE_FETCH_HDFS_NAMENODES", "http://one:9870")
                .entrySet()) {
            assertThatThrownBy(() -> settings(Map.of(wrong.getKey(), wrong.getValue())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(wrong.getKey())
                    .hasMessageContaining("expected");
        }
        assertThatThrownBy(() -> settings(Map.of("OFFERPLANE_FETCH_S3_ENDPOINT", "https://key:s3cret@minio:9000")))
                .hasMessageContaining("OFFERPLANE_FETCH_S3_ENDPOINT")
                .hasMessageNotContaining("s3cret");
    }

    private static FetchSettings settings(Map<String, String> environment) {
        return FetchSettings.of(new Variables(environment, "OFFERPLANE_FETCH_"), WORK);
    }
}
