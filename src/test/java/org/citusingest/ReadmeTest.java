package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.citusingest.blobs.BlobsComponent;
import org.citusingest.blobs.BlobsEndpoint;
import org.citusingest.citus.CitusEndpoint;
import org.citusingest.cli.CitusIngest;
import org.citusingest.rows.DelimitedDataFormat;
import org.citusingest.rows.json.JsonDataFormat;
import org.citusingest.rows.json.JsonLinesDataFormat;
import org.citusingest.rows.parquet.ParquetDataFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What the documents say of options, settings, commands and files is looked up in the project. */
final class ReadmeTest {
    private static final String REFERENCE = read("docs/reference.md");

    private static final Pattern CODE = Pattern.compile("(?s)```.*?```|`[^`\\n]+`");
    private static final Pattern BLOCK = Pattern.compile("(?s)```.*?```");
    private static final Pattern COMMAND = Pattern.compile("citus-ingest ([a-z]+)([^\\n`#]*)");
    private static final Pattern COMMAND_OPTION = Pattern.compile("(?<= )--[a-z-]+");
    private static final Pattern VARIABLE =
            Pattern.compile("(?m)^[^#\\n]*\\{\\{env:(\\w+):([^}]*)}}");
    private static final Pattern SETTING =
            Pattern.compile("(?m)^\\| `([A-Z_]+)` \\| (?:`([^`]*)`)? ?\\|");
    private static final Pattern LINK = Pattern.compile("\\[([^]]*)]\\(([^):#]+)(?:#[^)]*)?\\)");
    private static final Pattern METHOD = Pattern.compile("`\\w+\\.(\\w+)`");
    private static final Pattern FILE =
            Pattern.compile(
                    "`((?:bin|routes|src|\\.ci|\\.mvn)/[^`\\s]*|[A-Z]+\\.md|pom\\.xml|Dockerfile"
                            + "|application\\.properties)`");

    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new AssertionError(file + " cannot be read", e);
        }
    }

    /** What stands between two markers that cannot be seen. */
    private static String marked(String begin, String end) {
        assertThat(REFERENCE).contains(begin + "\n", end + "\n");
        int from = REFERENCE.indexOf(begin) + begin.length();
        return REFERENCE.substring(from, REFERENCE.indexOf(end, from)).strip();
    }

    private static List<MatchResult> matches(Pattern pattern, String text) {
        return pattern.matcher(text).results().toList();
    }

    @Test
    void the_readme_is_short() {
        assertThat(read("README.md").lines().count()).isLessThanOrEqualTo(200);
    }

    @Test
    void shows_the_options_of_blobs() throws Exception {
        BlobsEndpoint endpoint = new BlobsEndpoint("blobs:logs", new BlobsComponent());
        assertThat(marked("<!-- options:blobs -->", "<!-- /options -->"))
                .isEqualTo(
                        OptionTable.ofComponent(
                                "blobs",
                                BlobsEndpoint.class,
                                Map.of("delay", String.valueOf(endpoint.getDelay()))));
    }

    @Test
    void shows_the_options_of_citus() throws Exception {
        assertThat(marked("<!-- options:citus -->", "<!-- /options -->"))
                .isEqualTo(OptionTable.ofComponent("citus", CitusEndpoint.class, Map.of()));
    }

    @Test
    void shows_the_options_of_delimited() throws Exception {
        assertThat(marked("<!-- options:delimited -->", "<!-- /options -->"))
                .isEqualTo(OptionTable.ofDataFormat(DelimitedDataFormat.class));
    }

    @Test
    void shows_the_options_of_json() throws Exception {
        assertThat(marked("<!-- options:jsonLines -->", "<!-- /options -->"))
                .isEqualTo(OptionTable.ofDataFormat(JsonLinesDataFormat.class));
        assertThat(marked("<!-- options:json -->", "<!-- /options -->"))
                .isEqualTo(OptionTable.ofDataFormat(JsonDataFormat.class));
    }

    @Test
    void shows_the_options_of_parquet() throws Exception {
        assertThat(marked("<!-- options:parquet -->", "<!-- /options -->"))
                .isEqualTo(OptionTable.ofDataFormat(ParquetDataFormat.class));
    }

    @Test
    void shows_every_setting_with_its_default() {
        Map<String, String> settings = new TreeMap<>();
        matches(VARIABLE, read("application.properties"))
                .forEach(setting -> settings.put(setting.group(1), setting.group(2)));
        Map<String, String> shown = new TreeMap<>();
        matches(SETTING, marked("<!-- settings -->", "<!-- /settings -->"))
                .forEach(row -> shown.put(row.group(1), row.group(2) == null ? "" : row.group(2)));
        assertThat(shown).isEqualTo(settings);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "ARCHITECTURE.md",
                "CONTRIBUTING.md",
                "CHANGELOG.md",
                "docs/reference.md",
                "docs/console.md",
                "docs/faults.md",
                "docs/performance.md",
                "docs/events.md",
                "docs/monitoring.md"
            })
    void names_only_commands_that_exist(String document) {
        Map<String, CommandLine> commands =
                CitusIngest.commandLine(IngestApplication::new).getSubcommands();
        for (MatchResult code : matches(CODE, read(document))) {
            for (MatchResult command : matches(COMMAND, code.group())) {
                assertThat(commands).containsKey(command.group(1));
                CommandLine named = commands.get(command.group(1));
                String next = command.group(2).strip().replaceFirst("\\s.*", "");
                named = named.getSubcommands().getOrDefault(next, named);
                assertThat(named.getCommandSpec().optionsMap().keySet())
                        .as("options of %s", command.group())
                        .containsAll(
                                matches(COMMAND_OPTION, command.group(2)).stream()
                                        .map(MatchResult::group)
                                        .toList());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "README.md",
                "ARCHITECTURE.md",
                "CONTRIBUTING.md",
                "CHANGELOG.md",
                "docs/reference.md",
                "docs/console.md",
                "docs/faults.md",
                "docs/performance.md",
                "docs/events.md",
                "docs/monitoring.md"
            })
    void names_only_files_and_methods_that_exist(String document) {
        String prose = BLOCK.matcher(read(document)).replaceAll("");
        for (MatchResult file : matches(FILE, prose)) {
            assertThat(Path.of(file.group(1))).exists();
        }
        for (MatchResult link : matches(LINK, prose)) {
            assertThat(beside(document, link.group(2))).exists();
            for (MatchResult method : matches(METHOD, link.group(1))) {
                assertThat(read(beside(document, link.group(2)).toString()))
                        .contains(" " + method.group(1) + "(");
            }
        }
    }

    /** A link counts from the document it stands in. */
    private static Path beside(String document, String link) {
        return Path.of(document).resolveSibling(link).normalize();
    }
}
