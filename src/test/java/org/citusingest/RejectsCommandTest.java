package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.core.util.BinaryData;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RejectsCommandTest {
    @TempDir private Path folder;
    private Items items;

    @BeforeEach
    void newWorkspace() {
        items = new Items(new Workspace(folder), "maxRejects: 5");
    }

    @Test
    void says_that_there_is_none_and_writes_nothing() {
        assertThat(items.ok("rejects")).isEqualTo("No rejected row\n");
        assertThat(items.ok("rejects", "--json")).isEmpty();
        assertThat(items.ok("rejects", "--csv")).hasLineCount(1).startsWith("load,blob,table,");
        assertThat(items.refused("rejects", "--load", "7"))
                .isEqualTo(
                        "citus-ingest rejects: There is no load 7: citus-ingest status lists them");
        assertThat(items.workspace.database.ask("SELECT to_regnamespace('citus_ingest')"))
                .isEqualTo("null");
    }

    @Test
    void shows_rows_of_loaded_loads_and_marks_those_of_failed_ones() {
        items.load("a.csv", "id,name\n1,one\ntwo,two\n-3,three\n");
        items.workspace.upload("items/b.csv", "id,name\n1,one\n" + "x,y\n".repeat(6));
        items.workspace.run("load");

        List<String> lines = items.ok("rejects").lines().toList();

        assertThat(lines.get(0))
                .isEqualTo(
                        "load 2, %s to \"public\".\"item\": the load failed or was taken out, so no row beside these is in"
                                .formatted(items.source("b.csv")));
        assertThat(lines)
                .contains("load 1, %s to \"public\".\"item\"".formatted(items.source("a.csv")));
        assertThat(items.ok("rejects", "--load", "1").lines().skip(1))
                .containsExactly(
                        "         row  column                state  reason",
                        "           2  id                    22P02  invalid input syntax for type integer: \"two\"",
                        "              two,two",
                        "           3                        23514  new row for relation \"item\" violates check constraint \"item_id_check\" (Failing row contains (-3, three, 1).)",
                        "              -3,three");
        assertThat(items.ok("rejects", "--load", "1", "--limit", "1"))
                .hasLineCount(5)
                .endsWith("There may be more: --limit shows so many, --csv and --json show all\n");
        assertThat(items.ok("rejects", "--limit", "1", "--json")).hasLineCount(1);
    }

    /** A quoted line break, quotes, a byte that is no UTF-8, a terminal code, a text like hex. */
    private void awkward() {
        ByteArrayOutputStream source = new ByteArrayOutputStream();
        source.writeBytes(
                "id,name\na,\"x\ny\"\nb,\"say \"\"no\"\"\"\n".getBytes(StandardCharsets.UTF_8));
        source.writeBytes(new byte[] {'c', ',', (byte) 0xff, '\n'});
        source.writeBytes(
                "d,\u001b[31m\u009b1m\u202eo\n\\x41,e\n".getBytes(StandardCharsets.UTF_8));
        items.workspace
                .container
                .getBlobClient("items/awkward.csv")
                .upload(BinaryData.fromBytes(source.toByteArray()));
        assertThat(items.workspace.run("load").code()).isZero();
        items.workspace.database.execute(
                "UPDATE citus_ingest.reject SET rejected_at = '2026-01-02 03:04:05.6Z'");
    }

    @Test
    void prints_csv_that_brings_awkward_bytes_through() {
        awkward();
        String blob = items.source("awkward.csv");
        String reason = "\"invalid input syntax for type integer: \"\"%s\"\"\"";
        String at = "2026-01-02T03:04:05.600Z";

        assertThat(items.ok("rejects", "--csv"))
                .isEqualTo(
                        String.join(
                                "\r\n",
                                "load,blob,table,row_number,byte_offset,column,sqlstate,reason,published,replay,rejected_at,raw",
                                "1,%s,\"\"\"public\"\".\"\"item\"\"\",1,8,id,22P02,%s,true,,%s,\"a,\"\"x\ny\"\"\""
                                        .formatted(blob, reason.formatted("a"), at),
                                "1,%s,\"\"\"public\"\".\"\"item\"\"\",2,16,id,22P02,%s,true,,%s,\"b,\"\"say \"\"\"\"no\"\"\"\"\"\"\""
                                        .formatted(blob, reason.formatted("b"), at),
                                "1,%s,\"\"\"public\"\".\"\"item\"\"\",3,31,name,22021,%s,true,,%s,\\x632cff"
                                        .formatted(
                                                blob,
                                                "\"invalid byte sequence for encoding \"\"UTF8\"\": 0xff\"",
                                                at),
                                "1,%s,\"\"\"public\"\".\"\"item\"\"\",4,35,id,22P02,%s,true,,%s,\"d,\u001b[31m\u009b1m\u202eo\""
                                        .formatted(blob, reason.formatted("d"), at),
                                "1,%s,\"\"\"public\"\".\"\"item\"\"\",5,51,id,22P02,%s,true,,%s,\\x5c7834312c65"
                                        .formatted(blob, reason.formatted("\\x41"), at),
                                ""));
    }

    @Test
    void prints_json_that_brings_awkward_bytes_through() throws Exception {
        awkward();
        String printed = items.ok("rejects", "--json");

        assertThat(printed.lines().findFirst().orElseThrow())
                .isEqualTo(
                        "{\"load\":1,\"blob\":\"%s\",\"table\":\"\\\"public\\\".\\\"item\\\"\",\"rowNumber\":1,\"byteOffset\":8,\"column\":\"id\",\"sqlstate\":\"22P02\",\"reason\":\"invalid input syntax for type integer: \\\"a\\\"\",\"published\":true,\"replay\":null,\"rejectedAt\":\"2026-01-02T03:04:05.600Z\",\"raw\":\"a,\\\"x\\ny\\\"\"}"
                                .formatted(items.source("awkward.csv")));
        List<String> raws =
                printed.lines()
                        .map(RejectsCommandTest::node)
                        .map(one -> one.get("raw").asText())
                        .toList();
        assertThat(raws)
                .containsExactly(
                        "a,\"x\ny\"",
                        "b,\"say \"\"no\"\"\"",
                        "\\x632cff",
                        "d,\u001b[31m\u009b1m\u202eo",
                        "\\x5c7834312c65");
        assertThat(printed).doesNotContain("\u001b");
    }

    private static JsonNode node(String line) {
        try {
            return new ObjectMapper().readTree(line);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void the_text_for_a_terminal_holds_no_codes_and_a_line_a_row() {
        awkward();

        String printed = items.ok("rejects");

        assertThat(printed).hasLineCount(12).contains("a,\"x?y\"").contains("d,?[31m?1m?o");
        assertThat(printed).doesNotContain("\u001b", "\u009b", "\u202e");
    }

    @Test
    void a_long_row_is_cut_on_the_screen_only() {
        String name = "x".repeat(5000);
        items.load("a.csv", "id,name\none," + name + "\n");

        assertThat(items.ok("rejects")).contains("xxx...\n").hasSizeLessThan(1000);
        assertThat(items.ok("rejects", "--csv")).contains("," + name);
    }

    @Test
    void wrong_options_are_a_wrong_usage() {
        for (String[] wrong :
                new String[][] {
                    {"--limit", "0"}, {"--limit", "many"}, {"--load", "x"}, {"--csv", "--json"}
                }) {
            Run run = items.workspace.run("rejects", wrong);
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err()).contains(wrong[0]);
        }
    }
}
