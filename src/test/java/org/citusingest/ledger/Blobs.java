package org.citusingest.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.citusingest.TestDatabase;

/** Versions of blobs of one pipeline, and rows of theirs in the table {@code item}. */
final class Blobs {
    static final byte[] HEADER = "id,word".getBytes(java.nio.charset.StandardCharsets.UTF_8);

    private final TestDatabase database;
    private final String pipeline;
    final Ledger ledger;

    Blobs(TestDatabase database, String pipeline) {
        this(database, pipeline, new Ledger(database.dataSource(), Duration.ofMinutes(5)));
    }

    Blobs(TestDatabase database, String pipeline, Ledger ledger) {
        this.database = database;
        this.pipeline = pipeline;
        this.ledger = ledger;
        ledger.install();
    }

    void found(String blob, String... etags) {
        for (String etag : etags) {
            ledger.register(pipeline, "a", "c", List.of(new FoundBlob(blob, etag, 1, null)));
        }
    }

    Optional<Claim> next(Overwrite overwrite) {
        return next(ledger, overwrite);
    }

    Optional<Claim> next(Ledger by, Overwrite overwrite) {
        return by.claim(pipeline, "a", "c", 3, overwrite);
    }

    /** Finds this version and claims it. */
    Claim claim(String blob, String etag, Overwrite overwrite) {
        found(blob, etag);
        return next(overwrite).orElseThrow();
    }

    /** Finds, claims and publishes this version, with so many rows. */
    Claim load(String blob, String etag, Overwrite overwrite, int rows) throws SQLException {
        Claim claim = claim(blob, etag, overwrite);
        publish(claim, rows, 0, Optional.empty());
        return claim;
    }

    void publish(Claim claim, int rows, int rejected, Optional<String> onRemove)
            throws SQLException {
        try (Connection connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            insert(connection, claim, 0, rows);
            if (rejected > 0) {
                ledger.reject(connection, claim, HEADER, rejects(rows + 1L, rejected));
            }
            ledger.publish(
                    connection,
                    claim,
                    new Publication(List.of(range(0, rows, rejected)), rows, rejected, onRemove));
            connection.commit();
        }
    }

    void commitRange(Claim claim, int from, int rows, int rejected) throws SQLException {
        try (Connection connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            insert(connection, claim, from, rows);
            ledger.commitRanges(
                    connection,
                    claim,
                    List.of(range(from, rows, rejected)),
                    HEADER,
                    rejects((long) from + rows + 1, rejected));
            connection.commit();
        }
    }

    static CommittedRange range(int from, int rows, int rejected) {
        return new CommittedRange("item", from, (long) from + rows + rejected, rows, rejected);
    }

    private static void insert(Connection connection, Claim claim, int from, int rows)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "INSERT INTO item SELECT i, %d FROM generate_series(%d, %d) AS i"
                            .formatted(claim.id(), from + 1, from + rows));
        }
    }

    static List<RejectedRow> rejects(long first, int count) {
        return java.util.stream.LongStream.range(first, first + count)
                .mapToObj(
                        row ->
                                new RejectedRow(
                                        row,
                                        row % 2 == 0 ? -1 : row * 10,
                                        new byte[] {(byte) row, 0, -1},
                                        "item",
                                        "id",
                                        "22P02",
                                        "no int\0: '" + row + "'"))
                .toList();
    }

    List<String> loads() {
        return database.rows(
                "SELECT etag, state, rows_copied, rows_rejected, error FROM citus_ingest.load"
                        + " WHERE pipeline = '%s' ORDER BY id".formatted(pipeline));
    }

    /** How many rows each load has in the table. */
    List<String> items() {
        return database.rows(
                "SELECT _load_id, count(*) FROM item GROUP BY _load_id ORDER BY _load_id");
    }

    String summarize(String call) {
        return database.ask("SELECT citus_ingest.summarize('%s', '%s')".formatted(pipeline, call));
    }
}
