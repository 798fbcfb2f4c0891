-- Version 2 of the ledger: rejected rows, loads in ranges, overwritten blobs, and rows that are not yet visible.

ALTER TABLE citus_ingest.load
    ADD COLUMN generation integer NOT NULL DEFAULT 0, -- how often it was claimed; an older claim can write nothing
    ADD COLUMN commit_xid xid8,                       -- on Citus: the commit that may still be on its way to workers;
                                                      -- NULL once every node has the rows
    ADD COLUMN replay_of  bigint,                     -- the load whose rejected rows this one loads, corrected
    ADD COLUMN event_at   timestamptz;                -- when the blob came to be, by an event; NULL: no event told of it

-- Of a loaded load, rows_rejected counts the rows that are in no table yet: those that a replay has loaded, or has
-- rejected again, are counted there. The rows of a source are the sums over its load and the replays of it.

-- Two versions of a blob are never loaded at once. A ledger of version 1 did not forbid it: the newer one waits.
UPDATE citus_ingest.load SET state = 'waiting', attempts = greatest(attempts - 1, 0), lease_until = NULL
WHERE state = 'loading' AND EXISTS (
    SELECT FROM citus_ingest.load AS other
    WHERE other.pipeline = load.pipeline AND other.account = load.account AND other.container = load.container
      AND md5(other.blob) = md5(load.blob) AND other.state = 'loading' AND other.id < load.id);
CREATE UNIQUE INDEX load_one_version ON citus_ingest.load (pipeline, account, container, md5(blob)) WHERE state = 'loading';
CREATE INDEX load_unseen ON citus_ingest.load (id) WHERE commit_xid IS NOT NULL;
CREATE INDEX load_ended ON citus_ingest.load (pipeline, state, finished_at) WHERE state IN ('loaded', 'failed');
CREATE INDEX load_replays ON citus_ingest.load (replay_of) WHERE replay_of IS NOT NULL;

ALTER TABLE citus_ingest.batch
    ADD COLUMN shards     bigint[],                   -- the shards whose rows of this range are in; NULL: all of them
    ADD COLUMN commit_xid xid8,                       -- on Citus: the commit of a range that was committed by itself
    ADD COLUMN commit_group integer;                  -- and the group in pg_dist_node of the node whose commit it is

-- The parts of a range that went to shards of several nodes are a row each. As the primary key before it, this stops a
-- process that lost its lease from adding the same rows again.
ALTER TABLE citus_ingest.batch DROP CONSTRAINT batch_pkey;
CREATE UNIQUE INDEX batch_range ON citus_ingest.batch (load_id, table_name, range_from, coalesce(shards[1], -1));

-- One row per row that is not in its table. Those of a load or batch are committed with its good rows.
CREATE TABLE citus_ingest.reject (
    load_id     bigint      NOT NULL,
    table_name  text        NOT NULL,               -- as it is written in SQL
    row_number  bigint      NOT NULL,               -- in the source, from 1, without the header
    blob        text        NOT NULL,               -- the source as a person calls it: container/blob, or the key
    byte_offset bigint,                             -- in the decompressed source; NULL: not known
    raw         bytea       NOT NULL,               -- the row as it stands in the source, without the line end
    header      bytea,                              -- the line before the first row; at least one row of a load has it
    column_name text,                               -- NULL: not of one column
    sqlstate    text        NOT NULL,
    reason      text        NOT NULL,
    published   boolean     NOT NULL,               -- true: the good rows beside it are in; false: of a load that failed
    replay_id   bigint,                             -- the load that took it up again, corrected
    rejected_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (load_id, table_name, row_number)
);

-- One row per pipeline that has a summary.
CREATE TABLE citus_ingest.summary (
    pipeline  text        PRIMARY KEY,
    statement text,                                 -- the SQL that runs the summary again; NULL: its route alone can
    failures  integer     NOT NULL DEFAULT 0,       -- since it last went well
    next_at   timestamptz,                          -- not to be tried again before
    error     text,                                 -- of the last time, if it failed
    last_at   timestamptz,                          -- when it last ran
    due       text,                                 -- the loads that summary_due has given out
    due_until timestamptz                           -- until then to nobody else
);

