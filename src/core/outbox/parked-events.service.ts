import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../changes/change-log.js';
import { Database } from '../database/database.js';
import { notFound } from '../kernel/domain-error.js';
import type { ParkedEventView } from './outbox.dto.js';
import { OutboxRepository } from './outbox.repository.js';

/** Lists and replays events that could not be published, for operators. */
@Injectable()
export class ParkedEventsService {
  constructor(
    private readonly db: Database,
    private readonly outbox: OutboxRepository,
    private readonly changes: ChangeLog,
  ) {}

  list(): Promise<ParkedEventView[]> {
    return this.outbox.parked();
  }

  replay(id: string): Promise<null> {
    return this.db.transaction(async () => {
      if (!(await this.outbox.replay(id))) throw notFound();
      await this.changes.record({ action: 'outbox.replayed', objectType: 'outbox', objectId: id, event: null });
      return null;
    });
  }
}
