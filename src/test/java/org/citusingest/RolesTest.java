package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.citusingest.Workspace.Run;
import org.citusingest.demo.Roles;
import org.citusingest.ledger.Ledger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** deploy/roles.sql: what its roles are able to do, and what they are not. */
class RolesTest {
    private static final Roles ROLES = Roles.DEFAULT;

    private static final Map<String, String> NAMES =
            Map.of(
                    "tables", "item",
                    "summaries", "item_total",
                    "functions", "rollup_item(), take_out_item(int, text)",
                    "removal", "on");

    /** The tables as the owner makes them. A serial column, for the right on its sequence. */
    static final String[] TABLES = {
        "CREATE TABLE item (id int CHECK (id > 0), name text, number bigserial, _load_id bigint)",
        "CREATE TABLE item_total (name text PRIMARY KEY, items bigint NOT NULL)",
        "CREATE TABLE private (id int)",
        """
        CREATE FUNCTION rollup_item() RETURNS void LANGUAGE plpgsql AS $$
        DECLARE ids bigint[] := string_to_array(current_setting('citus_ingest.load_ids'), ',')::bigint[];
        BEGIN
            INSERT INTO item_total SELECT name, count(*) FROM item WHERE _load_id = ANY (ids) GROUP BY 1
            ON CONFLICT (name) DO UPDATE SET items = item_total.items + excluded.items;
        END $$
        """,
        """
        CREATE FUNCTION take_out_item(int, text) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE ids bigint[] := string_to_array(current_setting('citus_ingest.load_ids'), ',')::bigint[];
        BEGIN
            UPDATE item_total SET items = item_total.items - gone.items
            FROM (SELECT name, count(*) AS items FROM item WHERE _load_id = ANY (ids) GROUP BY 1) AS gone
            WHERE gone.name = item_total.name;
            DELETE FROM item_total WHERE items = 0;
        END $$
        """
    };

    private final TestDatabase database = TestDatabase.fresh();
    private final TestDatabase owner = database.as(ROLES.owner());
    private final TestDatabase loader = database.as(ROLES.loader());

    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void applyToAnEmptyDatabase() throws SQLException {
        ROLES.apply(database.dataSource(), Map.of());
        workspace = new Workspace(folder, database);
        workspace.set("citus.user", ROLES.loader());
    }

    private Run asOwner(String command) {
        workspace.set("citus.user", ROLES.owner());
        Run run = workspace.run(command);
        workspace.set("citus.user", ROLES.loader());
        return run;
    }

    private void installAll() throws SQLException {
        assertThat(asOwner("install").out().lines())
                .containsExactly("The ledger has version 2 now");
        owner.execute(TABLES);
        ROLES.apply(database.dataSource(), NAMES);
    }

    private void route(String citusOptions) {
        workspace.route(
                "items.camel.yaml",
                """
                - route:
                    id: items
                    from:
                      uri: blobs:%s
                      parameters: { onOverwrite: replace }
                      steps:
                        - unmarshal: { custom: { ref: delimited } }
                        - to:
                            uri: citus:item
                            parameters: { maxRejects: 5, onRemove: "SELECT take_out_item(1, '')"%s }
                        - setBody: { constant: "SELECT citus_ingest.summarize('items', 'SELECT rollup_item()')" }
                        - to: jdbc:citus
                """
                        .formatted(workspace.container.getBlobContainerName(), citusOptions));
    }

    private void totalsAre(String... totals) {
        assertThat(loader.rows("SELECT name, items FROM item_total ORDER BY 1"))
                .containsExactly(totals)
                .isEqualTo(loader.rows("SELECT name, count(*) FROM item GROUP BY 1 ORDER BY 1"));
    }

    @ParameterizedTest
    @CsvSource({"load", "batch"})
    void the_loader_loads_summarizes_replays_replaces_reloads_and_unloads(String publish)
            throws Exception {
        installAll();
        route(", publish: " + publish);
        workspace.upload("a.csv", "id,name\n1,x\n-2,x\n3,y\n");
        workspace.upload("b.csv", "id,name\n4,y\n");

        assertThat(workspace.run("check").out()).doesNotContain("wrong");
        Run load = workspace.run("load");
        assertThat(load.err()).isEmpty();
        assertThat(load.lines())
                .last()
                .asString()
                .contains("2 loads, 3 rows, 1 rejected, 0 failed");
        totalsAre("x|1", "y|2");
        assertThat(workspace.run("rejects").out()).contains("item_id_check");
        assertThat(workspace.run("status").out()).contains("a.csv").contains("b.csv");

        Path corrected = Files.writeString(folder.resolve("corrected.csv"), "id,name\n2,x\n");
        String first = loader.ask("SELECT min(id) FROM citus_ingest.load WHERE blob = 'a.csv'");
        assertThat(
                        workspace.run(
                                "rejects",
                                "replay",
                                "--load",
                                first,
                                "--file",
                                corrected.toString()))
                .matches(run -> run.code() == 0, "replayed");
        assertThat(workspace.run("load").code()).isZero();
        totalsAre("x|2", "y|2");

        workspace.upload("b.csv", "id,name\n5,z\n");
        assertThat(workspace.run("load").code()).isZero();
        totalsAre("x|2", "y|1", "z|1");
        assertThat(workspace.run("reload", "--load", first).code()).isZero();
        assertThat(workspace.run("load").code()).isZero();
        totalsAre("x|1", "y|1", "z|1");
        assertThat(workspace.run("unload", "--load", first).code()).isZero();
        totalsAre("z|1");
        assertThat(loader.ask("SELECT min(number) > 0 FROM item")).isEqualTo("t");
    }

