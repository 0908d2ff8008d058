import type { MigrationInterface, QueryRunner } from 'typeorm';
import { canonicalEmail } from '../src/core/kernel/email.js';

/**
 * Verified and unverified addresses, devices that belong to sessions, and where a change came from.
 *
 * What happens to existing rows:
 * - Staff, doctors, managers and administrators count as verified. Patients with a password do not; they get the mail at
 *   their next sign-in. The address of a patient without a password was entered at the desk: it is contact data.
 * - Addresses get their canonical form. Where another account has that form already, the address stays as it is: that
 *   account can't be signed in to until an administrator gives it another address.
 * - A device is bound to the session of its user where there is exactly one that is live. The others are forgotten: which
 *   session they belong to is not known, and apps register again when they are opened.
 */
export class AccountAddresses1763870000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    for (const statement of UP) await db.query(statement);
    await canonicaliseAddresses(db);
  }

  async down(db: QueryRunner): Promise<void> {
    for (const statement of DOWN) await db.query(statement);
  }
}

// What is an account's address for signing in. That of a patient without a password is contact data, and not unique.
const SIGNS_IN = `deleted_at IS NULL AND (role <> 'CLIENT' OR password_hash IS NOT NULL OR email_verified_at IS NOT NULL)`;

const UP = [
  `UPDATE user_account SET email_verified_at = created_at
   WHERE role <> 'CLIENT' AND email IS NOT NULL AND email_verified_at IS NULL`,
  'DROP INDEX user_account_email_key',
  `CREATE UNIQUE INDEX user_account_email_key ON user_account (email) WHERE ${SIGNS_IN}`,
  'CREATE INDEX user_account_email ON user_account (email) WHERE deleted_at IS NULL',

  // A link that was mailed to an address; id is the mail's id in notification too. The link's token is a MAC over the id
  // by a key that is not in the database, so no token is stored.
  `CREATE TABLE email_verification (
     id uuid PRIMARY KEY,
     user_id uuid NOT NULL REFERENCES user_account,
     email text NOT NULL,
     created_at timestamptz NOT NULL DEFAULT now(),
     expires_at timestamptz NOT NULL,
     used_at timestamptz
   )`,
  'CREATE INDEX email_verification_address ON email_verification (email, created_at)',
  'CREATE INDEX email_verification_user ON email_verification (user_id, created_at)',
  'CREATE INDEX email_verification_created ON email_verification (created_at)',

  // Null only where a process of an earlier version wrote it: such a device receives nothing.
  'ALTER TABLE notification_device ADD COLUMN session_id uuid REFERENCES session ON DELETE CASCADE',
  `UPDATE notification_device d SET session_id = live.id
   FROM (SELECT user_id, (array_agg(id))[1] AS id FROM session WHERE revoked_at IS NULL AND expires_at > now()
         GROUP BY user_id HAVING count(*) = 1) live
   WHERE live.user_id = d.user_id`,
  'DELETE FROM notification_device WHERE session_id IS NULL',
  'CREATE INDEX notification_device_session ON notification_device (session_id)',

  'ALTER TABLE audit_log ADD COLUMN ip text',
];

// Without this migration an address belongs to one account: contact data that repeats it is removed.
const DOWN = [
  'ALTER TABLE audit_log DROP COLUMN ip',
  'ALTER TABLE notification_device DROP COLUMN session_id',
  `DELETE FROM notification WHERE kind = 'EMAIL_VERIFICATION'`,
  'DROP TABLE email_verification',
  'DROP INDEX user_account_email, user_account_email_key',
  `UPDATE user_account u SET email = NULL
   WHERE u.email IS NOT NULL AND u.deleted_at IS NULL AND NOT (${SIGNS_IN})
     AND EXISTS (SELECT FROM user_account o WHERE o.email = u.email AND o.deleted_at IS NULL AND o.id <> u.id
                 AND (o.role <> 'CLIENT' OR o.password_hash IS NOT NULL OR o.email_verified_at IS NOT NULL OR o.id < u.id))`,
  'CREATE UNIQUE INDEX user_account_email_key ON user_account (email) WHERE deleted_at IS NULL',
];

interface Addressed {
  id: string;
  email: string;
}

/** Plain ASCII without an A-label has its canonical form already. */
async function canonicaliseAddresses(db: QueryRunner): Promise<void> {
  const rows = (await db.query(
    `SELECT id, email FROM user_account WHERE email ~ '[^\\x21-\\x7e]|xn--' AND deleted_at IS NULL
     ORDER BY email_verified_at IS NULL, created_at`,
  )) as Addressed[];
  for (const { id, email } of rows) {
    const canonical = canonicalEmail(email);
    if (canonical === email) continue;
    await db.query(
      `UPDATE user_account SET email = $2 WHERE id = $1 AND (NOT (${SIGNS_IN})
         OR NOT EXISTS (SELECT FROM user_account o WHERE o.email = $2 AND o.id <> $1 AND ${SIGNS_IN}))`,
      [id, canonical],
    );
  }
}
