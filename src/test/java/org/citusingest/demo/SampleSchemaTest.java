package org.citusingest.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.zip.GZIPInputStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.postgresql.PGConnection;
import org.postgresql.ds.PGSimpleDataSource;

class SampleSchemaTest {
    @TempDir static Path folder;
    private static DemoPostgres postgres;
    private static DataSource database;

    @BeforeAll
    static void start() throws SQLException {
        postgres = DemoPostgres.start(folder.resolve("postgres"));
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(postgres.jdbcUrl("postgres"));
        database = source;
        execute("GRANT CREATE ON DATABASE ingest TO " + Roles.DEFAULT.owner());
        source.setUrl(postgres.jdbcUrl(Roles.DEFAULT.owner()));
        source.setCurrentSchema("sample");
        database = source;
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    @BeforeEach
    void new_schema() throws SQLException {
        execute("DROP SCHEMA IF EXISTS sample CASCADE; CREATE SCHEMA sample");
    }

    @Test
    void installs_twice_as_a_role_that_is_no_superuser() throws SQLException {
        assertThat(query("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"))
                .isEqualTo("f");
        assertThat(SampleSchema.install(database)).isFalse();
        execute("INSERT INTO site VALUES (1, 'kept', 'example.org', NULL)");

        assertThat(SampleSchema.install(database)).isFalse();

        assertThat(query("SELECT name FROM site")).isEqualTo("kept");
    }

    @Test
    void changes_nothing_where_a_table_has_other_columns() throws SQLException {
        execute("CREATE TABLE site (site_id int, title text)");

        assertThatThrownBy(() -> SampleSchema.install(database))
                .isInstanceOf(DemoException.class)
                .message()
                .isEqualTo(
                        "the sample tables were not created (42P07 ERROR: table site already exists with other columns: expected (site_id integer, name text, host text, country text), found (site_id integer, title text)): nothing was changed; name another database or schema");
        assertThat(query("SELECT to_regclass('http_request') IS NULL")).isEqualTo("t");
    }

    @Test
    void summaries_of_two_sets_of_loads_add_up_to_a_recount() throws SQLException, IOException {
        SampleSchema.install(database);
        SampleData data = new SampleData(7, 2000);
        int load = 0;
        for (SampleBlob blob : data.blobs()) {
            if (blob.container().equals(SampleData.LOGS)) {
                copy(blob, ++load);
            }
        }

        summarize("1,3");
        assertThat(SummaryCheck.of(database).equal()).isFalse();
        summarize("2,4,5,6,7,8");

        SummaryCheck check = SummaryCheck.of(database);
        assertThat(check.equal()).isTrue();
        assertThat(check.requests()).isEqualTo(data.rows(SampleData.LOGS));
        assertThat(check.minutes()).isPositive();
        assertThat(check.busiestMinutes()).hasSize(5);
        assertThat(check.busiestSites()).hasSize(5);
        assertThat(check.busiestSites().get(0).siteId()).isEqualTo(1);

        summarize("2");
        assertThat(SummaryCheck.of(database).equal()).isFalse();
    }

    @Test
    void a_summary_of_no_loads_changes_nothing() throws SQLException, IOException {
        SampleSchema.install(database);
        copy(new SampleData(7, 100).blobs().get(0), 1);

        summarize("");

        assertThat(query("SELECT count(*) FROM http_request_1min")).isEqualTo("0");
    }

    @Test
    void a_summary_without_the_setting_is_refused() {
        SampleSchema.install(database);

        assertThatThrownBy(() -> query("SELECT rollup_http_request()"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("citus_ingest.load_ids");
    }

    @Test
    void postgres_takes_every_field_of_the_ugly_file() throws SQLException, IOException {
        SampleSchema.install(database);
        SampleBlob ugly =
                new SampleData()
                        .blobs().stream()
                                .filter(blob -> blob.name().endsWith("ugly.csv"))
                                .findFirst()
                                .orElseThrow();

        copy(ugly, 1);

        assertThat(
                        query(
                                "SELECT count(*) FROM http_request WHERE ingest_time = '2026-11-01T10:00:00Z'"))
                .isEqualTo("3");
        assertThat(
                        query(
                                "SELECT count(*) FROM http_request WHERE ingest_time::date = '2026-11-01'"))
                .isEqualTo(String.valueOf(ugly.rows()));
        assertThat(
                        query(
                                "SELECT count(url) FILTER (WHERE url = '') || ' ' || count(*) FILTER (WHERE url IS NULL) FROM http_request"))
                .isEqualTo("1 1");
    }

    @Test
    void the_demo_loads_as_a_role_that_makes_nothing() throws SQLException {
        PGSimpleDataSource owner = new PGSimpleDataSource();
        owner.setUrl(postgres.jdbcUrl(Roles.DEFAULT.owner()));
        SampleSchema.install(owner);

        postgres.grant();

        PGSimpleDataSource loader = new PGSimpleDataSource();
        loader.setUrl(postgres.jdbcUrl(Roles.DEFAULT.loader()));
        try (Connection connection = loader.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO http_request (site_id, status_code, _load_id) VALUES (1, 200, 7)");
            statement.execute("SET citus_ingest.load_ids = '7'");
            try (ResultSet written = statement.executeQuery("SELECT rollup_http_request()")) {
                written.next();
                assertThat(written.getLong(1)).isEqualTo(1);
            }
            assertThat(SummaryCheck.of(loader).equal()).isTrue();
            for (String refused :
                    List.of("CREATE TABLE mine (id int)", "TRUNCATE site", "DROP TABLE site")) {
                assertThatThrownBy(() -> statement.execute(refused))
                        .isInstanceOfSatisfying(
                                SQLException.class,
                                e -> assertThat(e.getSQLState()).isEqualTo("42501"));
            }
        }
    }

    @Test
    void says_in_one_line_that_postgres_did_not_start() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> DemoPostgres.start(file))
                .isInstanceOf(DemoException.class)
                .hasMessageStartingWith("PostgreSQL did not start in " + file)
                .hasMessageEndingWith("or point --database at a server");
    }

    private static void copy(SampleBlob blob, int load) throws SQLException, IOException {
        InputStream bytes = new ByteArrayInputStream(blob.bytes());
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                InputStream plain =
                        blob.name().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes) {
            // The default stamps the rows, as the loader does by sending the column.
            statement.execute("ALTER TABLE http_request ALTER _load_id SET DEFAULT " + load);
            long rows =
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn(
                                    "COPY http_request ("
                                            + SampleRequests.HEADER
                                            + ") FROM STDIN (FORMAT csv, HEADER)",
                                    plain);
            assertThat(rows).isEqualTo(blob.rows());
        }
    }

    private static void summarize(String loads) throws SQLException {
        execute(
                "BEGIN; SET LOCAL citus_ingest.load_ids = '%s'; SELECT rollup_http_request(); COMMIT"
                        .formatted(loads));
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
