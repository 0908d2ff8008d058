import { Injectable } from '@nestjs/common';
import { IsNull, Raw, type FindOptionsWhere } from 'typeorm';
import { insertAudit, insertEvents, type AuditRow, type EventRow } from '../../core/changes/change-rows.js';
import { Database } from '../../core/database/database.js';
import { AccountContacts, type SignInAccount } from '../users/index.js';
import type { SessionView } from './auth.dto.js';
import type { Device } from './device.js';
import { Session } from './session.entity.js';
import type { SessionLifetime } from './session-tokens.js';

interface NewSession extends SessionLifetime {
  id: string;
  refreshHash: Buffer;
  device: Device;
  audit: AuditRow;
  event: EventRow | null;
}

interface SessionOwner {
  userId: string;
  hasSecondFactor: boolean;
}

interface SessionState {
  userId: string;
  revoked: boolean;
  expired: boolean;
}

interface SessionConditions {
  /** The session has not expired. */
  mustBeOpen?: boolean;
  /** The address of the account is verified. */
  mustBeVerified?: boolean;
}

/** Hand-written SQL: opening and refreshing a session are frequent, and they use the database's clock. */
@Injectable()
export class SessionsRepository {
  constructor(
    private readonly db: Database,
    private readonly contacts: AccountContacts,
  ) {}

  /**
   * Inserts the session with its audit row and its event, if the password, role and authorization of the account have not
   * changed since it was read.
   * @returns whether it was inserted
   */
  async open({ user, passwordHash, authorizationChangedAt }: SignInAccount, session: NewSession): Promise<boolean> {
    const { id, refreshHash, device, seconds, absoluteSeconds, audit, event } = session;
    const row = await this.db.row(OPEN, [
      user.id,
      passwordHash,
      user.role,
      authorizationChangedAt,
      id,
      refreshHash,
      device.userAgent,
      device.ip,
      seconds,
      absoluteSeconds,
      JSON.stringify(audit),
      JSON.stringify(event ? [event] : []),
    ]);
    return row !== null;
  }

  /**
   * Deletes sessions that ended more than this many days ago. Their tokens are then refused as unknown. The newest session of a patient
   * stays, without address and device: retention reads from it when the patient was last active.
   */
  async deleteEnded(days: number): Promise<void> {
    await this.db.rows(
      `WITH ended AS (
         SELECT id, user_id FROM session
         WHERE revoked_at < now() - make_interval(days => $1) OR expires_at < now() - make_interval(days => $1)
       ), newest AS (
         SELECT DISTINCT ON (s.user_id) s.id FROM session s JOIN user_account u ON u.id = s.user_id AND u.role = 'CLIENT'
         WHERE s.user_id IN (SELECT user_id FROM ended)
         ORDER BY s.user_id, s.last_used_at DESC, s.id DESC
       ), emptied AS (
         UPDATE session SET user_agent = NULL, ip = NULL
         WHERE id IN (SELECT id FROM ended) AND id IN (SELECT id FROM newest) AND (user_agent IS NOT NULL OR ip IS NOT NULL)
       )
       DELETE FROM session WHERE id IN (SELECT id FROM ended) AND id NOT IN (SELECT id FROM newest)`,
      [days],
    );
  }

  /**
   * Replaces the current token by the next one (compare-and-set).
   * @returns the user, and whether they have a second factor; null if `from` is not the current token
   */
  rotate(id: string, from: Buffer, to: Buffer, seconds: number): Promise<SessionOwner | null> {
    return this.db.row<SessionOwner>(
      `UPDATE session SET refresh_hash = $3, generation = generation + 1, last_used_at = now(),
              expires_at = least(now() + make_interval(secs => $4), absolute_expires_at)
       WHERE id = $1 AND refresh_hash = $2 AND revoked_at IS NULL AND expires_at > now()
       RETURNING user_id AS "userId",
         EXISTS (SELECT FROM mfa_factor f WHERE f.user_id = session.user_id AND f.enabled_at IS NOT NULL) AS "hasSecondFactor"`,
      [id, from, to, seconds],
    );
  }

