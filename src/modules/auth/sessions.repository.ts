import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { SessionView } from './auth.dto.js';

export interface Device {
  userAgent: string | null;
  ip: string | null;
}

export interface SessionState {
  userId: string;
  revoked: boolean;
  expired: boolean;
}

@Injectable()
export class SessionsRepository {
  constructor(private readonly db: Database) {}

  async open(
    id: string,
    userId: string,
    hash: Buffer,
    device: Device,
    seconds: number,
    absolute: number,
  ): Promise<void> {
    await this.db.rows(
      `INSERT INTO session (id, user_id, refresh_hash, user_agent, ip, expires_at, absolute_expires_at)
       VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6), now() + make_interval(secs => $7))`,
      [id, userId, hash, device.userAgent, device.ip, Math.min(seconds, absolute), absolute],
    );
  }

  /** Deletes sessions that ended long ago: a stolen token of theirs is refused all the same, as unknown. */
  async sweep(keepDays: number): Promise<void> {
    await this.db.rows(
      `DELETE FROM session WHERE revoked_at < now() - make_interval(days => $1) OR expires_at < now() - make_interval(days => $1)`,
      [keepDays],
    );
  }

  /** Exchanges the current token for the next, by compare-and-set. @returns the user; null where it was not the current */
  async rotate(id: string, from: Buffer, to: Buffer, seconds: number): Promise<string | null> {
    const row = await this.db.row<{ userId: string }>(
      `UPDATE session SET refresh_hash = $3, generation = generation + 1, last_used_at = now(),
              expires_at = least(now() + make_interval(secs => $4), absolute_expires_at)
       WHERE id = $1 AND refresh_hash = $2 AND revoked_at IS NULL AND expires_at > now() RETURNING user_id AS "userId"`,
      [id, from, to, seconds],
    );
    return row?.userId ?? null;
  }

  state(id: string): Promise<SessionState | null> {
    return this.db.row<SessionState>(
      `SELECT user_id AS "userId", revoked_at IS NOT NULL AS revoked, expires_at <= now() AS expired FROM session WHERE id = $1`,
      [id],
    );
  }

  /** @returns whether there was such a session to end */
  async end(id: string, userId: string, reason: string): Promise<boolean> {
    const row = await this.db.row(
      `UPDATE session SET revoked_at = now(), revoked_reason = $3
       WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL RETURNING id`,
      [id, userId, reason],
    );
    return row !== null;
  }

  listOf(userId: string, current: string): Promise<SessionView[]> {
    return this.db.rows<SessionView>(
      `SELECT id, id = $2 AS current, user_agent AS "userAgent", ip, created_at AS "createdAt",
              last_used_at AS "lastUsedAt", expires_at AS "expiresAt"
       FROM session WHERE user_id = $1 AND revoked_at IS NULL AND expires_at > now() ORDER BY last_used_at DESC LIMIT 100`,
      [userId, current],
    );
  }

  /** Whether somebody is signed in to the account from this address: a device that is known. */
  async isKnownDevice(email: string, ip: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM session s JOIN user_account u ON u.id = s.user_id
       WHERE u.email = $1 AND u.deleted_at IS NULL AND s.ip = $2 AND s.revoked_at IS NULL AND s.expires_at > now() LIMIT 1`,
      [email, ip],
    );
    return row !== null;
  }
}
