import type { MigrationInterface, QueryRunner } from 'typeorm';

const SIGNS_IN = `role <> 'CLIENT' OR password_hash IS NOT NULL OR email_verified_at IS NOT NULL`;

/**
 * Sign-in at identity providers: the identities of accounts, and sign-ins on their way back from a provider. A patient who
 * registered at a provider has no password, so a column distinguishes their account from a record of the front desk: their address is
 * unique from the start.
 *
 * Existing rows: no account has an identity. The unique index of addresses is built again, over the same rows.
 * Additive: the previous release does not use the new tables. While it is still running, it treats an account without a password
 * whose address is not verified as a record of the front desk.
 */
export class IdentityProviders1763883800000 implements MigrationInterface {
  static readonly additive = true;

  async up(db: QueryRunner): Promise<void> {
    await db.query('ALTER TABLE user_account ADD COLUMN has_identity boolean NOT NULL DEFAULT false');
    await db.query('DROP INDEX user_account_email_key');
    await db.query(
      `CREATE UNIQUE INDEX user_account_email_key ON user_account (email) WHERE deleted_at IS NULL AND (${SIGNS_IN} OR has_identity)`,
    );
    await db.query(`
      CREATE TABLE provider_identity (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES user_account,
        provider text NOT NULL,
        subject text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz
      )`);
    await db.query('CREATE UNIQUE INDEX provider_identity_subject_key ON provider_identity (provider, subject)');
    await db.query('CREATE UNIQUE INDEX provider_identity_user_key ON provider_identity (user_id, provider)');
    await db.query(`
      CREATE TABLE provider_sign_in (
        id uuid PRIMARY KEY,
        provider text NOT NULL,
        purpose text NOT NULL,
        user_id uuid REFERENCES user_account,
        session_id uuid,
        subject text,
        authorization_changed_at timestamptz,
        code_challenge text,
        code_expires_at timestamptz,
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        CONSTRAINT provider_sign_in_purpose_check CHECK (purpose IN ('SIGN_IN', 'LINK', 'REAUTHENTICATE'))
      )`);
    await db.query('CREATE INDEX provider_sign_in_expires ON provider_sign_in (expires_at)');
    await db.query('CREATE INDEX provider_sign_in_user ON provider_sign_in (user_id)');
  }

  /** Patients without a password can no longer sign in. Their accounts keep their data and become records of the front desk. */
  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP TABLE provider_sign_in');
    await db.query('DROP TABLE provider_identity');
    await db.query('DROP INDEX user_account_email_key');
    await db.query(
      `CREATE UNIQUE INDEX user_account_email_key ON user_account (email) WHERE deleted_at IS NULL AND (${SIGNS_IN})`,
    );
    await db.query('ALTER TABLE user_account DROP COLUMN has_identity');
  }
}
