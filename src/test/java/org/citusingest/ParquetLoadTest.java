package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import org.citusingest.rows.parquet.Duck;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGConnection;

/** Parquet from blobs: into typed columns exactly as the server would read the same texts. */
class ParquetLoadTest {
    /** All of these but {@code clock} can be sent by binary COPY. */
    private static final String COLUMNS =
            """
            id int, flag bool, tiny smallint, small smallint, big bigint, utiny smallint, usmall int, uint bigint,
            ubig numeric, real4 real, real8 double precision, dec4 numeric(4,1), dec9 numeric(9,3), dec18 numeric(18,6),
            dec38 numeric(38,10), word text, bytes bytea, day date, clock time, local timestamp, moment timestamptz,
            key uuid, choice varchar(10), seldom int, never int, list jsonb, struct jsonb, map json
            """;

    private static final String ROUTE =
            """
            - beans:
                - name: some
                  type: org.citusingest.rows.parquet.ParquetDataFormat
                  properties: { columns: "%3$s", batchRows: 700 }
            - route:
                id: items
                from:
                  uri: "blobs:%1$s"
                  parameters: { %2$s }
                  steps:
                    - unmarshal: { custom: { ref: some } }
                    - split:
                        simple: "${body}"
                        streaming: true
                        parallelProcessing: true
                        executorService: copy
                        aggregationStrategy: "#loadResult"
                        steps:
                          - to: { uri: "citus:item", parameters: { publish: %4$s } }
            """;

    private static Duck duck;

    @TempDir private Path folder;

    @BeforeAll
    static void open() throws SQLException {
        duck = new Duck();
    }

    @AfterAll
    static void close() throws SQLException {
        duck.close();
    }

    private static void route(Workspace workspace, String blobs, String columns, String publish) {
        workspace.route(
                "items.camel.yaml",
                ROUTE.formatted(
                        workspace.container.getBlobContainerName(), blobs, columns, publish));
    }

    private static void upload(Workspace workspace, String name, Path file) {
        workspace.container.getBlobClient(name).upload(BinaryData.fromFile(file), true);
    }

    @ParameterizedTest
    @ValueSource(strings = {"clock time, ", ""})
    void every_type_as_its_text(String left) throws Exception {
        Workspace workspace = new Workspace(folder);
        String columns = COLUMNS.replaceAll("\\s+", " ").replace(left, "");
        String names =
                columns.replaceAll("\\([^)]*\\)", "").replaceAll(" ?(\\w+) [^,]*", "$1").strip();
        workspace.database.execute(
                "CREATE TABLE item (%s)".formatted(columns), "CREATE TABLE expected (LIKE item)");
        Path file =
                duck.write(folder.resolve("a.parquet"), Duck.typed(4500), "ROW_GROUP_SIZE 2048");
        Path csv = folder.resolve("a.csv");
        duck.execute(
                "COPY (SELECT %s FROM (%s)) TO '%s' (HEADER, NULLSTR '\\N')"
                        .formatted(names, duck.texts(file), csv));
        copyExpected(workspace.database, csv);
        upload(workspace, "a.parquet", file);
        route(workspace, "", names, "load");

        Workspace.Run run = workspace.run("load");

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(workspace.database.count("item")).isEqualTo(4500);
        assertThat(
                        workspace.database.rows(
                                """
                                (SELECT (t #- '{map}')::text FROM (SELECT to_jsonb(i) t FROM item i) a
                                EXCEPT ALL SELECT (t #- '{map}')::text FROM (SELECT to_jsonb(i) t FROM expected i) a)
                                UNION ALL (SELECT map::jsonb::text FROM item EXCEPT ALL SELECT map::jsonb::text FROM expected)
                                LIMIT 3
                                """))
                .isEmpty();
    }

    private static void copyExpected(TestDatabase database, Path csv)
            throws SQLException, IOException {
        try (Connection connection = database.dataSource().getConnection();
                InputStream in = Files.newInputStream(csv)) {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY expected FROM STDIN (FORMAT csv, HEADER, NULL '\\N')", in);
        }
    }

