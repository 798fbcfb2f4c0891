package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SourcesReaderTest {
    private final List<String> opened = new ArrayList<>();

    private SourcesReader reader(String... sources) {
        return new SourcesReader(
                Stream.of(sources)
                        .<Source>map(
                                text ->
                                        () -> {
                                            opened.add(text);
                                            return new ByteArrayInputStream(
                                                    text.getBytes(StandardCharsets.UTF_8));
                                        })
                        .iterator(),
                DelimitedReader.factory(DelimitedFormat.builder().batchBytes(16).build(), 4));
    }

    @Test
    void each_batch_names_its_source_and_has_the_columns_and_places_of_that_one() {
        List<String> batches = new ArrayList<>();
        reader("a,b\n1,2\n", "c\n", "a\n1\n22222\n333333333\n")
                .forEachRemaining(
                        batch -> {
                            batches.add(
                                    batch.source() + " " + batch.columns() + " " + batch.span());
                            batch.release();
                        });

        assertThat(batches)
                .containsExactly(
                        "0 [a, b] Span[number=0, firstRow=1, from=0, to=8]",
                        "1 [c] Span[number=0, firstRow=1, from=0, to=2]",
                        "2 [a] Span[number=0, firstRow=1, from=0, to=10]",
                        "2 [a] Span[number=1, firstRow=3, from=10, to=20]");
    }

    @Test
    void a_source_is_opened_when_it_is_its_turn_and_none_after_a_stop() {
        SourcesReader reader = reader("a\n1\n", "a\n2\n", "a\n3\n");
        reader.next();
        assertThat(opened).containsExactly("a\n1\n");

        reader.next().stop();

        assertThat(reader.hasNext()).isFalse();
        assertThat(opened).hasSize(2);
    }

    @Test
    void one_that_was_closed_does_not_seem_to_have_ended() throws Exception {
        SourcesReader reader = reader("a\n1\n", "a\n2\n");
        reader.next();
        reader.close();

        assertThatThrownBy(reader::hasNext)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed before its end");
        assertThat(opened).hasSize(1);
    }
}
