-- Two roles with the rights that citus-ingest needs, and no more:
--   the owner makes the ledger, the tables and the functions of the summaries;
--   the loader is the role that loads, CITUS_USER. It creates, alters, truncates and drops nothing, and reaches no file
--   and no program of the server.
--
-- Run it as a superuser in the database of the tables; on Citus in the coordinator, which passes everything here on to
-- the workers, but for the default privileges of functions, which only count where functions are made. It is plain SQL
-- and one transaction, and may run as often as you like. The first time it makes the roles and the schema of the ledger.
-- Then the owner makes the ledger and the tables, and it runs again, with their names:
--
--   psql -d shop -f deploy/roles.sql -c '\password ingest_owner' -c '\password ingest_loader'
--   CITUS_USER=ingest_owner CITUS_PASSWORD=... bin/citus-ingest install
--   psql -d shop -U ingest_owner -f tables.sql
--   psql -d shop -c "SET citus_ingest.tables = 'orders'" -c "SET citus_ingest.summaries = 'orders_daily'" \
--        -c "SET citus_ingest.functions = 'rollup_orders()'" -f deploy/roles.sql
--
-- What can be set before, in the same session:
--   citus_ingest.owner, citus_ingest.loader   names of the roles: ingest_owner, ingest_loader
--   citus_ingest.schema      where the owner creates tables, and where the loader looks for names: public
--   citus_ingest.tables      the tables that are loaded, separated by commas
--   citus_ingest.summaries   the tables that the summaries write
--   citus_ingest.functions   what the summaries call, with the types of the arguments
--   citus_ingest.removal     on: rows may be removed again, for replace, reload and unload, and of a load with
--                            publish=batch that is given up
-- What is not named keeps the rights that it has; a table that is named gets those of this run, and loses others.
--
-- The functions of summaries are SECURITY INVOKER, as functions are unless they say otherwise: one that runs as another
-- role cannot see what the loader has just copied into a distributed table. Hence the rights on the tables of summaries.
-- What ends the loader's own lost sessions, and what it reads of the catalogs of Citus, any role may do.
-- On Citus the nodes connect to each other as the role that loads: pg_hba.conf or pg_dist_authinfo must let it and the
-- owner in on every node.

DO $roles$
DECLARE
    owner     text := coalesce(nullif(current_setting('citus_ingest.owner', true), ''), 'ingest_owner');
    loader    text := coalesce(nullif(current_setting('citus_ingest.loader', true), ''), 'ingest_loader');
    schema    text := coalesce(nullif(current_setting('citus_ingest.schema', true), ''), 'public');
    tables    text := current_setting('citus_ingest.tables', true);
    summaries text := current_setting('citus_ingest.summaries', true);
    functions text := current_setting('citus_ingest.functions', true);
    removal   text := CASE WHEN nullif(current_setting('citus_ingest.removal', true), '')::boolean
                          THEN ', DELETE' ELSE '' END;
    name      text;