    @Test
    void without_removal_the_loader_deletes_nothing_from_the_table() throws Exception {
        installAll();
        ROLES.apply(database.dataSource(), Map.of("tables", "item", "summaries", "item_total"));
        route("");
        workspace.upload("a.csv", "id,name\n1,x\n");
        assertThat(workspace.run("load").code()).isZero();
        totalsAre("x|1");

        Run unload = workspace.run("unload", "--load", "1");

        assertThat(unload.code()).isEqualTo(1);
        assertThat(unload.err().lines()).singleElement().asString().contains("permission denied");
        totalsAre("x|1");
        Forbidden.isRefused(loader.dataSource(), "DELETE FROM item");
        Forbidden.isRefused(loader.dataSource(), "DELETE FROM item_total");
    }

    @ParameterizedTest
    @CsvSource({"load", "run", "check"})
    void without_a_ledger_the_loader_is_told_who_makes_it(String command) {
        route("");

        Run run = workspace.run(command);

        assertThat(run.code()).isEqualTo(1);
        assertThat((run.err() + run.out()).lines().filter(line -> line.contains("ledger")))
                .singleElement()
                .asString()
                .contains(
                        "There is no ledger in the database %s, and the role ingest_loader may not make it: run citus-ingest install as"
                                .formatted(database.ask("SELECT current_database()")))
                .endsWith("then deploy/roles.sql for ingest_loader");
        assertThat(
                        database.ask(
                                "SELECT count(*) FROM pg_class WHERE relnamespace = 'citus_ingest'::regnamespace"))
                .isEqualTo("0");
    }

    @Test
    void without_its_rights_on_the_ledger_the_loader_is_told_which_it_lacks() throws Exception {
        asOwner("install");
        route("");

        assertThat(workspace.run("load").err().lines())
                .containsExactly(
                        "citus-ingest load: The role ingest_loader has too few rights on the ledger, it lacks SELECT, INSERT, DELETE on batch; SELECT on ledger_version; SELECT, INSERT, UPDATE on load; SELECT, INSERT, UPDATE, DELETE on reject; SELECT, INSERT, UPDATE on summary: run deploy/roles.sql for it");

        ROLES.apply(database.dataSource(), Map.of());
        owner.execute("REVOKE DELETE ON citus_ingest.reject FROM ingest_loader");
        assertThat(workspace.run("check").out())
                .contains("has too few rights on the ledger, it lacks DELETE on reject: run");
        database.execute("REVOKE USAGE ON SCHEMA citus_ingest FROM ingest_loader");
        assertThat(workspace.run("check").out()).contains("it lacks USAGE on the schema: run");
    }

    @Test
    void an_older_ledger_is_brought_up_by_its_owner_alone() throws Exception {
        installAll();
        route("");
        database.execute("DELETE FROM citus_ingest.ledger_version WHERE version = 2");

        assertThat(workspace.run("load").err().lines())
                .containsExactly(
                        "citus-ingest load: The ledger has version 1, and the role ingest_loader may not bring it to version 2: run citus-ingest install as ingest_owner, then deploy/roles.sql");
    }

    @Test
    void install_says_when_there_is_nothing_to_do() {
        assertThat(asOwner("install").out().lines())
                .containsExactly("The ledger has version 2 now");
        assertThat(asOwner("install").out().lines())
                .containsExactly("The ledger has version 2 already");
    }

    private void installAllAndWhatIsNoBusinessOfTheLoader() throws SQLException {
        installAll();
        owner.execute(
                "INSERT INTO private VALUES (1)",
                "CREATE FUNCTION stranger() RETURNS int LANGUAGE sql AS 'SELECT 1'");
        database.execute("CREATE SCHEMA other", "CREATE TABLE other.paper (id int)");
    }

    @Test
    void the_loader_is_refused_whatever_is_not_loading() throws SQLException {
        installAllAndWhatIsNoBusinessOfTheLoader();
        for (String statement : Forbidden.STATEMENTS) {
            Forbidden.isRefused(loader.dataSource(), statement);
        }
    }

