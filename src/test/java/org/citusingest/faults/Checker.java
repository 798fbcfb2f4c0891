package org.citusingest.faults;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.awaitility.core.ConditionTimeoutException;
import org.citusingest.TestDatabase;

/**
 * What must be true when all is over, whatever went wrong on the way: every good row of every blob
 * is there once, ledger and summary say the same as the table, and nothing is left behind.
 */
public final class Checker {
    private static final int EXAMPLES = 5;

    private final TestDatabase database;
    private final String pipeline;
    private final String table;
    private final Set<Thread> threadsBefore = heartbeats();
    private final List<String> problems = new ArrayList<>();
    private Duration patience = Duration.ofSeconds(20);
    private String summary;
    private String recount;

    /** The state of a load in the ledger. */
    private record Load(
            long id, String state, long copied, long rejected, boolean summarized, String blob) {}

    /** The rows that a load has in the table. */
    private record Rows(long count, long distinct, long least, long most) {}

    private Checker(TestDatabase database, String pipeline, String table) {
        this.database = database;
        this.pipeline = pipeline;
        this.table = table;
    }

    /**
     * A checker of the loads of one pipeline into a table with the columns {@code id} and {@code
     * _load_id}. Made before the fault: it remembers which threads there were.
     */
    public static Checker of(TestDatabase database, String pipeline, String table) {
        return new Checker(database, pipeline, table);
    }

    /** Also that this table has the rows that the query over the loaded rows has. */
    public Checker summary(String summaryTable, String recountQuery) {
        summary = summaryTable;
        recount = recountQuery;
        return this;
    }

    /** How long what the end of a process leaves may take to vanish; 20 s if not said. */
    Checker patience(Duration duration) {
        patience = duration;
        return this;
    }

    /**
     * Looks at everything.
     *
     * @param sources the blobs there were
     * @throws AssertionError all that is wrong, with examples
     */
    public void check(Collection<Source> sources) {
        problems.clear();
        List<Load> loads = loads();
        Map<Long, Rows> rows = rows();
        checkRows(sources, loads, rows);
        checkLedger(loads, rows);
        checkRejects(sources, loads);
        if (summary != null) {
            checkSummary(loads);
        }
        checkNothingIsLeft();
        if (!problems.isEmpty()) {
            throw new AssertionError(
                    problems.size() + " problems:\n- " + String.join("\n- ", problems));
        }
    }

    /** That none of the texts, such as logs, has one of the secrets in it. */
    public static void checkSecrets(Collection<String> secrets, Collection<String> outputs) {
        for (String secret : secrets) {
            for (String output : outputs) {
                output.lines()
                        .filter(line -> line.contains(secret))
                        .findFirst()
                        .ifPresent(
                                line -> {
                                    throw new AssertionError("A secret was told: " + line);
                                });
            }
        }
    }

    private List<Load> loads() {
        return database
                .rows(
                        "SELECT id, state, rows_copied, rows_rejected, summarized_at IS NOT NULL, blob"
                                + " FROM citus_ingest.load WHERE pipeline = '%s' ORDER BY id"
                                        .formatted(pipeline))
                .stream()
                .map(row -> row.split("\\|", 6))
                .map(
                        column ->
                                new Load(
                                        Long.parseLong(column[0]),
                                        column[1],
                                        Long.parseLong(column[2]),
                                        Long.parseLong(column[3]),
                                        column[4].equals("t"),
                                        column[5]))
                .toList();
    }

    private Map<Long, Rows> rows() {
        Map<Long, Rows> rows = new TreeMap<>();
        database
                .rows(
                        "SELECT coalesce(_load_id, -1), count(*), count(DISTINCT id), min(id), max(id) FROM %s GROUP BY 1"
                                .formatted(table))
                .stream()
                .map(row -> row.split("\\|", 5))
                .forEach(
                        column ->
                                rows.put(
                                        Long.parseLong(column[0]),
                                        new Rows(
                                                Long.parseLong(column[1]),
                                                Long.parseLong(column[2]),
                                                Long.parseLong(column[3]),
                                                Long.parseLong(column[4]))));
        return rows;
    }

