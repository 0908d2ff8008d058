import { performance } from 'node:perf_hooks';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../../core/changes/change-log.js';
import { OutboxConsumers } from '../../../core/outbox/outbox-consumers.js';
import { toSocketMessage } from '../../../core/outbox/outbox-event.js';
import { clinicRooms } from '../../../core/realtime/rooms.js';
import type { ClaimedImport } from './imports.repository.js';

const PROGRESS = 'import:progress';
const SECOND = 1_000;

/** Tells the sockets of the clinic how far an import is, and records its steps. */
@Injectable()
export class ImportProgress implements OnModuleInit {
  constructor(
    private readonly changes: ChangeLog,
    private readonly consumers: OutboxConsumers,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes([PROGRESS], (events) =>
      Promise.resolve(
        events.map((event) =>
          toSocketMessage(event, {
            rooms: event.clinicId === null ? [] : clinicRooms(event.clinicId),
            data: event.payload,
          }),
        ),
      ),
    );
  }

  /** In the current transaction. */
  async publish({ id, clinicId, done, total, failed }: Progress): Promise<void> {
    const payload = { importId: id, done, total, failed };
    await this.changes.publish({ event: PROGRESS, aggregate_id: id, clinic_id: clinicId, payload });
  }

  /** Writes the audit row of a step, in the current transaction. */
  async record(action: string, { id, clinicId }: Pick<Progress, 'id' | 'clinicId'>, changes: object): Promise<void> {
    const step = { action: `import.${action}`, objectType: 'import', objectId: id, clinicId, event: null };
    await this.changes.record({ ...step, changes: { ...changes } });
  }
}

type Progress = Pick<ClaimedImport, 'id' | 'clinicId' | 'done' | 'total' | 'failed'>;

/** Lets one of several events through in each second. */
export class Throttle {
  private last = -Infinity;

  isDue(): boolean {
    const now = performance.now();
    if (now - this.last < SECOND) return false;
    this.last = now;
    return true;
  }
}
