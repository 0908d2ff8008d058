import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { Preferences } from './deliverability.js';
import { NotificationDevice } from './notification-device.entity.js';
import { NotificationPreference } from './notification-preference.entity.js';
import type { DeviceView, RegisterDevice } from './preferences.dto.js';

/**
 * SQL after FROM: the devices `d` that may get a push message, with their WHERE. A device belongs to the session that
 * registered it and stops when the session ends, for whatever reason.
 */
export const LIVE_DEVICES = `notification_device d JOIN session s ON s.id = d.session_id
  WHERE s.revoked_at IS NULL AND s.expires_at > now()`;

export interface PreferencesRow {
  channels: Preferences['channels'];
  quietStart: number | null;
  quietEnd: number | null;
  version: number;
}

const MAX_DEVICES = 20;
const COLUMNS = `channels, quiet_start AS "quietStart", quiet_end AS "quietEnd", version`;
const NOTHING_SET: PreferencesRow = { channels: {}, quietStart: null, quietEnd: null, version: 1 };

/** Hand-written SQL where a statement also reads sessions, which are of another feature. */
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

  /** Locks the row, and creates it if it does not exist. */
  async lock(userId: string): Promise<PreferencesRow> {
    await this.preferences.createQueryBuilder().insert().values({ userId }).orIgnore().updateEntity(false).execute();
    const row = await this.preferences.findOne({
      select: { channels: true, quietStart: true, quietEnd: true, version: true },
      where: { userId },
      lock: { mode: 'pessimistic_write' },
    });
    return row ?? NOTHING_SET;
  }

  async save(userId: string, row: PreferencesRow): Promise<void> {
    await this.preferences.update({ userId }, { ...row, updatedAt: () => 'now()' });
  }

  /**
   * A token belongs to the user who signed in last on that device, and to that session. Beyond the limit, the devices seen
   * longest ago are deleted.
   * @returns null if the session has ended
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

  /** By id or by push token. @returns whether the user had such a device */
  async forgetDevice(userId: string, device: { id: string } | { token: string }): Promise<boolean> {
    const { affected } = await this.db.repository(NotificationDevice).delete({ userId, ...device });
    return affected === 1;
  }

  /** Deletes devices whose session has ended. */
  async deleteSignedOutDevices(): Promise<void> {
    await this.db.rows(
      `DELETE FROM notification_device d
       WHERE NOT EXISTS (SELECT FROM session s WHERE s.id = d.session_id AND s.revoked_at IS NULL AND s.expires_at > now())`,
    );
  }

  private get preferences() {
    return this.db.repository(NotificationPreference);
  }
}
