package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.citusingest.Workspace.Run;

/** A workspace with a table of items, and a summary that counts them by name. */
final class Items {
    static final String ON_REMOVE = "onRemove: \"SELECT unroll_items()\"";

    final Workspace workspace;

    Items(Workspace workspace, String options) {
        this.workspace = workspace;
        workspace.database.execute(
                "CREATE TABLE item (id int CHECK (id > 0), name text, _load_id bigint)");
        workspace.database.execute(
                "CREATE TABLE item_name (name text PRIMARY KEY, items bigint NOT NULL)");
        function("rollup_items", "+");
        function("unroll_items", "-");
        route("items", "items/**", options);
    }

    /** Adds the items of the loads to the summary, or takes them out of it. */
    private void function(String name, String sign) {
        workspace.database.execute(
                """
                CREATE FUNCTION %s() RETURNS void LANGUAGE sql AS $$
                    INSERT INTO item_name
                    SELECT name, %scount(*) FROM item
                    WHERE _load_id = ANY (string_to_array(current_setting('citus_ingest.load_ids'), ',')::bigint[])
                    GROUP BY 1
                    ON CONFLICT (name) DO UPDATE SET items = item_name.items + excluded.items
                $$
                """
                        .formatted(name, sign));
    }

    /** Writes a route file for the items of the container. */
    void route(String id, String include, String options) {
        workspace.route(
                id + ".camel.yaml",
                """
                - route:
                    id: %s
                    from:
                      uri: blobs:%s
                      parameters:
                        include: "%s"
                      steps:
                        - unmarshal: { custom: { ref: delimited } }
                        - to:
                            uri: citus:item
                            parameters: { %s }
                        - setBody: { constant: "SELECT citus_ingest.summarize('%s', 'SELECT rollup_items()')" }
                        - to: jdbc:citus
                """
                        .formatted(
                                id,
                                workspace.container.getBlobContainerName(),
                                include,
                                options,
                                id));
    }

    /** Uploads a blob and loads what is there. */
    Run load(String blob, String content) {
        workspace.upload("items/" + blob, content);
        return workspace.run("load");
    }

    /** Runs a command that must go well, and gives what it printed. */
    String ok(String command, String... options) {
        Run run = workspace.run(command, options);
        assertThat(run.err()).isEmpty();
        assertThat(run.code()).isZero();
        return run.out();
    }

    /** Runs a command that must be refused, and gives the one line that says why. */
    String refused(String command, String... options) {
        Run run = workspace.run(command, options);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines()).hasSize(1);
        assertThat(run.code()).isOne();
        return run.err().strip();
    }

    List<String> rows() {
        return workspace.itemRows();
    }

    void summaryEqualsARecount() {
        assertThat(
                        workspace.database.rows(
                                "SELECT name, items FROM item_name WHERE items <> 0 ORDER BY name"))
                .isEqualTo(
                        workspace.database.rows(
                                "SELECT name, count(*) FROM item GROUP BY name ORDER BY name"));
    }

    /** What a person calls a blob of the container. */
    String source(String blob) {
        return workspace.container.getBlobContainerName() + "/items/" + blob;
    }
}