-- For each text that the input function of a type refuses: its position (from 1) and why. It calls the function as
-- COPY does, so the words are those of COPY. The function is named as in pg_type.typinput.
CREATE FUNCTION citus_ingest.refusals(input_function text, io_param oid, modifier int, texts text[])
RETURNS TABLE ("position" int, sqlstate text, reason text)
LANGUAGE plpgsql AS $$
DECLARE
    call  text;
    one   text;
    state text;
BEGIN
    -- From the catalog, quoted: nothing else of the argument comes into the statement.
    SELECT format('SELECT %I.%I(textout($1)%s)', nspname, proname,
                  CASE pronargs WHEN 1 THEN '' WHEN 2 THEN ', $2' ELSE ', $2, $3' END)
    INTO STRICT call
    FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
    WHERE pg_proc.oid = input_function::regproc AND proargtypes[0] = 'cstring'::regtype;
    FOR i IN 1 .. coalesce(cardinality(texts), 0) LOOP
        one := texts[i];
        CONTINUE WHEN one IS NULL;
        BEGIN
            EXECUTE call USING one, io_param, modifier;
        EXCEPTION WHEN OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, reason = MESSAGE_TEXT;
            "position" := i;
            refusals.sqlstate := state;
            RETURN NEXT;
        END;
    END LOOP;
END
$$;

