package org.citusingest.demo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.azure.storage.blob.BlobServiceClient;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.citusingest.TestAzurite;
import org.junit.jupiter.api.Test;

class SampleDataTest {
    private final SampleData small = new SampleData(7, 100);

    @Test
    void the_same_seed_gives_the_same_bytes() {
        for (int blob = 0; blob < small.blobs().size(); blob++) {
            assertThat(small.blobs().get(blob).bytes())
                    .isEqualTo(new SampleData(7, 100).blobs().get(blob).bytes());
        }
        assertThat(small.blobs().get(0).bytes())
                .isNotEqualTo(new SampleData(8, 100).blobs().get(0).bytes());
        assertThat(small.blobs().get(0).bytes()).isNotEqualTo(small.blobs().get(1).bytes());
    }

    @Test
    void every_blob_has_the_rows_it_says() throws IOException {
        SampleData data = new SampleData();

        for (SampleBlob blob : data.blobs()) {
            assertThat(Math.max(0, records(blob).size() - 1))
                    .as(blob.name())
                    .isEqualTo((int) blob.rows());
        }

        assertThat(data.rows(SampleData.LOGS)).isEqualTo(300_015);
        assertThat(data.rows(SampleData.REFERENCE)).isEqualTo(200);
    }

    @Test
    void every_record_has_the_fields_of_its_header() throws IOException {
        for (SampleBlob blob : small.blobs()) {
            List<CsvRecord> records = records(blob);
            assertThat(records)
                    .as(blob.name())
                    .allMatch(record -> record.getFieldCount() == records.get(0).getFieldCount());
        }
    }

    @Test
    void one_blob_has_all_that_loaders_trip_over() throws IOException {
        SampleBlob ugly = named("http/2026-11-02/ugly.csv");
        String text = new String(ugly.bytes(), UTF_8);
        List<CsvRecord> records = records(ugly);

        assertThat(text)
                .startsWith("\uFEFFsite_id,")
                .contains("\r\n", ",,", ",\"\",")
                .doesNotEndWith("\n");
        assertThat(records.get(0).getFields())
                .containsExactly(SampleRequests.HEADER.split(",", -1));
        assertThat(records)
                .extracting(record -> record.getField(1))
                .contains("2026-11-01T10:00:00Z", "2026-11-01 12:00:00+02");
        assertThat(records)
                .extracting(record -> record.getField(2))
                .contains(
                        "https://site-1.example.org/a,b,c",
                        "/say?q=\"hello\"",
                        "/two\nlines",
                        "/two\r\nwindows lines",
                        "/検索?q=カメラ",
                        "/emoji/🚀",
                        "");
    }

    @Test
    void one_blob_is_compressed_and_one_is_empty() {
        assertThat(named("http/2026-11-02/late.csv.gz").bytes()).startsWith(0x1f, 0x8b);
        assertThat(named("http/2026-11-02/empty.csv").bytes()).isEmpty();
    }

    @Test
    void sites_have_quotes_and_commas_in_names_and_hosts_in_mixed_case() throws IOException {
        List<CsvRecord> records = records(named("sites/sites.csv"));

        assertThat(records.get(0).getFields())
                .containsExactly("Site ID", "Name", "Host", "Country");
        assertThat(records.get(1).getField(1)).isEqualTo("O'Neil, Sons & Co 1");
        assertThat(records.get(2).getField(1)).isEqualTo("The \"Best\" Books 2");
        assertThat(records.get(3).getField(2)).isEqualTo("WWW.Site-3.Example.COM");
        assertThat(records).extracting(record -> record.getField(3)).contains("", "us", "DE");
    }

    @Test
    void an_upload_stores_every_byte_and_leaves_a_blob_that_is_there() throws IOException {
        BlobServiceClient storage = TestAzurite.client();

        for (SampleBlob blob : small.blobs()) {
            SampleBlob own =
                    new SampleBlob("sample-data-test", blob.name(), blob.rows(), blob.content());
            assertThat(SampleData.upload(storage, own)).isTrue();
            assertThat(SampleData.upload(storage, own)).isFalse();
            byte[] stored =
                    storage.getBlobContainerClient(own.container())
                            .getBlobClient(own.name())
                            .downloadContent()
                            .toBytes();
            assertThat(stored).isEqualTo(blob.bytes());
        }
    }

    private SampleBlob named(String name) {
        return small.blobs().stream()
                .filter(blob -> blob.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static List<CsvRecord> records(SampleBlob blob) throws IOException {
        InputStream bytes = new ByteArrayInputStream(blob.bytes());
        InputStream plain = blob.name().endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
        try (CsvReader<CsvRecord> reader =
                CsvReader.builder().detectBomHeader(true).ofCsvRecord(plain)) {
            return reader.stream().toList();
        }
    }
}
