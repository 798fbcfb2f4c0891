-- The sample tables: raw requests, their summary by minute, and the sites they were made to.
-- Every statement may run again. On a server with the extension citus the tables are distributed.
-- Run it in one transaction: psql -1 -f schema.sql

-- Citus refuses to create a function after tables were distributed in parallel in the same
-- transaction. Without Citus the setting means nothing.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';

-- Nothing is touched where a table of the same name has other columns.
DO $check$
DECLARE
    clash record;
BEGIN
    FOR clash IN
        WITH expected (name, columns) AS (VALUES
            ('http_request', 'site_id integer, ingest_time timestamp with time zone, url text, '
                || 'request_country text, ip_address text, status_code integer, '
                || 'response_time_msec integer, _load_id bigint'),
            ('http_request_1min', 'site_id integer, ingest_time timestamp with time zone, '
                || 'error_count integer, success_count integer, request_count integer, '
                || 'sum_response_time_msec bigint'),
            ('site', 'site_id integer, name text, host text, country text')
        ), found AS (
            SELECT c.relname AS name,
                string_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod), ', '
                    ORDER BY a.attnum) AS columns
            FROM pg_class c
            LEFT JOIN pg_attribute a
                ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = current_schema()::regnamespace
            GROUP BY c.relname
        )
        SELECT name, found.columns AS found, expected.columns AS expected
        FROM expected JOIN found USING (name)
        WHERE found.columns IS DISTINCT FROM expected.columns
    LOOP
        RAISE EXCEPTION 'table % already exists with other columns: expected (%), found (%)',
            clash.name, clash.expected, clash.found
            USING ERRCODE = 'duplicate_table';
    END LOOP;
END
$check$;

CREATE TABLE IF NOT EXISTS http_request (
    site_id int NOT NULL,
    ingest_time timestamptz NOT NULL DEFAULT now(),
    url text,
    request_country text,
    ip_address text,
    status_code int,
    response_time_msec int,
    _load_id bigint
);

-- Without an index every summary reads the whole table. The rows of a load lie together, so a block
-- range index is enough and next to nothing to keep: on PostgreSQL 15 with 5 million rows in 5 loads
-- it has 64 kB, COPY takes 3 % longer (a B-tree: 31 MB, 48 %), and a load's rows are summed up in a
-- third of the time of a scan.
CREATE INDEX IF NOT EXISTS http_request_load_id ON http_request USING brin (_load_id);

CREATE TABLE IF NOT EXISTS http_request_1min (
    site_id int,
    ingest_time timestamptz, -- the start of the minute
    error_count int NOT NULL,
    success_count int NOT NULL,
    request_count int NOT NULL,
    sum_response_time_msec bigint NOT NULL,
    PRIMARY KEY (site_id, ingest_time)
);

CREATE TABLE IF NOT EXISTS site (
    site_id int PRIMARY KEY,
    name text NOT NULL,
    host text NOT NULL,
    country text
);

DO $distribute$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'http_request'::regclass) THEN
        PERFORM create_distributed_table('http_request', 'site_id');
    END IF;
    IF NOT EXISTS (
        SELECT FROM pg_dist_partition WHERE logicalrelid = 'http_request_1min'::regclass) THEN
        PERFORM create_distributed_table(
            'http_request_1min', 'site_id', colocate_with => 'http_request');
    END IF;
    IF NOT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = 'site'::regclass) THEN
        PERFORM create_reference_table('site');
    END IF;
END
$distribute$;

-- Adds the rows of the loads named in the setting citus_ingest.load_ids ('17,18') to the summary
-- and returns how many summary rows it wrote. Adding twice counts twice: it is for
-- citus_ingest.summarize, which calls it once for each load. Both tables are colocated and the rows
-- are grouped by the distribution column, so Citus runs it on every worker at once.
CREATE OR REPLACE FUNCTION rollup_http_request() RETURNS bigint
LANGUAGE plpgsql SECURITY INVOKER
-- A plan that knows the ids hashes them; a generic one compares every row with each of them
-- (9 million rows, 500 ids: 2 s and 45 s).
SET plan_cache_mode = force_custom_plan
AS $rollup$
DECLARE
    ids bigint[] := string_to_array(current_setting('citus_ingest.load_ids'), ',')::bigint[];
    written bigint;
BEGIN
    INSERT INTO http_request_1min (
        site_id, ingest_time, error_count, success_count, request_count, sum_response_time_msec)
    SELECT site_id,
        date_trunc('minute', ingest_time),
        count(*) FILTER (WHERE status_code >= 400),
        count(*) FILTER (WHERE status_code < 400),
        count(*),
        coalesce(sum(response_time_msec), 0)
    FROM http_request
    WHERE _load_id = ANY (ids)
    GROUP BY 1, 2
    ON CONFLICT (site_id, ingest_time) DO UPDATE SET
        error_count = http_request_1min.error_count + EXCLUDED.error_count,
        success_count = http_request_1min.success_count + EXCLUDED.success_count,
        request_count = http_request_1min.request_count + EXCLUDED.request_count,
        sum_response_time_msec =
            http_request_1min.sum_response_time_msec + EXCLUDED.sum_response_time_msec;
    GET DIAGNOSTICS written = ROW_COUNT;
    RETURN written;
END
$rollup$;