    @Test
    void so_is_a_role_that_nobody_gave_anything() throws SQLException {
        installAllAndWhatIsNoBusinessOfTheLoader();
        database.execute("DROP ROLE IF EXISTS passer_by", "CREATE ROLE passer_by LOGIN");
        for (String statement :
                List.of(
                        "SELECT rollup_item()",
                        "SELECT take_out_item(1, '')",
                        "SELECT * FROM item",
                        "SELECT * FROM citus_ingest.load",
                        "SELECT citus_ingest.summary_done('a', '1')",
                        "CREATE TABLE mine (id int)",
                        "CREATE TEMPORARY TABLE mine (id int)")) {
            Forbidden.isRefused(database.as("passer_by").dataSource(), statement);
        }
    }

    @Test
    void names_are_found_in_the_schema_of_the_tables_only() {
        assertThat(loader.ask("SHOW search_path")).isEqualTo("public, pg_temp");
    }

    @Test
    void the_owner_may_not_do_what_a_superuser_may() throws SQLException {
        installAllAndWhatIsNoBusinessOfTheLoader();
        for (String statement :
                List.of(
                        "CREATE ROLE mine",
                        "COPY item TO PROGRAM 'cat > /dev/null'",
                        "COPY item FROM '/etc/passwd'",
                        "SELECT rolpassword FROM pg_authid",
                        "SELECT * FROM other.paper")) {
            Forbidden.isRefused(owner.dataSource(), statement);
        }
    }

    static Stream<Map.Entry<String, String>> tooMuch() {
        return Map.of(
                "ALTER ROLE %s SUPERUSER", "is a superuser",
                "ALTER ROLE %s CREATEROLE", "creates roles",
                "ALTER ROLE %s CREATEDB", "creates databases",
                "ALTER ROLE %s BYPASSRLS", "bypasses row security",
                "GRANT pg_read_server_files TO %s", "is a member of pg_read_server_files",
                "GRANT ingest_owner TO %s", "is a member of ingest_owner",
                "GRANT CREATE ON SCHEMA public TO %s", "creates in the schema public",
                "CREATE TABLE own (); ALTER TABLE own OWNER TO %s", "owns own")
                .entrySet()
                .stream();
    }

    @ParameterizedTest
    @MethodSource("tooMuch")
    void a_role_that_can_do_too_much_is_refused_as_loader(Map.Entry<String, String> right) {
        Roles roles = new Roles(ROLES.owner(), "mighty");
        database.execute(
                "DROP ROLE IF EXISTS mighty",
                "CREATE ROLE mighty LOGIN",
                right.getKey().formatted("mighty"));
        try {
            assertThatThrownBy(() -> roles.apply(database.dataSource(), Map.of()))
                    .hasMessageContaining("The role mighty may do too much: it ")
                    .hasMessageContaining(right.getValue());
            assertThat(
                            database.ask(
                                    "SELECT nspacl::text FROM pg_namespace WHERE nspname = 'citus_ingest'"))
                    .as("nothing was granted")
                    .doesNotContain("mighty");
        } finally {
            database.execute("DROP OWNED BY mighty", "DROP ROLE mighty");
        }
    }

    @Test
    void a_database_that_one_role_has_owned_is_split() throws Exception {
        TestDatabase split = TestDatabase.fresh();
        database.execute("DROP ROLE IF EXISTS single", "CREATE ROLE single LOGIN");
        String name = split.ask("SELECT current_database()");
        split.execute("ALTER DATABASE " + name + " OWNER TO single");
        TestDatabase single = split.as("single");
        try {
            single.execute(TABLES);
            new Ledger(single.dataSource()).install();
            Roles roles = new Roles(ROLES.owner(), "single");
            assertThatThrownBy(() -> roles.apply(split.dataSource(), NAMES))
                    .hasMessageContaining("is a member of pg_database_owner")
                    .hasMessageContaining("owns item")
                    .hasMessageContaining("REASSIGN OWNED");

            split.execute("REASSIGN OWNED BY single TO " + ROLES.owner());
            roles.apply(split.dataSource(), NAMES);

            Forbidden.isRefused(single.dataSource(), "DROP TABLE item");
            assertThat(new Ledger(single.dataSource()).refusal()).isEmpty();
            single.execute("INSERT INTO item (id) VALUES (1)");
        } finally {
            split.execute("DROP OWNED BY single", "DROP ROLE single");
        }
    }

    @Test
    void names_that_need_quotes_are_quoted() throws Exception {
        Roles odd = new Roles("Odd \"owner", "Odd loader; DROP TABLE item");
        database.execute("CREATE SCHEMA \"My tables\"");
        odd.apply(database.dataSource(), Map.of("schema", "My tables"));
        TestDatabase oddOwner = database.as(odd.owner());
        oddOwner.execute("CREATE TABLE \"My tables\".\"An item\" (id int)");
        odd.apply(
                database.dataSource(),
                Map.of("schema", "My tables", "tables", "\"My tables\".\"An item\""));

        database.as(odd.loader()).execute("INSERT INTO \"An item\" VALUES (1)");

        database.execute(
                "DROP OWNED BY \"Odd \"\"owner\", \"Odd loader; DROP TABLE item\" CASCADE",
                "DROP ROLE \"Odd \"\"owner\", \"Odd loader; DROP TABLE item\"");
    }
}
