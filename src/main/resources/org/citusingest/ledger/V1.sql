-- Version 1 of the ledger. A public contract: people query these tables.

-- One row per pipeline and blob version. Everything that is known about a load.
CREATE TABLE citus_ingest.load (
    id            bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pipeline      text        NOT NULL,             -- the id of the route
    account       text        NOT NULL,             -- the storage account; '' where the source is no blob
    container     text        NOT NULL,             -- '' where the source is no blob
    blob          text        NOT NULL,             -- the blob's name, or the key of another source
    etag          text        NOT NULL,             -- the blob's version; '' where the source is no blob
    size_bytes    bigint,
    state         text        NOT NULL CHECK (state IN ('waiting', 'loading', 'loaded', 'failed', 'skipped')),
    attempts      integer     NOT NULL DEFAULT 0,
    owner         text,                             -- the process that loads it, or that did so last
    lease_until   timestamptz,                      -- loading: others may take over then; waiting: not to be tried before
    rows_copied   bigint      NOT NULL DEFAULT 0,
    rows_rejected bigint      NOT NULL DEFAULT 0,
    found_at      timestamptz NOT NULL DEFAULT now(),
    started_at    timestamptz,
    finished_at   timestamptz,
    summarized_at timestamptz,
    error         text
);

-- A blob's name may have 1,024 characters, more than fits into an index entry: hence its digest.
CREATE UNIQUE INDEX load_version ON citus_ingest.load (pipeline, account, container, md5(blob), etag);
CREATE INDEX load_claimable ON citus_ingest.load (pipeline, account, container, id) WHERE state IN ('waiting', 'loading');
CREATE INDEX load_unsummarized ON citus_ingest.load (pipeline) WHERE state = 'loaded' AND summarized_at IS NULL;
CREATE INDEX load_finished ON citus_ingest.load (finished_at);

-- One row per committed range of a load, written in the transaction of its rows.
-- The range counts bytes of the decompressed source, or rows where the source has no bytes.
-- The primary key stops a process that lost its lease from adding the same rows again.
CREATE TABLE citus_ingest.batch (
    load_id       bigint      NOT NULL,
    table_name    text        NOT NULL,
    range_from    bigint      NOT NULL,
    range_to      bigint      NOT NULL,
    rows_copied   bigint      NOT NULL,
    rows_rejected bigint      NOT NULL DEFAULT 0,
    committed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (load_id, table_name, range_from)
);

-- Runs a pipeline's summary over the loads that have not been summarized, once for all of them, and says how
-- many they were. Marking them and the summary are one transaction: a load is summarized exactly once in effect,
-- whoever calls this and however often. The ids are in current_setting('citus_ingest.load_ids'), separated by commas.
CREATE FUNCTION citus_ingest.summarize(pipeline text, call text) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('citus_ingest.summarize ' || summarize.pipeline, 0));
    WITH summarized AS (
        UPDATE citus_ingest.load SET summarized_at = now(), error = NULL
        WHERE load.pipeline = summarize.pipeline AND state = 'loaded' AND summarized_at IS NULL
        RETURNING id)
    SELECT array_agg(id ORDER BY id) INTO ids FROM summarized;
    IF ids IS NULL THEN
        RETURN 0;
    END IF;
    PERFORM set_config('citus_ingest.load_ids', array_to_string(ids, ','), true);
    EXECUTE call;
    RETURN cardinality(ids);
END
$$;
