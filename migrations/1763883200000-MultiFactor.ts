import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Multi-factor sign-in: the second factor of an account, its recovery codes, sign-ins that wait for a code, which roles a clinic
 * requires it of, and when a session was last proven to be used by its owner.
 *
 * Existing rows: no account has a second factor, no clinic requires one, and no session is freshly proven, as before.
 * Additive: the previous release does not use the new columns and tables. While it is still running, it signs in accounts with a
 * second factor without a code.
 */
export class MultiFactor1763883200000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE session ADD COLUMN proven_at timestamptz');
    await db.query(`
      ALTER TABLE clinic
        ADD COLUMN mfa_required_roles text[] NOT NULL DEFAULT '{}',
        ADD CONSTRAINT clinic_mfa_required_roles_check
          CHECK (mfa_required_roles <@ ARRAY['DOCTOR', 'STAFF', 'MANAGER']::text[])`);
    await db.query(`
      CREATE TABLE mfa_factor (
        user_id uuid PRIMARY KEY REFERENCES user_account,
        secret bytea,
        pending_secret bytea,
        pending_at timestamptz,
        last_step bigint NOT NULL DEFAULT 0,
        enabled_at timestamptz,
        changed_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT mfa_factor_enabled_check CHECK ((enabled_at IS NULL) = (secret IS NULL)),
        CONSTRAINT mfa_factor_pending_check CHECK ((pending_at IS NULL) = (pending_secret IS NULL))
      )`);
    await db.query('CREATE INDEX mfa_factor_changed ON mfa_factor (changed_at)');
    await db.query(`
      CREATE TABLE mfa_recovery_code (
        user_id uuid NOT NULL REFERENCES user_account,
        code_hash bytea NOT NULL,
        PRIMARY KEY (user_id, code_hash)
      )`);
    await db.query(`
      CREATE TABLE pending_sign_in (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES user_account,
        authorization_changed_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await db.query('CREATE INDEX pending_sign_in_expires ON pending_sign_in (expires_at)');
  }

  /** Accounts lose their second factors: their owners sign in with the password alone. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE pending_sign_in');
    await db.query('DROP TABLE mfa_recovery_code');
    await db.query('DROP TABLE mfa_factor');
    await db.query('ALTER TABLE clinic DROP COLUMN mfa_required_roles');
    await db.query('ALTER TABLE session DROP COLUMN proven_at');
  }
}
