import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The schema of partitions, and the function that creates the next one of a coming month. The next migrations partition tables by month.
 *
 * `partitions` is a schema of its own because the serving role has no rights in it: it can reach rows only through the partitioned table, with
 * that table's rights. `archive` is for partitions of the audit log that were detached (src/partitions.ts).
 *
 * The function runs with the rights of its owner (SECURITY DEFINER), so that the workers' daily task can call it. It takes no name: it
 * can only add the next months of tables that are already partitioned. Detaching and dropping stay with the owner.
 *
 * Existing rows: none. Additive.
 */
export class Partitions1763891000050 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP FUNCTION IF EXISTS create_next_partition(int)');
    await db.query('DROP FUNCTION IF EXISTS default_partition_rows()');
    await db.query('DROP FUNCTION IF EXISTS lowest_id(timestamptz)');
    await db.query('DROP FUNCTION IF EXISTS month_partitions()');
    await db.query('DROP SCHEMA IF EXISTS partitions');
    // Fails if archived partitions are left: they must not be lost with the schema.
    await db.query('DROP SCHEMA IF EXISTS archive');
  }
}

const UP = [
  'CREATE SCHEMA IF NOT EXISTS partitions',
  'CREATE SCHEMA IF NOT EXISTS archive',
  'REVOKE ALL ON SCHEMA partitions, archive FROM PUBLIC',

  // The lowest UUIDv7 of a time. A month of a table is a range of ids.
  `CREATE FUNCTION lowest_id(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
     SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
   $$`,

  // until_id is null for the default partition. The first partition has no lower bound.
  `CREATE FUNCTION month_partitions() RETURNS TABLE (parent text, partition text, until_id uuid)
     LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
     SELECT p.relname, c.relname, substring(pg_get_expr(c.relpartbound, c.oid) FROM ' TO \\(''([0-9a-f-]{36})''\\)$')::uuid
     FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
     WHERE p.relnamespace = 'public'::regnamespace AND p.relkind = 'p' AND c.relkind = 'r'
       AND c.relnamespace = 'partitions'::regnamespace
   $$`,

  // Each new partition is a copy of the default one, with the indexes that only partitions have. Attaching it locks the default
  // partition, and the tables of foreign keys, for a moment. So one call creates one partition and waits at most a second for locks.
  `CREATE FUNCTION create_next_partition(months int DEFAULT 3) RETURNS text
     LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '1s' AS $$
   DECLARE
     last record;
     from_month timestamptz;
     to_month timestamptz;
     bounds text;
     name text;
     has_rows boolean;
   BEGIN
     FOR last IN SELECT parent, max(until_id::text) AS until FROM public.month_partitions() GROUP BY parent ORDER BY parent LOOP
       -- Without any month, from this one.
       from_month := coalesce(to_timestamp(('x' || translate(left(last.until, 13), '-', ''))::bit(48)::bigint / 1000.0),
         date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC');
       IF from_month <= now() + make_interval(months => least(months, 24)) THEN
         to_month := (from_month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC';
         name := last.parent || to_char(from_month AT TIME ZONE 'UTC', '_YYYY_MM');
         bounds := format('id >= %L AND id < %L', public.lowest_id(from_month), public.lowest_id(to_month));
         EXECUTE format('CREATE TABLE partitions.%I (LIKE partitions.%I INCLUDING ALL EXCLUDING IDENTITY)', name, last.parent || '_default');
         IF last.parent = 'audit_log' THEN
           EXECUTE format('CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON partitions.%I
                           FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change()', name);
         END IF;
         -- Rows of this month are in the default partition if the task did not run for months, or a clock is ahead.
         EXECUTE format('SELECT EXISTS (SELECT FROM partitions.%I WHERE %s)', last.parent || '_default', bounds) INTO has_rows;
         IF has_rows THEN
           EXECUTE format('ALTER TABLE partitions.%I DISABLE TRIGGER USER', last.parent || '_default');
           EXECUTE format('WITH moved AS (DELETE FROM partitions.%I WHERE %s RETURNING *)
                           INSERT INTO partitions.%I SELECT * FROM moved', last.parent || '_default', bounds, name);
           EXECUTE format('ALTER TABLE partitions.%I ENABLE TRIGGER USER', last.parent || '_default');
         END IF;
         EXECUTE format('ALTER TABLE public.%I ATTACH PARTITION partitions.%I FOR VALUES FROM (%L) TO (%L)',
           last.parent, name, public.lowest_id(from_month), public.lowest_id(to_month));
         RETURN name;
       END IF;
     END LOOP;
     RETURN NULL;
   END $$`,

  // The serving role cannot read a partition, and the parent cannot select one.
  `CREATE FUNCTION default_partition_rows() RETURNS TABLE (parent text, rows int)
     LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
   BEGIN
     FOR parent IN SELECT DISTINCT m.parent FROM public.month_partitions() m LOOP
       EXECUTE format('SELECT count(*)::int FROM (SELECT FROM partitions.%I LIMIT 1000) one', parent || '_default') INTO rows;
       RETURN NEXT;
     END LOOP;
   END $$`,
  'REVOKE ALL ON FUNCTION create_next_partition(int), default_partition_rows() FROM PUBLIC',
];
