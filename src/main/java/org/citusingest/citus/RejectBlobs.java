package org.citusingest.citus;

import com.azure.storage.blob.models.BlobStorageException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.support.DefaultExchange;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Failure;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.RejectedRow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The option {@code rejectTo}: writes the rejected rows of a load, as the ledger has them, to a
 * blob, by Camel's component azure-storage-blob. A failure of that does not undo the load.
 */
final class RejectBlobs {
    private static final Logger LOG = LoggerFactory.getLogger(RejectBlobs.class);

    private static final String BLOB_NAME = "CamelAzureStorageBlobBlobName";
    private static final String METADATA = "CamelAzureStorageBlobMetadata";

    /** Tells {@code blobs:} that it is no data, where the container is the one of the data. */
    private static final Map<String, String> NO_DATA = Map.of("citusingest", "rejected");

    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180
                    .builder()
                    .setHeader("row_number", "byte_offset", "column", "sqlstate", "reason", "raw")
                    .get();

    private final CamelContext context;
    private final Ledger ledger;

    RejectBlobs(CamelContext context, Ledger ledger) {
        this.context = context;
        this.ledger = ledger;
    }

    /** Writes the blob, over an earlier one of the same load. */
    void write(Claim claim, String container) {
        try {
            Path file = Files.createTempFile("citus-ingest-rejected-", ".csv");
            try {
                print(claim, file);
                upload(claim, container, file);
            } finally {
                Files.delete(file);
            }
        } catch (Exception e) {
            String error =
                    "the rejected rows could not be written to the container %s: %s; citus-ingest rejects --load %d shows them"
                            .formatted(container, reason(e), claim.id());
            LOG.warn("load={} {}", claim.id(), error);
            ledger.noteAfterLoad(claim, error, Optional.empty());
        }
    }

    /** The service's answer is many lines, of which its code says all. */
    private static String reason(Exception error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof BlobStorageException answer) {
                return answer.getStatusCode() + " " + answer.getErrorCode();
            }
        }
        return Failure.oneLine(error);
    }

    private void print(Claim claim, Path file) throws IOException {
        try (BufferedWriter writer = Files.newBufferedWriter(file);
                CSVPrinter printer = new CSVPrinter(writer, FORMAT)) {
            ledger.rejects(
                    Optional.of(claim.id()),
                    Integer.MAX_VALUE,
                    reject -> {
                        RejectedRow row = reject.row();
                        try {
                            printer.printRecord(
                                    row.rowNumber(),
                                    row.byteOffset() < 0 ? null : row.byteOffset(),
                                    row.column(),
                                    row.sqlState(),
                                    row.reason(),
                                    row.rawText());
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
        }
    }

    private void upload(Claim claim, String container, Path file) throws Exception {
        Exchange exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(file.toFile());
        exchange.getMessage()
                .setHeader(
                        BLOB_NAME, "%s.load-%d.rejected.csv".formatted(claim.blob(), claim.id()));
        exchange.getMessage().setHeader(METADATA, NO_DATA);
        // The account is that of the client, which the component finds in the registry.
        String account = claim.account().isEmpty() ? "account" : claim.account();
        Exchange sent =
                context.createProducerTemplate()
                        .send(
                                "azure-storage-blob://%s/%s?operation=uploadBlockBlob"
                                        .formatted(account, container),
                                exchange);
        if (sent.getException() != null) {
            throw sent.getException();
        }
    }
}
