import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import type { Actor } from '../../core/kernel/actor.js';
import type { Preferences } from './notification-preference.entity.js';
import { NotificationDevice } from './notification-device.entity.js';
import { NotificationPreference } from './notification-preference.entity.js';
import type { DeviceView, RegisterDevice } from './preferences.dto.js';

/**
 * SQL after FROM, including WHERE: the devices `d` that may get push messages. A device belongs to the session that registered
 * it, and gets no more messages when that session has ended.
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
const SELECT = { channels: true, quietStart: true, quietEnd: true, version: true } as const;
const DEFAULT_PREFERENCES: PreferencesRow = { channels: {}, quietStart: null, quietEnd: null, version: 1 };

/** Hand-written SQL where a statement also reads `session`, a table of another feature, or deletes by an order. */
@Injectable()
export class PreferencesRepository {
  constructor(private readonly db: Database) {}

  async find(userId: string): Promise<PreferencesRow> {
    return (await this.preferences.findOne({ select: SELECT, where: { userId } })) ?? DEFAULT_PREFERENCES;
  }

  /** Locks the row, and creates it if it does not exist. */
  async lock(userId: string): Promise<PreferencesRow> {
    await this.preferences.createQueryBuilder().insert().values({ userId }).orIgnore().updateEntity(false).execute();
    const lock = { mode: 'pessimistic_write' } as const;
    return (await this.preferences.findOne({ select: SELECT, where: { userId }, lock })) ?? DEFAULT_PREFERENCES;
  }

  async save(userId: string, row: PreferencesRow): Promise<void> {
    await this.preferences.update({ userId }, { ...row, updatedAt: () => 'now()' });
  }

  /**
   * A push token belongs to the user who registered it last, and to that session. If the user has too many devices, those that
   * were registered longest ago are deleted.
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

  /** @returns false if the user has no such device */
  async deleteDevice(userId: string, device: { id: string } | { token: string }): Promise<boolean> {
    const { affected } = await this.db.repository(NotificationDevice).delete({ userId, ...device });
    return affected === 1;
  }

  /** Deletes a device whose token the provider has rejected. */
  async deleteDeadDevice(token: string): Promise<void> {
    // Not by TypeORM: `rows` translates the error of an unavailable database, which the caller must recognise.
    await this.db.rows('DELETE FROM notification_device WHERE token = $1', [token]);
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
