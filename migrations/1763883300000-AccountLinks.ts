import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * One table for all one-time links in messages about an account: to verify an address, to reset a password, to change an address,
 * and invitations.
 *
 * Existing rows: those of `email_verification` are carried over with their ids, so that links in mails that were sent keep working.
 * Not additive: processes of the previous release use `email_verification`, so they stop being ready.
 */
export class AccountLinks1763883300000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE account_link (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES user_account,
        purpose text NOT NULL CONSTRAINT account_link_purpose_check CHECK (purpose IN (
          'EMAIL_VERIFICATION', 'PASSWORD_RESET', 'EMAIL_CHANGE', 'EMAIL_CHANGE_STOP', 'INVITATION', 'NOTICE')),
        email text,
        phone text,
        session_id uuid,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz
      )`);
    await db.query(`
      INSERT INTO account_link (id, user_id, purpose, email, created_at, expires_at, used_at)
      SELECT id, user_id, 'EMAIL_VERIFICATION', email, created_at, expires_at, used_at FROM email_verification`);
    await db.query('CREATE INDEX account_link_address ON account_link (email, created_at)');
    await db.query('CREATE INDEX account_link_created ON account_link (created_at)');
    await db.query('CREATE INDEX account_link_user ON account_link (user_id, created_at)');
    await db.query('DROP TABLE email_verification');
  }

  /** Links of other purposes, and their messages, are lost. */
  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      CREATE TABLE email_verification (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES user_account,
        email text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await db.query(`
      INSERT INTO email_verification (id, user_id, email, created_at, expires_at, used_at)
      SELECT id, user_id, email, created_at, expires_at, coalesce(used_at, revoked_at) FROM account_link
      WHERE purpose = 'EMAIL_VERIFICATION'`);
    await db.query(`
      DELETE FROM notification n USING account_link l WHERE l.id = n.id AND l.purpose <> 'EMAIL_VERIFICATION'`);
    await db.query('DROP TABLE account_link');
    await db.query('CREATE INDEX email_verification_address ON email_verification (email, created_at)');
    await db.query('CREATE INDEX email_verification_user ON email_verification (user_id, created_at)');
    await db.query('CREATE INDEX email_verification_created ON email_verification (created_at)');
  }
}