    private void checkRows(Collection<Source> sources, List<Load> loads, Map<Long, Rows> rows) {
        Map<String, List<Load>> loaded =
                loads.stream()
                        .filter(load -> load.state.equals("loaded"))
                        .collect(Collectors.groupingBy(Load::blob));
        List<String> wrong = new ArrayList<>();
        for (Source source : sources) {
            List<Load> its =
                    loaded.getOrDefault(source.blob(), List.of()).stream()
                            .filter(
                                    load ->
                                            !rows.containsKey(load.id)
                                                    || source.has(rows.get(load.id).least))
                            .toList();
            Rows there = its.size() == 1 ? rows.get(its.get(0).id) : null;
            if (its.size() != 1) {
                wrong.add("%s has %d published loads".formatted(source.blob(), its.size()));
            } else if (there == null ? source.good() > 0 : !fits(source, there)) {
                wrong.add(
                        "%s has %s and not %d of the ids %d to %d (load %d)"
                                .formatted(
                                        source.blob(),
                                        there,
                                        source.good(),
                                        source.firstId(),
                                        source.lastId(),
                                        its.get(0).id));
            }
        }
        report("blobs are not loaded as they should be", wrong);
        reportRows(
                "ids are there more than once (id|times|first load|last load)",
                "SELECT id, count(*), min(_load_id), max(_load_id) FROM %s GROUP BY id HAVING count(*) > 1 ORDER BY id"
                        .formatted(table));
        Set<Long> published =
                loads.stream()
                        .filter(load -> load.state.equals("loaded"))
                        .map(Load::id)
                        .collect(Collectors.toSet());
        report(
                "loads have rows in the table and are not published",
                rows.keySet().stream()
                        .filter(id -> !published.contains(id))
                        .map(id -> "load %d: %s".formatted(id, rows.get(id)))
                        .toList());
    }

    private static boolean fits(Source source, Rows there) {
        return there.count == source.good()
                && there.distinct == source.good()
                && source.has(there.least)
                && source.has(there.most);
    }

    private void checkLedger(List<Load> loads, Map<Long, Rows> rows) {
        report(
                "loads say another number of rows than the table has",
                loads.stream()
                        .filter(load -> load.state.equals("loaded"))
                        .filter(load -> load.copied != count(rows, load))
                        .map(load -> "%s; table %d".formatted(load, count(rows, load)))
                        .toList());
        report(
                "loads are not finished",
                loads.stream()
                        .filter(load -> load.state.matches("waiting|loading"))
                        .map(Load::toString)
                        .toList());
        String mine = "(SELECT * FROM citus_ingest.load WHERE pipeline = '%s')".formatted(pipeline);
        reportRows(
                "loads are published and hold a lease (id)",
                "SELECT id FROM %s AS load WHERE state = 'loaded' AND lease_until IS NOT NULL"
                        .formatted(mine));
        reportRows(
                "ranges of loads do not add up (id|copied|in ranges|rejected|in ranges)",
                """
                SELECT load.id, load.rows_copied, coalesce(sum(batch.rows_copied), 0),
                       load.rows_rejected, coalesce(sum(batch.rows_rejected), 0)
                FROM %s AS load LEFT JOIN citus_ingest.batch ON batch.load_id = load.id
                WHERE load.state = 'loaded'
                GROUP BY load.id, load.rows_copied, load.rows_rejected
                HAVING load.rows_copied <> coalesce(sum(batch.rows_copied), 0)
                    OR load.rows_rejected <> coalesce(sum(batch.rows_rejected), 0)
                """
                        .formatted(mine));
        reportRows(
                "ranges of loads leave gaps or overlap (load|table|the one ends|the next begins)",
                """
                SELECT load_id, table_name, before, range_from FROM (
                    SELECT load_id, table_name, range_from,
                           lag(range_to) OVER (PARTITION BY load_id, table_name, shards ORDER BY range_from) AS before
                    FROM citus_ingest.batch JOIN %s AS load ON load.id = batch.load_id
                    WHERE load.state = 'loaded') AS ranges
                WHERE before <> range_from
                """
                        .formatted(mine));
    }

