package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns that the files do not have: where a row is from, and what a route says of it. */
class LineageTest {
    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder);
        workspace.database.execute(
                """
                CREATE TABLE item (id int, name text, region text NOT NULL, day date, _load_id bigint,
                    _blob text NOT NULL, _row_number bigint NOT NULL, _loaded_at timestamptz NOT NULL)
                """);
    }

    private void route(String values, int maxRejects) {
        workspace.route(
                "items.camel.yaml",
                workspace.itemsRoute(
                        "      - { name: values, value: \"%s\" }\n      - { name: maxRejects, value: \"%d\" }\n"
                                .formatted(values, maxRejects)));
    }

    private String rows() {
        return workspace.database.ask(
                "SELECT string_agg(concat_ws('|', id, name, region, day, _row_number,"
                        + " regexp_replace(_blob, '^[^/]*/', '')), E'\\n' ORDER BY _blob, id) FROM item");
    }

    @Test
    void are_filled_from_the_load_the_path_and_the_route() {
        route("region='eu, west', day={path.dt}", 1);
        workspace.upload("items/dt=2026-01-01/a.csv", "id,name\n1,one\nx,bad\n3,three\n");
        workspace.upload("items/dt=2026-01-02/b.csv", "id,name\n4,four\n");

        Run run = workspace.run("load");

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(rows())
                .isEqualTo(
                        """
                        1|one|eu, west|2026-01-01|1|items/dt=2026-01-01/a.csv
                        3|three|eu, west|2026-01-01|3|items/dt=2026-01-01/a.csv
                        4|four|eu, west|2026-01-02|1|items/dt=2026-01-02/b.csv""");
        assertThat(
                        workspace.database.ask(
                                "SELECT bool_and(_load_id = id AND _loaded_at = started_at) FROM (SELECT item._load_id,"
                                        + " item._loaded_at, load.id, load.started_at FROM item JOIN citus_ingest.load"
                                        + " ON load.id = item._load_id) AS joined"))
                .isEqualTo("t");
        assertThat(workspace.database.ask("SELECT row_number FROM citus_ingest.reject"))
                .isEqualTo("2");
    }

    @Test
    void take_the_place_of_a_column_of_the_file_that_the_route_names() {
        route("region=eu, day={path.dt}", 0);
        workspace.upload("items/dt=2026-01-01/a.csv", "id,name,region,_row_number\n1,one,us,77\n");

        Run run = workspace.run("load");

        assertThat(run.code()).as(run.err() + run.out()).isZero();
        assertThat(rows()).isEqualTo("1|one|eu|2026-01-01|77|items/dt=2026-01-01/a.csv");
    }

    @Test
    void fail_the_load_with_the_reason_where_a_path_or_a_type_does_not_fit() {
        route("region=eu, day={path.dt}", 10);
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        workspace.upload("items/dt=yesterday-or-so/b.csv", "id,name\n1,one\n2,two\n");

        Run run = workspace.run("load");

        assertThat(run.code()).isEqualTo(1);
        assertThat(workspace.loads("blob, error"))
                .anySatisfy(
                        line ->
                                assertThat(line)
                                        .contains("items/a.csv")
                                        .contains("no folder 'dt=...'"))
                .anySatisfy(
                        line ->
                                assertThat(line)
                                        .contains(
                                                "The column day of public.item is given 'yesterday-or-so'")
                                        .contains("22007"));
        assertThat(workspace.database.count("item")).isZero();
    }

    @Test
    void are_named_by_check_where_the_table_has_no_such_column() {
        route("regio=eu", 0);

        Run run = workspace.run("check");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out() + run.err())
                .contains("values= names the column regio, which public.item does not have");
    }
}
