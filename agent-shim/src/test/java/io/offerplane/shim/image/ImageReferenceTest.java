package io.offerplane.shim.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

    private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nginx                          | docker.io/library/nginx:latest
            nginx:1.27                     | docker.io/library/nginx:1.27
            bitnami/redis                  | docker.io/bitnami/redis:latest
            docker.io/nginx                | docker.io/library/nginx:latest
            registry.example.com/a/b/c:v1  | registry.example.com/a/b/c:v1
            localhost/app                  | localhost/app:latest
            node-1:5000/app                | node-1:5000/app:latest
            [::1]:5000/app:x_Y.z           | [::1]:5000/app:x_Y.z
            """)
    void namesMeanWhatTheyMeanToDocker(String name, String whole) throws Exception {
        assertThat(ImageReference.parse(name, ImageReference.DOCKER_HUB)).hasToString(whole);
    }

    @Test
    void aDigestTakesThePlaceOfTheTag() throws Exception {
        assertThat(ImageReference.parse("app:v1@" + DIGEST, "registry:5000"))
                .hasToString("registry:5000/app@" + DIGEST);
        assertThat(ImageReference.parse("app@" + DIGEST, ImageReference.DOCKER_HUB))
                .hasToString("docker.io/library/app@" + DIGEST);
    }

    @Test
    void namesWithoutARegistryAreOfThePoolsOwn() throws Exception {
        assertThat(ImageReference.parse("team/app", "registry:5000")).hasToString("registry:5000/team/app:latest");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "App",
                "app:",
                "app:-tag",
                "a//b",
                "/app",
                "app/",
                "../app",
                "a b",
                "app@sha256:12",
                "app@md5:0123",
                "host:port/app",
                "--help",
                "docker://app"
            })
    void whatIsNoNameIsRefused(String name) {
        assertThatThrownBy(() -> ImageReference.parse(name, ImageReference.DOCKER_HUB))
                .isInstanceOf(ImageException.class)
                .hasMessageContaining("is no image's name; expected [registry[:port]/]repository");
    }

    @Test
    void aNameThatIsTooLongIsRefusedInShort() {
        assertThatThrownBy(() -> ImageReference.parse("a".repeat(5000), ImageReference.DOCKER_HUB))
                .isInstanceOf(ImageException.class)
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(500));
    }
}
