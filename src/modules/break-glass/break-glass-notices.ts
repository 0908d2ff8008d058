import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { userRoom } from '../../core/realtime/rooms.js';
import { AccountLinksService } from '../account-links/index.js';
import { BreakGlassRepository, type NewBreakGlass, type Recipient } from './break-glass.repository.js';

const EVENT = 'break-glass:opened';

interface Payload {
  id: string;
  clientId: string;
  userId: string;
  role: string;
  expiresAt: string;
  managerIds: string[];
}

/** Notifies managers (mail and dashboard) and the patient (mail) that a record was opened. The messages do not contain the reason. */
@Injectable()
export class BreakGlassNotices implements OnModuleInit {
  constructor(
    private readonly accesses: BreakGlassRepository,
    private readonly links: AccountLinksService,
    private readonly changes: ChangeLog,
    private readonly consumers: OutboxConsumers,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes([EVENT], (events) => Promise.resolve(events.map(toMessage)));
  }

  /** Mails the managers and the patient, and publishes the event. Runs in the caller's transaction. */
  async announce(
    { id, clientId, userId, role, clinicIds, expiresAt }: NewBreakGlass,
    patient: Recipient,
  ): Promise<void> {
    const managers = await this.accesses.findManagers(clinicIds);
    for (const { userId: managerId, email } of managers) {
      if (email) await this.links.notify(managerId, email, 'BREAK_GLASS_OPENED');
    }
    if (patient.email) await this.links.notify(patient.userId, patient.email, 'RECORD_OPENED');
    const managerIds = managers.map((manager) => manager.userId);
    const payload: Payload = { id, clientId, userId, role, expiresAt: expiresAt.toISOString(), managerIds };
    await this.changes.record({
      action: 'break-glass.announced',
      objectType: 'break_glass',
      objectId: id,
      changes: { clientIds: [clientId], managerIds },
      event: { name: EVENT, payload },
    });
  }
}

/** Only for managers: the front desk, which is also in the clinic's room, is not notified. */
function toMessage(event: OutboxEvent): SocketMessage {
  const { managerIds, ...data } = event.payload as unknown as Payload;
  return toSocketMessage(event, { rooms: managerIds.map(userRoom), data });
}