  getState(id: string): Promise<SessionState | null> {
    return this.db.row<SessionState>(
      `SELECT user_id AS "userId", revoked_at IS NOT NULL AS revoked, expires_at <= now() AS expired FROM session WHERE id = $1`,
      [id],
    );
  }

  /** @returns whether the user had such a session */
  async end(id: string, userId: string, reason: string): Promise<boolean> {
    const { affected } = await this.db
      .repository(Session)
      .update({ id, userId, revokedAt: IsNull() }, { revokedAt: () => 'now()', revokedReason: reason });
    return affected === 1;
  }

  /** @returns whether the user has such a session */
  async markProven(id: string, userId: string): Promise<boolean> {
    const { affected } = await this.db
      .repository(Session)
      .update({ id, userId, ...openSession() }, { provenAt: () => 'now()' });
    return affected === 1;
  }

  /** Whether the user proved in this session within ten minutes who they are. */
  async isProven(id: string, userId: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM session
       WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL AND expires_at > now() AND proven_at > now() - interval '10 minutes'`,
      [id, userId],
    );
    return row !== null;
  }

  isOpen(id: string, userId: string): Promise<boolean> {
    return this.db.repository(Session).existsBy({ id, userId, ...openSession() });
  }

  list(userId: string, currentSessionId: string): Promise<SessionView[]> {
    return this.db.rows<SessionView>(
      `SELECT id, id = $2 AS current, user_agent AS "userAgent", ip, created_at AS "createdAt",
              last_used_at AS "lastUsedAt", expires_at AS "expiresAt"
       FROM session WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() ORDER BY last_used_at DESC LIMIT 100`,
      [userId, currentSessionId],
    );
  }

  /** Whether the account has a session from this IP address that was not ended. It may have expired, except with `mustBeOpen`. */
  async hasSessionFrom(
    ip: string,
    account: { userId: string } | { email: string },
    { mustBeOpen = false, mustBeVerified = false }: SessionConditions = {},
  ): Promise<boolean> {
    const isById = 'userId' in account;
    const row = await this.db.row(
      `SELECT 1 AS one FROM session s JOIN user_account u ON u.id = s.user_id
       WHERE ${isById ? 'u.id' : 'u.email_index'} = $1 AND u.deleted_at IS NULL AND s.ip = $2 AND s.revoked_at IS NULL
         ${mustBeOpen ? 'AND s.expires_at > now()' : ''} ${mustBeVerified ? 'AND u.email_verified_at IS NOT NULL' : ''} LIMIT 1`,
      [isById ? account.userId : await this.contacts.emailIndex(account.email), ip],
    );
    return row !== null;
  }
}

/** The conditions of a session that has neither ended nor expired. */
const openSession = (): FindOptionsWhere<Session> => ({
  revokedAt: IsNull(),
  expiresAt: Raw((column) => `${column} > now()`),
});

// One statement instead of a transaction of four, because the round trips take most of the time. FOR SHARE waits for an
// uncommitted change of the account and then checks the account again.
const OPEN = `
  WITH account AS (
    SELECT id FROM user_account
    WHERE id = $1 AND password_hash IS NOT DISTINCT FROM $2 AND role = $3 AND authorization_changed_at = $4::timestamptz AND deleted_at IS NULL
    FOR SHARE
  ), opened AS (
    INSERT INTO session (id, user_id, refresh_hash, user_agent, ip, expires_at, absolute_expires_at)
    SELECT $5::uuid, id, $6::bytea, $7::text, $8::text, now() + make_interval(secs => $9), now() + make_interval(secs => $10)
    FROM account RETURNING id
  ), audited AS (
    ${insertAudit('opened CROSS JOIN json_populate_record(NULL::audit_log, $11::json) l')}
  ), published AS (
    ${insertEvents('opened CROSS JOIN json_populate_recordset(NULL::outbox, $12::json) e')}
  )
  SELECT id FROM opened`;
