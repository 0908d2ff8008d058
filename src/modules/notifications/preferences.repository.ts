import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/security/actor.js';
import { LIVE_DEVICES } from './live-devices.js';
import type { Preferences } from './notifications.rules.js';
import type { DeviceView, RegisterDevice } from './preferences.dto.js';

export interface PreferencesRow {
  channels: Preferences['channels'];
  quietStart: number | null;
  quietEnd: number | null;
  version: number;
}

const MAX_DEVICES = 20;
const COLUMNS = `channels, quiet_start AS "quietStart", quiet_end AS "quietEnd", version`;
const NOTHING_SET: PreferencesRow = { channels: {}, quietStart: null, quietEnd: null, version: 1 };

@Injectable()
export class PreferencesRepository {
  constructor(private readonly db: Database) {}

  async find(userId: string): Promise<PreferencesRow> {
    const row = await this.db.row<PreferencesRow>(
      `SELECT ${COLUMNS} FROM notification_preference WHERE user_id = $1::uuid`,
      [userId],
    );
    return row ?? NOTHING_SET;
  }

  /** Makes the row if need be, and locks it. */
  async lock(userId: string): Promise<PreferencesRow> {
    await this.db.rows(`INSERT INTO notification_preference (user_id) VALUES ($1::uuid) ON CONFLICT DO NOTHING`, [
      userId,
    ]);
    const row = await this.db.row<PreferencesRow>(
      `SELECT ${COLUMNS} FROM notification_preference WHERE user_id = $1::uuid FOR UPDATE`,
      [userId],
    );
    return row ?? NOTHING_SET;
  }

  async save(userId: string, { channels, quietStart, quietEnd, version }: PreferencesRow): Promise<void> {
    await this.db.rows(
      `UPDATE notification_preference
       SET channels = $2::jsonb, quiet_start = $3::smallint, quiet_end = $4::smallint, version = $5::int, updated_at = now()
       WHERE user_id = $1::uuid`,
      [userId, JSON.stringify(channels), quietStart, quietEnd, version],
    );
  }

  /**
   * A token belongs to who signed in last on that device, and to that session. The devices seen longest ago make room.
   * @returns null where the session has ended
   */
  async registerDevice(id: string, actor: Actor, { token, platform }: RegisterDevice): Promise<DeviceView | null> {
    const device = await this.db.row<DeviceView>(
      `INSERT INTO notification_device (id, user_id, session_id, token, platform)
       SELECT $1::uuid, s.user_id, s.id, $4, $5 FROM session s
       WHERE s.id = $3::uuid AND s.user_id = $2::uuid AND s.revoked_at IS NULL AND s.expires_at > now()
       ON CONFLICT (token) DO UPDATE SET user_id = excluded.user_id, session_id = excluded.session_id,
         platform = excluded.platform, last_seen_at = now()
       RETURNING id, platform, true AS current, created_at AS "createdAt", last_seen_at AS "lastSeenAt"`,
      [id, actor.userId, actor.sessionId, token, platform],
    );
    await this.db.rows(
      `DELETE FROM notification_device WHERE id IN (
         SELECT id FROM notification_device WHERE user_id = $1::uuid ORDER BY last_seen_at DESC, id DESC OFFSET $2::int)`,
      [actor.userId, MAX_DEVICES],
    );
    return device;
  }

  devices({ userId, sessionId }: Actor): Promise<DeviceView[]> {
    return this.db.rows<DeviceView>(
      `SELECT d.id, d.platform, d.session_id = $2::uuid AS current, d.created_at AS "createdAt",
              d.last_seen_at AS "lastSeenAt"
       FROM ${LIVE_DEVICES} AND d.user_id = $1::uuid ORDER BY d.last_seen_at DESC, d.id DESC`,
      [userId, sessionId],
    );
  }

  /** By id or by its push token. @returns its id; null where the user has no such device */
  async forgetDevice(userId: string, { id, token }: { id?: string; token?: string }): Promise<string | null> {
    const row = await this.db.row<{ id: string }>(
      `DELETE FROM notification_device WHERE user_id = $1::uuid AND (id = $2::uuid OR token = $3) RETURNING id`,
      [userId, id ?? null, token ?? null],
    );
    return row?.id ?? null;
  }

  /** Those whose session has ended get nothing any more. */
  async sweepDevices(): Promise<void> {
    await this.db.rows(
      `DELETE FROM notification_device d
       WHERE NOT EXISTS (SELECT FROM session s WHERE s.id = d.session_id AND s.revoked_at IS NULL AND s.expires_at > now())`,
    );
  }
}
