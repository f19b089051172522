package io.offerplane.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Pages that are written from code. Run the tests with {@code -Ddocs.update=true} to write them anew. */
public final class ReferencePages {
    private static final Path FOLDER = Path.of("..", "docs", "reference");

    private ReferencePages() {}

    public static void assertIs(String page, String expected) throws IOException {
        Path file = FOLDER.resolve(page);
        if (Boolean.getBoolean("docs.update")) {
            Files.createDirectories(FOLDER);
            Files.writeString(file, expected);
        }
        assertThat(file)
                .as("docs/reference/" + page + "; -Ddocs.update=true writes it")
                .hasContent(expected);
    }
}
