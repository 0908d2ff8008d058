import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Preferences } from './notifications.rules.js';
import type { DeviceView, RegisterDevice } from './preferences.dto.js';

export interface PreferencesRow {
  channels: Preferences['channels'];
  quietStart: number | null;
  quietEnd: number | null;
  version: number;
}

const MOST_DEVICES = 20;
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

  /** A token belongs to who signed in last on that device. The devices seen longest ago make room. */
  async registerDevice(id: string, userId: string, { token, platform }: RegisterDevice): Promise<DeviceView | null> {
    const device = await this.db.row<DeviceView>(
      `INSERT INTO notification_device (id, user_id, token, platform) VALUES ($1::uuid, $2::uuid, $3, $4)
       ON CONFLICT (token) DO UPDATE SET user_id = excluded.user_id, platform = excluded.platform, last_seen_at = now()
       RETURNING id, platform, created_at AS "createdAt"`,
      [id, userId, token, platform],
    );
    await this.db.rows(
      `DELETE FROM notification_device WHERE id IN (
         SELECT id FROM notification_device WHERE user_id = $1::uuid ORDER BY last_seen_at DESC, id DESC OFFSET $2::int)`,
      [userId, MOST_DEVICES],
    );
    return device;
  }

  async forgetDevice(userId: string, token: string): Promise<boolean> {
    const row = await this.db.row(
      `DELETE FROM notification_device WHERE user_id = $1::uuid AND token = $2 RETURNING id`,
      [userId, token],
    );
    return row !== null;
  }
}
