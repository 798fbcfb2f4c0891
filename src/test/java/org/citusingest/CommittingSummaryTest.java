package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of the reference for a procedure that commits by itself, as they stand there. */
class CommittingSummaryTest {
    private static final Pattern STEPS =
            Pattern.compile("(?s)```yaml\\n([^`]*summary_due[^`]*)```");

    @TempDir private Path folder;

    @Test
    void a_procedure_that_commits_is_called_by_the_three_steps_of_the_readme() throws Exception {
        Workspace workspace = new Workspace(folder).items();
        workspace.database.execute(
                "CREATE TABLE rolled (step int, ids text)",
                """
                CREATE PROCEDURE roll_up(ids text) LANGUAGE plpgsql AS $$ BEGIN
                    INSERT INTO rolled VALUES (1, ids);
                    COMMIT;
                    INSERT INTO rolled VALUES (2, ids);
                END $$
                """);
        Matcher steps = STEPS.matcher(Files.readString(Path.of("docs/reference.md")));
        assertThat(steps.find()).isTrue();
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: orders
                    from:
                      uri: blobs:%s
                      steps:
                        - unmarshal:
                            custom: { ref: delimited }
                        - to: citus:item
                %s"""
                        .formatted(workspace.container.getBlobContainerName(), steps.group(1)));
        workspace.upload("a.csv", "id,name\n1,one\n");
        workspace.upload("b.csv", "id,name\n2,two\n");

        Run run = workspace.run("load");
        workspace.run("load");

        assertThat(run.err()).isEmpty();
        assertThat(workspace.database.rows("SELECT * FROM rolled ORDER BY ids, step"))
                .containsExactly("1|1", "2|1", "1|2", "2|2");
        assertThat(workspace.database.count("citus_ingest.load WHERE summarized_at IS NULL"))
                .isZero();
    }
}