BEGIN
    -- Roles of these names that are there are taken as they are: see the end. Attributes that are not named are the
    -- least ones. The owner logs in: on Citus it must, for the workers.
    FOREACH name IN ARRAY ARRAY[owner, loader] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
    END LOOP;

    -- The database. A loader needs no temporary tables, which anybody may make otherwise.
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I, %I', current_database(), owner, loader);

    -- The schemas. Before PostgreSQL 15 anybody may create tables in public.
    EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', schema);
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', schema, owner);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema, loader);
    IF to_regnamespace('citus_ingest') IS NULL THEN
        EXECUTE format('CREATE SCHEMA citus_ingest AUTHORIZATION %I', owner);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA citus_ingest TO %I', loader);

    -- Names without a schema are found there only, and never in a temporary table first.
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET search_path = %I, pg_temp', loader, current_database(), schema);

    -- Whoever may use a schema may call each function in it, unless this is taken back: here for those that come.
    EXECUTE format('ALTER DEFAULT PRIVILEGES FOR ROLE %I REVOKE EXECUTE ON ROUTINES FROM PUBLIC', owner);

    -- The ledger. Nobody deletes loads; the ranges and the rejected rows of one that is loaded again are replaced.
    IF to_regclass('citus_ingest.summary') IS NULL THEN
        RAISE NOTICE 'There is no ledger yet: run "citus-ingest install" as %, then this again', owner;
    ELSE
        EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA citus_ingest FROM %I', loader);
        EXECUTE format('GRANT SELECT ON citus_ingest.ledger_version TO %I', loader);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON citus_ingest.load, citus_ingest.summary TO %I', loader);
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON citus_ingest.batch TO %I', loader);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON citus_ingest.reject TO %I', loader);
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA citus_ingest TO %I', loader);
        REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA citus_ingest FROM PUBLIC;
        EXECUTE format('GRANT EXECUTE ON ALL ROUTINES IN SCHEMA citus_ingest TO %I', loader);
    END IF;

    -- The tables: COPY needs INSERT, a summary SELECT, the removal of a load both SELECT and DELETE.
    FOREACH name IN ARRAY coalesce(string_to_array(tables, ','), '{}') LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I', name::regclass, loader);
        EXECUTE format('GRANT SELECT, INSERT%s ON %s TO %I', removal, name::regclass, loader);
    END LOOP;

    -- The tables of summaries: INSERT ... ON CONFLICT DO UPDATE needs all three.
    FOREACH name IN ARRAY coalesce(string_to_array(summaries, ','), '{}') LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I', name::regclass, loader);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE%s ON %s TO %I', removal, name::regclass, loader);
    END LOOP;

    -- The numbers of serial columns; on Citus also those of identity columns, as in the ledger.
    FOR name IN
        SELECT sequence.oid::regclass::text
        FROM unnest(string_to_array(concat_ws(',', nullif(tables, ''), nullif(summaries, '')), ',')) AS named (text)
            JOIN pg_depend ON refobjid = named.text::regclass AND refclassid = 'pg_class'::regclass
                AND deptype IN ('a', 'i')
            JOIN pg_class AS sequence ON sequence.oid = objid AND relkind = 'S'
    LOOP
        EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', name, loader);
    END LOOP;

    -- The functions and procedures. The commas between them come after a parenthesis.
    FOREACH name IN ARRAY coalesce(regexp_split_to_array(nullif(functions, ''), '(?<=\))\s*,'), '{}') LOOP
        EXECUTE format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', name::regprocedure);
        EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %I', name::regprocedure, loader);
    END LOOP;

    -- A role that was there before may have more rights than can be taken from it here.
    SELECT string_agg(too_much, ', ') INTO name FROM (
        SELECT unnest(ARRAY[
            CASE WHEN rolsuper THEN 'is a superuser' END,
            CASE WHEN rolcreaterole THEN 'creates roles' END,
            CASE WHEN rolcreatedb THEN 'creates databases' END,
            CASE WHEN rolreplication THEN 'replicates' END,
            CASE WHEN rolbypassrls THEN 'bypasses row security' END,
            CASE WHEN has_schema_privilege(oid, schema, 'CREATE') THEN 'creates in the schema ' || schema END,
            CASE WHEN has_schema_privilege(oid, 'citus_ingest', 'CREATE') THEN 'creates in the schema citus_ingest' END,
            CASE WHEN has_database_privilege(oid, current_database(), 'CREATE') THEN 'creates schemas' END])
        FROM pg_roles WHERE rolname = loader
        UNION ALL
        SELECT 'is a member of ' || rolname FROM pg_roles
        WHERE rolname <> loader AND (rolsuper OR rolname = owner OR rolname LIKE 'pg\_%')
            AND pg_has_role(loader, oid, 'MEMBER')
        UNION ALL
        SELECT 'owns ' || oid::regclass FROM pg_class
        WHERE relowner = to_regrole(quote_ident(loader)) AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    ) AS rights (too_much);
    IF name IS NOT NULL THEN
        RAISE EXCEPTION 'The role % may do too much: it %', loader, name
            USING HINT = 'Take that from it, or let citus_ingest.loader name another role.'
                || ' What it owns in this database, REASSIGN OWNED gives to the owner.';
    END IF;
END
$roles$;
