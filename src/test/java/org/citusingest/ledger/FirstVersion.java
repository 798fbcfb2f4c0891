package org.citusingest.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import org.citusingest.TestDatabase;

/** A ledger as the first release made it. */
final class FirstVersion {
    private FirstVersion() {}

    static void install(TestDatabase database) throws IOException {
        try (InputStream script = Ledger.class.getResourceAsStream("V1.sql")) {
            database.execute(
                    "CREATE SCHEMA citus_ingest",
                    "CREATE TABLE citus_ingest.ledger_version (version integer PRIMARY KEY,"
                            + " installed_at timestamptz NOT NULL DEFAULT now())",
                    new String(script.readAllBytes(), UTF_8),
                    "INSERT INTO citus_ingest.ledger_version (version) VALUES (1)");
        }
    }
}
