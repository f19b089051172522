package io.offerplane.operator;

import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
    @Test
    void pageListsEverySettingAsItIsDeclared() throws Exception {
        StringBuilder page = new StringBuilder("""
                # The operator's settings

                Read from the YAML file that `OFFERPLANE_CONFIG` names (the chart writes it from `config:` in its values). A variable
                `OFFERPLANE_SET_` plus the key in capitals, such as `OFFERPLANE_SET_MESOS_PORT`, wins over the file. Unknown keys and
                values out of range stop the process, with what would be right. Exit codes: 78 for that, 69 when the API server can't be
                reached at the start, 70 when the engine broke an invariant.

                | key | default | range | meaning |
                |---|---|---|---|
                """);
        for (Setting<?> setting : OperatorConfig.settings()) {
            String unit = setting.unit().isEmpty() || setting.range().contains(setting.unit())
                    ? ""
                    : " (" + setting.unit() + ")";
            page.append("| `")
                    .append(setting.key())
                    .append("` | ")
                    .append(setting.standard().isEmpty() ? "" : "`" + setting.standard() + "`")
                    .append(" | ")
                    .append(setting.range())
                    .append(unit)
                    .append(" | ")
                    .append(setting.meaning())
                    .append(" |\n");
        }
        ReferencePages.assertIs("configuration.md", page.toString());
    }
}
