package org.citusingest.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.citusingest.TestAzurite;
import org.citusingest.Workspace;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of blobs that do not hold what they should, from the container to the table. */
@Timeout(120)
class ContentFaultTest {
    private static final String BOM = "\uFEFF";
    private static final String ROWS = "id,name\n1,one\n2,two\n";

    @TempDir private Path folder;
    private Workspace workspace;

    @BeforeEach
    void newWorkspace() {
        workspace = new Workspace(folder);
    }

    /** A route from the blobs of a folder into a table, with its options. */
    private void route(String id, String table) {
        workspace.route(
                id + ".camel.yaml",
                """
                - route:
                    id: %s
                    from:
                      uri: blobs:%s
                      parameters: { include: "in/**" }
                      steps:
                        - unmarshal:
                            custom: { ref: delimited }
                        - to: citus:%s
                """
                        .formatted(id, workspace.container.getBlobContainerName(), table));
    }

    private void items(String options) {
        workspace.database.execute("CREATE TABLE item (id int, name text, _load_id bigint)");
        route("items", "item" + options);
    }

    private void upload(String name, byte[] content) {
        workspace.container.getBlobClient("in/" + name).upload(BinaryData.fromBytes(content), true);
    }

    private void upload(String name, String content) {
        upload(name, content.getBytes(UTF_8));
    }

    private void load(int code) {
        Run run = workspace.run("load");
        assertThat(run.code()).as(run.out() + run.err()).isEqualTo(code);
    }

    /** What the ledger says of a blob, which was tried once. */
    private String outcome(String name) {
        return workspace.database.ask(
                "SELECT state || ' ' || rows_copied || ' ' || rows_rejected FROM citus_ingest.load"
                        + " WHERE blob = 'in/%s' AND attempts = CASE state WHEN 'skipped' THEN 0 ELSE 1 END"
                                .formatted(name));
    }

    private void assertLoaded(String name, int rows) {
        assertThat(outcome(name)).as(name).isEqualTo("loaded " + rows + " 0");
        assertThat(rowsOf(name)).as(name).isEqualTo(rows);
    }

    private void assertFailed(String name, String... words) {
        assertThat(outcome(name)).as(name).isEqualTo("failed 0 0");
        assertThat(rowsOf(name)).as(name).isZero();
        assertThat(
                        workspace.database.ask(
                                "SELECT error FROM citus_ingest.load WHERE blob = 'in/%s'"
                                        .formatted(name)))
                .as(name)
                .contains(words)
                .hasSizeLessThan(1000)
                .doesNotContainPattern("\\p{Cntrl}");
    }

    private long rowsOf(String name) {
        return workspace.database.count(
                "item WHERE _load_id = (SELECT id FROM citus_ingest.load WHERE blob = 'in/%s')"
                        .formatted(name));
    }

