import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Record number and notes belong to a clinic and a patient, and so does the relation between them: a clinic knows a
 * patient whom it registered, or who has a visit there that was not cancelled (the view `clinic_patient`).
 *
 * Existing rows: a relation that no booking made, or that the audit log says the desk made, is a registration. Numbers and
 * notes go to the clinic whose people last wrote the record (audit log), else to that of the oldest relation. Where two
 * patients of a clinic then have the same number, the newer record keeps it as a line of its notes. What belongs to no
 * known clinic stays in `client.mrn` and `client.notes`, which are not read any more and are dropped by a later migration.
 * Undoing this brings everything back into these two columns.
 */
export class ClinicRecords1763871200000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('SET LOCAL statement_timeout = 0');
    for (const statement of UP) await db.query(statement);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('SET LOCAL statement_timeout = 0');
    for (const statement of DOWN) await db.query(statement);
  }
}

const UP = [
  'ALTER TABLE client_clinic ADD COLUMN registered_at timestamptz, ADD COLUMN mrn text, ADD COLUMN notes text',

  `UPDATE client_clinic x SET registered_at = made.at
   FROM (SELECT object_id, clinic_id, min(occurred_at) AS at FROM audit_log
         WHERE object_type = 'client' AND action = 'client.created' GROUP BY object_id, clinic_id) made
   WHERE made.object_id = x.client_id AND made.clinic_id = x.clinic_id`,
  `UPDATE client_clinic x SET registered_at = c.created_at FROM client c
   WHERE c.id = x.client_id AND x.registered_at IS NULL
     AND NOT EXISTS (SELECT FROM appointment a WHERE a.client_id = x.client_id AND a.clinic_id = x.clinic_id)`,

  `CREATE TEMPORARY TABLE relation ON COMMIT DROP AS
   SELECT x.client_id, x.clinic_id, least(x.registered_at, (
     SELECT min(a.created_at) FROM appointment a WHERE a.client_id = x.client_id AND a.clinic_id = x.clinic_id)) AS since
   FROM client_clinic x JOIN client c ON c.id = x.client_id WHERE c.mrn IS NOT NULL OR c.notes IS NOT NULL`,
  `CREATE TEMPORARY TABLE record_owner ON COMMIT DROP AS
   SELECT c.id AS client_id, c.created_at, c.mrn, c.notes, coalesce(writer.clinic_id, oldest.clinic_id) AS clinic_id
   FROM client c
   LEFT JOIN LATERAL (
     SELECT place.clinic_id FROM audit_log l CROSS JOIN LATERAL (
       SELECT l.clinic_id WHERE l.clinic_id IS NOT NULL
       UNION ALL (
         SELECT w.clinic_id FROM user_clinic w
         LEFT JOIN relation r ON r.client_id = c.id AND r.clinic_id = w.clinic_id
         WHERE l.clinic_id IS NULL AND w.user_id = l.actor_user_id ORDER BY r.since NULLS LAST, w.clinic_id LIMIT 1)) place
     WHERE l.object_type = 'client' AND l.object_id = c.id AND l.action IN ('client.created', 'client.updated')
     ORDER BY l.occurred_at DESC, l.id DESC LIMIT 1) writer ON true
   LEFT JOIN LATERAL (
     SELECT r.clinic_id FROM relation r WHERE r.client_id = c.id ORDER BY r.since, r.clinic_id LIMIT 1) oldest ON true
   WHERE c.mrn IS NOT NULL OR c.notes IS NOT NULL`,
  'DELETE FROM record_owner WHERE clinic_id IS NULL',
  `INSERT INTO client_clinic (client_id, clinic_id, mrn, notes)
   SELECT client_id, clinic_id, nullif(btrim(mrn), ''), notes FROM record_owner
   ON CONFLICT (client_id, clinic_id) DO UPDATE SET mrn = excluded.mrn, notes = excluded.notes`,
  'UPDATE client SET mrn = NULL, notes = NULL WHERE id IN (SELECT client_id FROM record_owner)',

  // Blanks, case, kinds of dash and scripts of digits do not make another number.
  `CREATE FUNCTION mrn_key(value text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
     SELECT nullif(regexp_replace(
       translate(search_fold(value), '‐‑‒–—−', '------'), '[\\s\\u00A0\\u2000-\\u200A\\u202F\\u3000]', '', 'g'), '')
   $$`,
  'ALTER TABLE client_clinic ADD COLUMN mrn_key text GENERATED ALWAYS AS (mrn_key(mrn)) STORED',
  `UPDATE client_clinic x SET mrn = NULL, notes = concat_ws(E'\\n', x.notes, 'Record number ' || x.mrn || ' (in use for two patients)')
   FROM (SELECT o.client_id, o.clinic_id,
                row_number() OVER (PARTITION BY o.clinic_id, mrn_key(o.mrn) ORDER BY o.created_at, o.client_id) AS place
         FROM record_owner o WHERE mrn_key(o.mrn) IS NOT NULL) again
   WHERE again.place > 1 AND x.client_id = again.client_id AND x.clinic_id = again.clinic_id`,
  'CREATE UNIQUE INDEX client_clinic_mrn_key ON client_clinic (clinic_id, mrn_key)',
  'CREATE INDEX client_birth ON client (date_of_birth)',
  'DROP TABLE relation, record_owner',

  `CREATE VIEW clinic_patient AS
   SELECT x.client_id, x.clinic_id FROM client_clinic x
   WHERE x.registered_at IS NOT NULL
      OR EXISTS (SELECT FROM appointment a
                 WHERE a.client_id = x.client_id AND a.clinic_id = x.clinic_id AND a.status <> 'CANCELLED')`,
];

const DOWN = [
  'DROP VIEW IF EXISTS clinic_patient',
  `UPDATE client c SET mrn = coalesce(c.mrn, x.mrn), notes = concat_ws(E'\\n\\n', c.notes, x.notes)
   FROM (SELECT client_id, (array_agg(mrn ORDER BY registered_at, clinic_id) FILTER (WHERE mrn IS NOT NULL))[1] AS mrn,
                string_agg(notes, E'\\n\\n' ORDER BY registered_at, clinic_id) AS notes
         FROM client_clinic WHERE mrn IS NOT NULL OR notes IS NOT NULL GROUP BY client_id) x
   WHERE x.client_id = c.id`,
  `UPDATE client SET notes = NULL WHERE notes = ''`,
  'DROP INDEX IF EXISTS client_birth',
  `ALTER TABLE client_clinic DROP COLUMN IF EXISTS mrn_key, DROP COLUMN IF EXISTS registered_at,
                             DROP COLUMN IF EXISTS mrn, DROP COLUMN IF EXISTS notes`,
  'DROP FUNCTION IF EXISTS mrn_key(text)',
];
