import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where TypeORM looks up the expressions of generated columns (`search`, `mrn_key`) when it compares entities with the
 * database. It creates a table for them before it runs migrations; rows in it would belong to one name of the database.
 * A view of what PostgreSQL knows takes its place.
 *
 * Existing rows: none, the table is empty.
 */
export class TypeormMetadata1763882000000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE IF EXISTS typeorm_metadata');
    await db.query(`
      CREATE VIEW typeorm_metadata AS
      SELECT 'GENERATED_COLUMN'::text AS type, current_database()::text AS database, n.nspname::text AS schema,
             c.relname::text AS "table", a.attname::text AS name, pg_get_expr(d.adbin, d.adrelid) AS value
      FROM pg_attribute a
      JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      JOIN pg_class c ON c.oid = a.attrelid
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE a.attgenerated = 's' AND NOT a.attisdropped`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP VIEW IF EXISTS typeorm_metadata');
    await db.query(`
      CREATE TABLE typeorm_metadata (
        type varchar NOT NULL, database varchar, schema varchar, "table" varchar, name varchar, value text)`);
  }
}
