package org.citusingest.ledger;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Optional;

/** What a role may do with the ledger, which need not be the one that made it. */
final class LedgerRights {
    // By the catalog alone: a name with a schema cannot be resolved by one who may not use it.
    private static final String QUERY =
            """
            SELECT current_user, current_database(), pg_get_userbyid(owned.relowner),
                CASE WHEN schema.oid IS NULL THEN has_database_privilege(current_database(), 'CREATE')
                    ELSE has_schema_privilege(schema.oid, 'CREATE') END,
                pg_has_role(owned.relowner, 'MEMBER'),
                CASE WHEN has_schema_privilege(schema.oid, 'USAGE') THEN (
                    SELECT string_agg(missing || ' on ' || relname, '; ' ORDER BY relname)
                    FROM (VALUES ('ledger_version', '{SELECT}'::text[]), ('load', '{SELECT,INSERT,UPDATE}'),
                            ('batch', '{SELECT,INSERT,DELETE}'), ('reject', '{SELECT,INSERT,UPDATE,DELETE}'),
                            ('summary', '{SELECT,INSERT,UPDATE}')) AS needed (name, rights)
                        JOIN pg_class ON relname = name AND relnamespace = schema.oid,
                        LATERAL (SELECT string_agg("right", ', ') FROM unnest(rights) AS "right"
                            WHERE NOT has_table_privilege(pg_class.oid, "right")) AS lacking (missing))
                ELSE 'USAGE on the schema' END
            FROM (VALUES ('citus_ingest')) AS wanted (name)
                LEFT JOIN pg_namespace AS schema ON nspname = wanted.name
                LEFT JOIN pg_class AS owned ON relnamespace = schema.oid AND relname = 'ledger_version'
            """;

    private LedgerRights() {}

    /** Why this role can neither use the ledger nor make it, and what to do; empty where it can. */
    static Optional<String> refusal(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            row.next();
            String role = row.getString(1);
            String owner = row.getString(3);
            boolean create = row.getBoolean(4);
            boolean own = row.getBoolean(5);
            String missing = row.getString(6);
            if (owner == null) {
                return create
                        ? Optional.empty()
                        : Optional.of(
                                "There is no ledger in the database %s, and the role %s may not make it: run citus-ingest install as a role that may create the schema citus_ingest, then deploy/roles.sql for %2$s"
                                        .formatted(row.getString(2), role));
            }
            if (missing != null) {
                return Optional.of(
                        "The role %s has too few rights on the ledger, it lacks %s: run deploy/roles.sql for it"
                                .formatted(role, missing));
            }
            int version = LedgerSchema.version(connection);
            return own || version >= LedgerSchema.VERSION
                    ? Optional.empty()
                    : Optional.of(
                            "The ledger has version %d, and the role %s may not bring it to version %d: run citus-ingest install as %s, then deploy/roles.sql"
                                    .formatted(version, role, LedgerSchema.VERSION, owner));
        }
    }
}