    @Test
    void intervals_and_less_than_a_microsecond() throws Exception {
        Workspace workspace = new Workspace(folder);
        workspace.database.execute("CREATE TABLE item (span interval, nanos timestamp)");
        Path file =
                duck.write(
                        folder.resolve("a.parquet"),
                        "SELECT INTERVAL '14 months 2 days 3076 milliseconds' AS span, TIMESTAMP_NS '2024-12-31 23:59:59.999999999' AS nanos");
        upload(workspace, "a.parquet", file);
        route(workspace, "", "", "load");

        assertThat(workspace.run("load").code()).isZero();

        assertThat(workspace.database.rows("TABLE item"))
                .containsExactly("1 year 2 mons 2 days 00:00:03.076|2024-12-31 23:59:59.999999");
    }

    @Test
    void a_damaged_blob_fails_alone_and_leaves_nothing() throws Exception {
        Workspace workspace = new Workspace(folder);
        workspace.database.execute("CREATE TABLE item (id bigint)");
        Path file =
                duck.write(
                        folder.resolve("a.parquet"),
                        "SELECT i AS id FROM range(9000) AS r(i)",
                        "ROW_GROUP_SIZE 2048");
        upload(workspace, "a.parquet", file);
        byte[] bytes = Files.readAllBytes(file);
        // Within the last row group, before the metadata.
        Arrays.fill(bytes, bytes.length * 3 / 4, bytes.length * 3 / 4 + 300, (byte) -1);
        upload(workspace, "b.parquet", Files.write(folder.resolve("b.parquet"), bytes));
        upload(workspace, "c.parquet", Files.write(folder.resolve("c.parquet"), new byte[500]));
        route(workspace, "", "id", "load");

        Workspace.Run run = workspace.run("load");

        assertThat(run.code()).isNotZero();
        assertThat(workspace.loads("blob, state, rows_copied"))
                .satisfiesExactly(
                        a -> assertThat(a).isEqualTo("a.parquet|loaded|9000"),
                        b -> assertThat(b).startsWith("b.parquet|failed"),
                        c -> assertThat(c).startsWith("c.parquet|failed"));
        assertThat(workspace.database.count("item")).isEqualTo(9000);
        assertThat(run.out() + run.err()).contains("c.parquet", "it is no Parquet, or cut off");
    }

    @Test
    void small_blobs_are_loaded_together_and_batches_are_published_as_they_come() throws Exception {
        Workspace workspace = new Workspace(folder);
        workspace.database.execute("CREATE TABLE item (id bigint)");
        for (int i = 0; i < 12; i++) {
            Path file =
                    duck.write(
                            folder.resolve("a.parquet"),
                            "SELECT i + %d AS id FROM range(1500) AS r(i)".formatted(1500 * i));
            upload(workspace, "a%d.parquet".formatted(i), file);
        }
        route(workspace, "batchFiles: 5", "", "load");
        assertThat(workspace.run("load").code()).isZero();
        route(workspace, "include: 'b*'", "", "batch");
        upload(
                workspace,
                "b.parquet",
                duck.write(
                        folder.resolve("b.parquet"), "SELECT -i AS id FROM range(3000) AS r(i)"));
        assertThat(workspace.run("load").code()).isZero();

        assertThat(workspace.database.ask("SELECT count(DISTINCT id) || ' ' || count(*) FROM item"))
                .isEqualTo("20999 21000");
        assertThat(
                        workspace.database.rows(
                                "SELECT range_from, range_to, batch.rows_copied FROM citus_ingest.batch JOIN citus_ingest.load ON load.id = load_id WHERE blob = 'b.parquet' ORDER BY 1"))
                .containsExactly(
                        "1|701|700",
                        "701|1401|700",
                        "1401|2101|700",
                        "2101|2801|700",
                        "2801|3001|200");
    }
}
