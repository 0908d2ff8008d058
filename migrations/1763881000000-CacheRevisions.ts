import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Revisions for the cache of catalogue answers. Every transaction that changes clinics, doctors, services or FAQs takes the next
 * revision and writes it beside the scopes that it changed: the id of a clinic, `faq`, or the empty text for everything. Triggers do it,
 * so that no code path, and nobody with psql, can forget it.
 *
 * The triggers are deferred to the commit: the one row that all such transactions lock is then the last that each of them
 * locks, for as long as a commit takes. So revisions become visible in their order, and there is nothing to deadlock with.
 *
 * Existing rows: none of them changes. A scope without a row has not changed since this migration.
 */
export class CacheRevisions1763881000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of DOWN) await db.query(statement);
  }
}

const TABLES = ['clinic', 'doctor', 'service', 'service_doctor', 'faq'];

const UP = [
  `CREATE TABLE cache_revision (scope text PRIMARY KEY, revision bigint NOT NULL)`,
  `CREATE INDEX cache_revision_revision ON cache_revision (revision)`,
  `INSERT INTO cache_revision (scope, revision) VALUES ('', 1)`,

  `CREATE FUNCTION cached_rows_changed() RETURNS trigger LANGUAGE plpgsql AS $$
     DECLARE
       changed record;
       changed_scope text;
       newest bigint;
     BEGIN
       IF TG_OP = 'DELETE' THEN changed := OLD; ELSE changed := NEW; END IF;
       CASE TG_TABLE_NAME
         WHEN 'clinic' THEN changed_scope := changed.id;
         WHEN 'faq' THEN changed_scope := 'faq';
         WHEN 'service_doctor' THEN
           changed_scope := (SELECT s.clinic_id FROM service s WHERE s.id = changed.service_id);
         ELSE changed_scope := changed.clinic_id;
       END CASE;
       -- A link whose service is deleted in the same transaction: the service's own trigger names the clinic.
       IF changed_scope IS NULL THEN RETURN NULL; END IF;
       -- Once per transaction and scope.
       IF EXISTS (SELECT FROM cache_revision c WHERE c.scope = changed_scope AND c.xmin = pg_current_xact_id()::xid) THEN
         RETURN NULL;
       END IF;
       UPDATE cache_revision SET revision = revision + 1 WHERE scope = '' RETURNING revision INTO newest;
       INSERT INTO cache_revision (scope, revision) VALUES (changed_scope, newest)
         ON CONFLICT (scope) DO UPDATE SET revision = excluded.revision;
       RETURN NULL;
     END
   $$`,
  ...TABLES.map(
    (table) => `CREATE CONSTRAINT TRIGGER cached_rows_changed AFTER INSERT OR UPDATE OR DELETE ON ${table}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION cached_rows_changed()`,
  ),
];

const DOWN = [
  ...TABLES.map((table) => `DROP TRIGGER IF EXISTS cached_rows_changed ON ${table}`),
  'DROP FUNCTION IF EXISTS cached_rows_changed()',
  'DROP TABLE IF EXISTS cache_revision',
];
