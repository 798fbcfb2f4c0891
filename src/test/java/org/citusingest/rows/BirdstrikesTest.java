package org.citusingest.rows;

import static org.assertj.core.api.Assertions.assertThat;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file as an agency published it. */
final class BirdstrikesTest {
    private static final Path FILE = Path.of("src/test/resources/birdstrikes.csv");

    @ParameterizedTest
    @ValueSource(ints = {500, 100_000, 8 << 20})
    void reads_all_reports_of_birds_hitting_aircraft(int batchBytes) throws IOException {
        long rows = 0;
        long cost = 0;
        Field field = new Field();
        DelimitedFormat format = DelimitedFormat.builder().batchBytes(batchBytes).build();
        try (DelimitedReader reader =
                new DelimitedReader(() -> Files.newInputStream(FILE), format)) {
            while (reader.hasNext()) {
                RowBatch batch = reader.next();
                assertThat(batch.columns())
                        .containsExactly(
                                "Airport Name",
                                "Aircraft Make Model",
                                "Effect Amount of damage",
                                "Flight Date",
                                "Aircraft Airline Operator",
                                "Origin State",
                                "Phase of flight",
                                "Wildlife Size",
                                "Wildlife Species",
                                "Time of day",
                                "Cost Other",
                                "Cost Repair",
                                "Cost Total $",
                                "Speed IAS in knots");
                int total = batch.columns().indexOf("Cost Total $");
                RowCursor cursor = batch.cursor();
                while (cursor.next()) {
                    rows++;
                    assertThat(cursor.fields()).isEqualTo(14);
                    cost += cursor.read(total, field) ? Long.parseLong(field.toString()) : 0;
                }
                batch.release();
            }
        }
        assertThat(rows).isEqualTo(10_000);
        assertThat(cost).isPositive().isEqualTo(costByFastCsv());
    }

    private static long costByFastCsv() throws IOException {
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(FILE)) {
            return reader.stream()
                    .map(row -> row.getField("Cost Total $"))
                    .filter(text -> !text.isEmpty())
                    .mapToLong(Long::parseLong)
                    .sum();
        }
    }
}