-- Notes that the summary of a pipeline failed: the statement is to be run again after 5 s, 10 s, 20 s and so on to
-- 10 minutes. The times are reckoned before the statement: Citus adds none in one on a table it knows.
CREATE FUNCTION citus_ingest.summary_failed(pipeline text, statement text, error text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    times  integer;
    later  timestamptz;
BEGIN
    SELECT failures INTO times FROM citus_ingest.summary WHERE summary.pipeline = summary_failed.pipeline;
    times := coalesce(times, 0) + 1;
    later := moment + least(interval '10 minutes', interval '5 seconds' * 2 ^ least(times - 1, 10));
    INSERT INTO citus_ingest.summary (pipeline, statement, failures, next_at, error, last_at)
    VALUES (summary_failed.pipeline, summary_failed.statement, times, later, summary_failed.error, moment)
    ON CONFLICT ON CONSTRAINT summary_pkey DO UPDATE
    SET statement = excluded.statement, failures = excluded.failures, next_at = excluded.next_at,
        error = excluded.error, last_at = excluded.last_at;
END
$$;

-- Runs a pipeline's summary over the loads that have not been summarized and whose rows every node has, once for all
-- of them, and says how many they were. Marking them and the summary are one transaction: a load is summarized exactly
-- once in effect, whoever calls this and however often. The ids are in current_setting('citus_ingest.load_ids'),
-- separated by commas; on Citus read them into a variable first, since the workers do not know them. When the call fails, nothing of it is kept, its error is noted with the loads and in
-- citus_ingest.summary, and the answer is -1: it is called again later, after 5 s, 10 s, 20 s and so on to 10 minutes.
CREATE OR REPLACE FUNCTION citus_ingest.summarize(pipeline text, call text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    ids    bigint[];
    moment timestamptz;
    told   text;
    state  text;
    again  text := format('SELECT citus_ingest.summarize(%L, %L)', pipeline, call);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('citus_ingest.summarize ' || summarize.pipeline, 0));
    -- In a variable: Citus takes no volatile function in an UPDATE of a table it knows.
    moment := clock_timestamp();
    INSERT INTO citus_ingest.summary AS known (pipeline, statement) VALUES (summarize.pipeline, again)
    ON CONFLICT ON CONSTRAINT summary_pkey DO UPDATE SET statement = excluded.statement
    WHERE known.statement IS DISTINCT FROM excluded.statement;
    BEGIN
        WITH summarized AS (
            UPDATE citus_ingest.load SET summarized_at = moment, error = NULL
            WHERE load.pipeline = summarize.pipeline AND load.state = 'loaded' AND summarized_at IS NULL
              AND commit_xid IS NULL
            RETURNING id)
        SELECT array_agg(id ORDER BY id) INTO ids FROM summarized;
        IF ids IS NULL THEN
            RETURN 0;
        END IF;
        PERFORM set_config('citus_ingest.load_ids', array_to_string(ids, ','), true);
        EXECUTE call;
    EXCEPTION WHEN query_canceled OR OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, told = MESSAGE_TEXT;
        told := state || ' ' || told || CASE state WHEN '2D000'
            THEN ' (a procedure that commits by itself needs citus_ingest.summary_due and summary_done)' ELSE '' END;
        UPDATE citus_ingest.load SET error = 'summary failed: ' || told WHERE id = ANY (ids) AND summarized_at IS NULL;
        PERFORM citus_ingest.summary_failed(summarize.pipeline, again, told);
        RAISE WARNING 'The summary of % failed: %', summarize.pipeline, told;
        RETURN -1;
    END;
    moment := clock_timestamp();
    UPDATE citus_ingest.summary SET failures = 0, error = NULL, next_at = NULL, last_at = moment
    WHERE summary.pipeline = summarize.pipeline;
    RETURN cardinality(ids);
END
$$;

-- For a summary that commits by itself, which summarize cannot call: the ids of the loads that wait for it, separated
-- by commas, or NULL where there are none or another caller is at them. Call the procedure with these ids, then
-- summary_done. Whoever gets the ids and dies leaves them to the next caller, the same ones, when the time is over: the
-- procedure runs at least once for each load, and must be one that can run twice.
CREATE FUNCTION citus_ingest.summary_due(pipeline text, again_after interval DEFAULT '10 minutes') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    given  text;
    until  timestamptz;
    ids    text;
    moment timestamptz;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('citus_ingest.summarize ' || summary_due.pipeline, 0));
    moment := clock_timestamp();
    SELECT due, due_until INTO given, until FROM citus_ingest.summary WHERE summary.pipeline = summary_due.pipeline;
    IF until > moment THEN
        RETURN NULL;
    END IF;
    SELECT string_agg(id::text, ',' ORDER BY id) INTO ids FROM citus_ingest.load
    WHERE load.pipeline = summary_due.pipeline AND state = 'loaded' AND summarized_at IS NULL AND commit_xid IS NULL
      AND (given IS NULL OR id = ANY (string_to_array(given, ',')::bigint[]));
    moment := moment + again_after;
    IF ids IS NULL AND given IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO citus_ingest.summary (pipeline, due, due_until) VALUES (summary_due.pipeline, ids, moment)
    ON CONFLICT ON CONSTRAINT summary_pkey DO UPDATE
    SET statement = NULL, due = excluded.due, due_until = CASE WHEN excluded.due IS NOT NULL THEN excluded.due_until END;
    RETURN ids;
END
$$;

-- Marks the loads whose ids summary_due gave as summarized, and says how many had not been.
CREATE FUNCTION citus_ingest.summary_done(pipeline text, ids text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz;
    marked bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('citus_ingest.summarize ' || summary_done.pipeline, 0));
    moment := clock_timestamp();
    UPDATE citus_ingest.load SET summarized_at = moment, error = NULL
    WHERE load.pipeline = summary_done.pipeline AND state = 'loaded' AND summarized_at IS NULL
      AND id = ANY (string_to_array(ids, ',')::bigint[]);
    GET DIAGNOSTICS marked = ROW_COUNT;
    UPDATE citus_ingest.summary SET failures = 0, error = NULL, next_at = NULL, last_at = moment, due = NULL, due_until = NULL
    WHERE summary.pipeline = summary_done.pipeline AND due = ids;
    RETURN marked;
END
$$;
