package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

final class DelimitedFormatTest {
    @Test
    void the_defaults_are_those_of_rfc_4180_with_a_header() {
        assertThat(DelimitedFormat.builder().build())
                .isEqualTo(
                        new DelimitedFormat(
                                ',',
                                '"',
                                DelimitedFormat.NONE,
                                true,
                                List.of(),
                                "",
                                DelimitedFormat.NONE,
                                StandardCharsets.UTF_8,
                                8 << 20,
                                16 << 20,
                                200,
                                1L << 40));
    }

    @Test
    void every_option_can_be_set() {
        assertThat(
                        DelimitedFormat.builder()
                                .delimiter("\\t")
                                .quote("'")
                                .escape("\\")
                                .header(false)
                                .columns(List.of("a", "b"))
                                .nullToken("NULL")
                                .comment("#")
                                .charset("latin1")
                                .batchBytes(1)
                                .maxRecordBytes(TextLimits.MAX_BYTES)
                                .maxExpansion(1000)
                                .maxDecompressedBytes(5)
                                .build())
                .isEqualTo(
                        new DelimitedFormat(
                                '\t',
                                '\'',
                                '\\',
                                false,
                                List.of("a", "b"),
                                "NULL",
                                '#',
                                StandardCharsets.ISO_8859_1,
                                1,
                                TextLimits.MAX_BYTES,
                                1000,
                                5));
    }

    @Test
    void an_escape_that_is_the_quote_says_nothing_new() {
        assertThat(DelimitedFormat.builder().escape("\"").build())
                .isEqualTo(DelimitedFormat.builder().build());
    }

    @Test
    void a_wrong_option_is_named_with_its_value_and_what_is_allowed() {
        refused(b -> b.delimiter("ab"), "The option 'delimiter' is 'ab', but it must be one ASCII");
        refused(b -> b.delimiter("none"), "The option 'delimiter' is '', but it must be one ASCII");
        refused(b -> b.delimiter("§"), "The option 'delimiter' is '§', but it must be one ASCII");
        refused(b -> b.quote("\n"), "other than a line end");
        refused(
                b -> b.quote(","),
                "'quote' is ',', but it must differ from the option 'delimiter'");
        refused(b -> b.escape("\\").quote(""), "'escape' is '\\', but it has a meaning only");
        refused(
                b -> b.comment("\""),
                "'comment' is '\"', but it must differ from the option 'quote'");
        refused(b -> b.columns(List.of("a", "a")), "'columns' is '[a, a]', but 'a' stands twice");
        refused(b -> b.columns(List.of("a", "")), "a name must not be empty");
        refused(b -> b.charset("UTF-9"), "The option 'charset' is 'UTF-9', but it must be a name");
        refused(b -> b.batchBytes(0), "'batchBytes' is '0', but it must be from 1 to 536870912");
        refused(b -> b.maxRecordBytes(-1), "'maxRecordBytes' is '-1', but it must be from 1 to");
    }

    private static void refused(UnaryOperator<DelimitedFormat.Builder> option, String message) {
        assertThatThrownBy(() -> option.apply(DelimitedFormat.builder()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