    private static long count(Map<Long, Rows> rows, Load load) {
        return rows.containsKey(load.id) ? rows.get(load.id).count : 0;
    }

    private void checkRejects(Collection<Source> sources, List<Load> loads) {
        String bad =
                sources.stream()
                        .flatMap(source -> source.bad().stream())
                        .map(String::valueOf)
                        .collect(Collectors.joining(","));
        if (!bad.isEmpty()) {
            reportRows(
                    "bad rows are in the table (id)",
                    "SELECT id FROM %s WHERE id IN (%s)".formatted(table, bad));
        }
        Map<String, Integer> expected =
                sources.stream()
                        .collect(
                                Collectors.toMap(
                                        Source::blob, source -> source.bad().size(), Integer::max));
        report(
                "loads say another number of rejected rows than their blobs have",
                loads.stream()
                        .filter(load -> load.state.equals("loaded"))
                        .filter(load -> load.rejected != expected.getOrDefault(load.blob, 0))
                        .map(load -> load + "; bad rows " + expected.get(load.blob))
                        .toList());
        if (!database.ask("SELECT to_regclass('citus_ingest.reject')").equals("null")) {
            reportRows(
                    "loads have another number of rejected rows than they say (load|says|has|different)",
                    """
                    SELECT load.id, load.rows_rejected, count(reject.load_id), count(DISTINCT reject.row_number)
                    FROM citus_ingest.load LEFT JOIN citus_ingest.reject ON reject.load_id = load.id
                    WHERE load.pipeline = '%s' AND load.state = 'loaded'
                    GROUP BY load.id, load.rows_rejected
                    HAVING load.rows_rejected <> count(reject.load_id)
                        OR load.rows_rejected <> count(DISTINCT reject.row_number)
                    """
                            .formatted(pipeline));
        }
    }

    private void checkSummary(List<Load> loads) {
        report(
                "loads are published and not in the summary",
                loads.stream()
                        .filter(load -> load.state.equals("loaded") && !load.summarized)
                        .map(Load::toString)
                        .toList());
        reportRows(
                "rows of the summary are not what a recount gives",
                "(TABLE %1$s EXCEPT ALL (%2$s)) UNION ALL ((%2$s) EXCEPT ALL TABLE %1$s)"
                        .formatted(summary, recount));
    }

    private void checkNothingIsLeft() {
        String here = " AND datname = current_database()";
        reportLeft(
                "backends",
                () ->
                        database.count(
                                "pg_stat_activity WHERE application_name LIKE 'citus-ingest%'"
                                        + here));
        reportLeft(
                "prepared transactions",
                () -> database.count("pg_prepared_xacts WHERE database = current_database()"));
        reportLeft(
                "advisory locks",
                () ->
                        database.count(
                                "pg_locks JOIN pg_database ON pg_database.oid = database"
                                        + " WHERE locktype = 'advisory'"
                                        + here));
        reportLeft(
                "threads of heartbeats in this process",
                () -> heartbeats().stream().filter(t -> !threadsBefore.contains(t)).count());
    }

    private static Set<Thread> heartbeats() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("heartbeat"))
                .collect(Collectors.toSet());
    }

    private void reportLeft(String what, LongSupplier count) {
        try {
            await().atMost(patience).until(() -> count.getAsLong() == 0);
        } catch (ConditionTimeoutException e) {
            problems.add("%d %s are left".formatted(count.getAsLong(), what));
        }
    }

    private void reportRows(String what, String query) {
        report(what, database.rows(query));
    }

    private void report(String what, List<String> wrong) {
        if (!wrong.isEmpty()) {
            problems.add(
                    "%d %s, such as: %s"
                            .formatted(
                                    wrong.size(),
                                    what,
                                    wrong.stream()
                                            .limit(EXAMPLES)
                                            .collect(Collectors.joining("; "))));
        }
    }
}
