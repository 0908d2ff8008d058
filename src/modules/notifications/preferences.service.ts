import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Change } from '../../core/changes/change.js';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { DomainError, notFound } from '../../core/kernel/domain-error.js';
import { newId } from '../../core/kernel/id.js';
import type { Actor, Role } from '../../core/kernel/actor.js';
import { DEFAULT_CHANNELS } from './deliverability.js';
import type { Preferences } from './notification-preference.entity.js';
import type { ChangePreferences, DeviceView, PreferencesView, RegisterDevice } from './preferences.dto.js';
import { PreferencesRepository, type PreferencesRow } from './preferences.repository.js';
import { NOTIFICATION_KINDS, type NotificationKind } from './templates/message-kinds.js';

const DELETE_EVERY_SECONDS = 3_600;

/** A user's channels, quiet hours and devices. They are read when a message is sent, so a change takes effect at once. */
@Injectable()
export class PreferencesService implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly preferences: PreferencesRepository,
    private readonly changes: ChangeLog,
    private readonly maintenance: MaintenanceScheduler,
  ) {}

  onModuleInit(): void {
    const run = (): Promise<void> => this.preferences.deleteSignedOutDevices();
    this.maintenance.register({ name: 'delete-signed-out-devices', everySeconds: DELETE_EVERY_SECONDS, run });
  }

  async get(actor: Actor): Promise<PreferencesView> {
    return toView(await this.preferences.find(actor.userId));
  }

  async change(actor: Actor, request: ChangePreferences, version: number | null): Promise<PreferencesView> {
    return this.save(actor.userId, version, (row) => {
      const channels = Object.fromEntries(
        Object.entries(request.channels ?? {}).filter(([, chosen]) => chosen !== undefined && chosen !== null),
      );
      const quiet = request.quietHours;
      return {
        ...row,
        channels: { ...row.channels, ...channels },
        ...(quiet !== undefined && {
          quietStart: quiet ? toMinute(quiet.start) : null,
          quietEnd: quiet ? toMinute(quiet.end) : null,
        }),
      };
    });
  }

  /** Stops e-mails of this kind. Called by the link in an e-mail. */
  async unsubscribe(userId: string, kind: NotificationKind, role: Role): Promise<void> {
    const change = (row: PreferencesRow): PreferencesRow => ({
      ...row,
      channels: {
        ...row.channels,
        [kind]: (row.channels[kind] ?? DEFAULT_CHANNELS[kind]).filter((channel) => channel !== 'EMAIL'),
      },
    });
    await this.save(userId, null, change, { actor: { userId, role }, changes: { via: 'LINK' } });
  }

  async registerDevice(actor: Actor, request: RegisterDevice): Promise<DeviceView> {
    return this.db.transaction(async () => {
      const device = await this.preferences.registerDevice(newId(), actor, request);
      if (!device) throw new DomainError('TOKEN_REVOKED', 'This session has ended; sign in again.');
      await this.record('device.registered', actor.userId);
      return device;
    });
  }

  devices(actor: Actor): Promise<DeviceView[]> {
    return this.preferences.devices(actor);
  }

  async removeDevice(actor: Actor, device: { id: string } | { token: string }): Promise<null> {
    return this.db.transaction(async () => {
      if (!(await this.preferences.deleteDevice(actor.userId, device))) throw notFound();
      await this.record('device.forgotten', actor.userId);
      return null;
    });
  }

  private async save(
    userId: string,
    version: number | null,
    change: (row: PreferencesRow) => PreferencesRow,
    audit: Pick<Change, 'actor' | 'changes'> = {},
  ): Promise<PreferencesView> {
    let row: PreferencesRow;
    const after = await this.changes.versionedUpdate({
      objectType: 'user',
      id: userId,
      version,
      lock: async () => {
        row = await this.preferences.lock(userId);
        return { row, before: row };
      },
      change: async (before) => {
        row = { ...change(before), version: before.version + 1 };
        await this.preferences.save(userId, row);
      },
      read: () => Promise.resolve(row),
      details: () => ({ action: 'notification-preference.updated', event: null, ...audit }),
    });
    return toView(after);
  }

  private record(action: string, userId: string): Promise<void> {
    return this.changes.record({ action, objectType: 'user', objectId: userId, event: null });
  }
}

const toMinute = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const toLocalTime = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const toView = ({ channels, quietStart, quietEnd, version }: PreferencesRow): PreferencesView => ({
  channels: Object.fromEntries(NOTIFICATION_KINDS.map((kind) => [kind, chosenChannels(channels, kind)])),
  quietHours:
    quietStart === null || quietEnd === null ? null : { start: toLocalTime(quietStart), end: toLocalTime(quietEnd) },
  version,
});

const chosenChannels = (channels: Preferences['channels'], kind: NotificationKind): string[] => [
  ...new Set(['IN_APP', ...(channels[kind] ?? DEFAULT_CHANNELS[kind])]),
];
