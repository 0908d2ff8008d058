import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Services override policies of their clinic: `policy` contains only the overridden ones.
 *
 * Existing rows: nothing is overridden. Additive: processes of the previous release apply the clinic's policies to all services.
 */
export class ServicePolicies1763885200001 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      ALTER TABLE service ADD COLUMN policy jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT service_policy_check CHECK (jsonb_typeof(policy) = 'object')`);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE service DROP COLUMN policy');
  }
}
