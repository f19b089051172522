package io.offerplane.engine.role;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RolePathTest {
    @ParameterizedTest
    @ValueSource(strings = {"*", "eng", "eng/ads", "a/b/c", "eng-1", "e.f", "..a", "**"})
    void namesThatMesosTakesAreFaultless(String name) {
        assertThat(RolePath.fault(name)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
                    ""      | Role names cannot be the empty string
                    /eng    | Role '/eng' cannot start with a slash
                    eng/    | Role 'eng/' cannot end with a slash
                    a//b    | Role 'a//b' cannot contain two adjacent slashes
                    .       | Role '.' cannot include '.' as a component
                    a/..    | Role 'a/..' cannot include '..' as a component
                    a/*     | Role 'a/*' cannot include '*' as a component
                    -a      | Role component '-a' is invalid because it starts with a dash
                    a/-b    | Role component '-b' is invalid because it starts with a dash
                    a/"b c" | Role component 'b c' is invalid because it contains backspace or whitespace
                    """)
    void otherNamesAreFaultedInMesosWords(String name, String fault) {
        assertThat(RolePath.fault(name.replace("\"", ""))).hasValue(fault);
    }

    @Test
    void backspaceAndTabAreNoPartOfAName() {
        assertThat(RolePath.fault("a\bb")).isPresent();
        assertThat(RolePath.fault("a\tb")).isPresent();
    }

    @Test
    void knowsWhatLiesBelowAndAbove() {
        RolePath nested = new RolePath("eng/ads/web");
        assertThat(nested.top()).isEqualTo(new RolePath("eng"));
        assertThat(nested.parent()).isEqualTo(new RolePath("eng/ads"));
        assertThat(nested.isNested()).isTrue();
        assertThat(new RolePath("eng").isNested()).isFalse();
        assertThat(new RolePath("eng").parent()).isEqualTo(new RolePath("eng"));
        assertThat(new RolePath("eng").includes(nested)).isTrue();
        assertThat(new RolePath("en").includes(nested)).isFalse();
        assertThat(nested.includes(new RolePath("eng"))).isFalse();
    }
}