    private static byte[] gzip(byte[]... members) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] member : members) {
            try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
                gzip.write(member);
            }
        }
        return out.toByteArray();
    }

    private static byte[] gzip(String text) throws IOException {
        return gzip(text.getBytes(UTF_8));
    }

    @Test
    void a_blob_without_rows_is_a_load_of_none_and_one_without_a_last_line_end_is_whole() {
        items("");
        upload("zero", "");
        upload("header", "id,name\n");
        upload("header-without-line-end", "id,name");
        upload("header-and-blank-lines", "id,name\r\n\r\n\n\n");
        upload("blank-lines", "\n\r\n\n");
        upload("mark", BOM);
        upload("rows-without-line-end", "id,name\n1,one\n2,two");

        load(0);

        assertThat(outcome("zero")).isEqualTo("skipped 0 0");
        for (String name :
                new String[] {
                    "header",
                    "header-without-line-end",
                    "header-and-blank-lines",
                    "blank-lines",
                    "mark"
                }) {
            assertLoaded(name, 0);
        }
        assertLoaded("rows-without-line-end", 2);
    }

    @Test
    void values_go_to_the_column_of_their_name_wherever_it_stands_and_never_elsewhere() {
        items("");
        upload("reordered", "name,id\none,1\ntwo,2\n");
        upload("case", "ID,Name\n1,one\n2,two\n");
        upload("quoted", "\"id\",\"name\"\n1,one\n2,two\n");
        upload("mark", BOM + ROWS);
        upload("mark-and-quoted", BOM + "\"id\",\"name\"\n1,one\n2,two\n");
        upload("extra", "id,name,more\n1,one,x\n");
        upload("other", "id,label\n1,one\n");
        upload("twice", "id,name,name\n1,one,one\n");
        upload("twice-by-case", "id,name,Name\n1,one,one\n");
        upload("none", "1,one\n2,two\n");

        load(1);

        for (String name :
                new String[] {"reordered", "case", "quoted", "mark", "mark-and-quoted"}) {
            assertLoaded(name, 2);
        }
        assertThat(workspace.database.rows("SELECT DISTINCT id, name FROM item ORDER BY id"))
                .containsExactly("1|one", "2|two");
        assertFailed("extra", "no column for 'more'", "The source has [id, name, more]");
        assertFailed("other", "no column for 'label'", "option columns");
        assertFailed("twice", "columns 2 and 3 are both named 'name'");
        assertFailed("twice-by-case", "Two columns of the source go to the column name");
        assertFailed("none", "no column for '1', 'one'", "The source has [1, one]");
    }

    @Test
    void a_column_that_a_file_lacks_has_its_default_or_fails_the_load() {
        workspace.database.execute(
                "CREATE TABLE item (id int NOT NULL, name text, kind text DEFAULT 'new', _load_id bigint)");
        route("items", "item");
        upload("without-kind", "id,name\n1,one\n");
        upload("without-name", "id,kind\n1,old\n");

        load(1);

        assertLoaded("without-kind", 1);
        assertThat(workspace.database.ask("SELECT kind FROM item")).isEqualTo("new");
        assertFailed("without-name", "nothing for 'name'");
    }

    @Test
    void text_in_another_encoding_is_read_where_it_says_so_and_else_refused_with_its_place() {
        items("?maxRejects=5");
        String text = "id,name\n1,Ørsted\n2,two\n";
        upload("utf-8-mark", BOM + text);
        upload("utf-16le-mark", (BOM + text).getBytes(UTF_16LE));
        upload("utf-16be-mark", (BOM + text).getBytes(UTF_16BE));
        upload("latin-1", text.getBytes(ISO_8859_1));
        upload("overlong", "id,name\n1,a\u00C0\u0080\n2,two\n".getBytes(ISO_8859_1));
        upload("surrogate", "id,name\n1,a\u00ED\u00A0\u0080\n2,two\n".getBytes(ISO_8859_1));
        upload("cut-off", "id,name\n2,two\n1,a\u00E2\u0082".getBytes(ISO_8859_1));
        upload("nul", "id,name\n1,a\0b\n2,two\n");
        upload("utf-16le", text.getBytes(UTF_16LE));
        upload("header-latin-1", "id,na\u00EFve\n1,one\n".getBytes(ISO_8859_1));

        load(1);

        for (String name : new String[] {"utf-8-mark", "utf-16le-mark", "utf-16be-mark"}) {
            assertLoaded(name, 2);
        }
        assertThat(
                        workspace.database.rows(
                                "SELECT name FROM item WHERE id = 1 GROUP BY name HAVING count(*) = 3"))
                .containsExactly("Ørsted");
        for (String name : new String[] {"latin-1", "overlong", "surrogate", "cut-off", "nul"}) {
            assertThat(outcome(name)).as(name).isEqualTo("loaded 1 1");
            assertThat(
                            workspace.database.ask(
                                    "SELECT sqlstate || ' ' || byte_offset FROM citus_ingest.reject WHERE blob LIKE '%%in/%s'"
                                            .formatted(name)))
                    .as(name)
                    .isEqualTo(name.equals("cut-off") ? "22021 14" : "22021 8");
        }
        assertFailed("utf-16le", "column 1 is no text in UTF-8", "option 'charset'");
        assertFailed("header-latin-1", "column 2 is no text in UTF-8");
    }

    @Test
    void the_end_mark_of_copy_is_data_like_any_other() {
        workspace.database.execute(
                "CREATE TABLE word (name text, _load_id bigint)",
                // No encoder knows it, so that its rows go as text.
                "CREATE DOMAIN other_text AS text",
                "CREATE TABLE word_as_text (name other_text, _load_id bigint)");
        route("words", "word");
        route("words-as-text", "word_as_text");
        upload("words", "name\nbefore\n\\.\n\"\\.\"\n\\N\n\"a\n\\.\nb\"\nafter\n");

        load(0);

        for (String table : new String[] {"word", "word_as_text"}) {
            assertThat(workspace.database.rows("SELECT name FROM " + table))
                    .as(table)
                    .containsExactlyInAnyOrder("before", "\\.", "\\.", "\\N", "a\n\\.\nb", "after");
        }
    }

    @Test
    void a_quote_that_is_never_closed_ends_the_load_long_before_the_end_of_the_blob() {
        items("");
        byte[] large = new byte[96 << 20];
        Arrays.fill(large, (byte) 'x');
        byte[] start = "id,name\n1,\"one\n2,two\n".getBytes(UTF_8);
        System.arraycopy(start, 0, large, 0, start.length);
        upload("large", large);
        try (StorageProxy storage = StorageProxy.before(TestAzurite.connectionString())) {
            workspace.set("storage.connection-string", storage.connectionString());

            load(1);

            assertFailed(
                    "large",
                    "row 1, byte 8: the row is longer than",
                    "the quote that opens at byte 10 is not closed");
            // The listing, and blocks of 4 MiB.
            assertThat(storage.requests()).isLessThan(12);
        }
    }

    @Test
    void a_value_that_is_too_much_for_the_server_is_rejected_and_a_long_one_is_not() {
        workspace.database.execute(
                "CREATE TABLE item (id int, name text, doc jsonb, key text, _load_id bigint)",
                "CREATE INDEX item_key ON item (key)");
        route("items", "item?maxRejects=2");
        String random =
                new Random(1)
                        .ints(10_000, 'a', 'z' + 1)
                        .collect(
                                StringBuilder::new,
                                StringBuilder::appendCodePoint,
                                StringBuilder::append)
                        .toString();
        upload(
                "long",
                "id,name,doc,key\n1,"
                        + "x".repeat(8 << 20)
                        + ",,\n2,,"
                        + "[".repeat(100_000)
                        + "]".repeat(100_000)
                        + ",\n3,,,"
                        + random
                        + "\n4,four,,\n");
        upload("longer", "id,name,doc,key\n1,one,,\n2," + "x".repeat(17 << 20) + ",,\n3,three,,\n");

        load(1);

        assertThat(outcome("long")).isEqualTo("loaded 2 2");
        assertThat(workspace.database.rows("SELECT id, length(name) FROM item ORDER BY id"))
                .containsExactly("1|" + (8 << 20), "4|4");
        assertThat(
                        workspace.database.rows(
                                "SELECT row_number, sqlstate FROM citus_ingest.reject ORDER BY 1"))
                .containsExactly("2|54001", "3|54000");
        assertFailed(
                "longer",
                "row 2, byte 24: the row is longer than the option 'maxRecordBytes' allows, 16777216 bytes");
    }

    @Test
    void a_damaged_gzip_fails_at_once_and_a_whole_one_is_read_whatever_its_name() throws Exception {
        items("");
        String many = "id,name\n" + "1,some name or other\n".repeat(50_000);
        byte[] good = gzip(many);
        byte[] wrong = good.clone();
        wrong[good.length - 8] ^= 1;
        upload("whole.csv", good);
        upload("plain.csv.gz", many);
        upload(
                "members.csv.gz",
                gzip(
                        "id,na".getBytes(UTF_8),
                        "me\n1,o".getBytes(UTF_8),
                        "ne\n2,two".getBytes(UTF_8)));
        upload("cut-off.csv.gz", Arrays.copyOf(good, good.length / 2));
        upload("checksum.csv.gz", wrong);
        byte[] trailing = Arrays.copyOf(good, good.length + 100);
        Arrays.fill(trailing, good.length, trailing.length, (byte) 'x');
        upload("garbage.csv.gz", trailing);
        upload("twice.csv.gz", gzip(good));

        load(1);

        assertLoaded("whole.csv", 50_000);
        assertLoaded("plain.csv.gz", 50_000);
        assertLoaded("members.csv.gz", 2);
        for (String name : new String[] {"cut-off.csv.gz", "checksum.csv.gz", "garbage.csv.gz"}) {
            assertFailed(name, "begins like gzip but is damaged or cut off", "upload it again");
        }
        assertFailed("twice.csv.gz", "column 1 is no text", "are read, once and not twice");
    }

    @Test
    void a_bomb_ends_at_the_longest_row_and_other_archives_are_named() throws Exception {
        items("");
        upload("line.gz", gzip(new byte[64 << 20]));
        byte[] blank = new byte[64 << 20];
        Arrays.fill(blank, (byte) '\n');
        upload("blank-lines.gz", gzip(ROWS.getBytes(UTF_8), blank));
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(archive)) {
            zip.putNextEntry(new ZipEntry("../rows.csv"));
            zip.write(ROWS.getBytes(UTF_8));
        }
        upload("rows.zip", archive.toByteArray());

        load(1);

        assertFailed("line.gz", "longer than the option 'maxRecordBytes' allows");
        assertLoaded("blank-lines.gz", 2);
        assertFailed("rows.zip", "column 1 is no text", "else unpack it");
    }

    @Test
    void equal_rows_and_equal_blobs_are_all_loaded() {
        items("");
        upload("one", ROWS + ROWS.substring(ROWS.indexOf('\n') + 1));
        upload("two", ROWS);
        upload("three", ROWS);

        load(0);

        assertLoaded("one", 4);
        assertLoaded("two", 2);
        assertLoaded("three", 2);
        assertThat(workspace.run("load").code()).isZero();
        assertThat(workspace.database.count("item")).isEqualTo(8);
    }
}
