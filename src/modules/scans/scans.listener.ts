import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { doctorRoom, userRoom } from '../../core/realtime/rooms.js';

interface Payload {
  status: string;
  clientId: string;
  [subject: string]: string;
}

interface Audience {
  clientId: string;
  userId: string;
  doctorIds: string[];
}

const toPayload = ({ payload }: OutboxEvent): Payload => payload as unknown as Payload;

/** Sends the result of an analysis to the sockets of the patient and of the doctors who treat the patient. */
@Injectable()
export class ScansListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly db: Database,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(['scan:analyzed', 'scan-set:analyzed'], (events) => this.toMessages(events));
  }

  private async toMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const audiences = await this.db.rows<Audience>(AUDIENCES, [
      [...new Set(events.map((event) => toPayload(event).clientId))],
    ]);
    return events.flatMap((event) => {
      const { clientId, ...data } = toPayload(event);
      const audience = audiences.find((found) => found.clientId === clientId);
      if (!audience) return [];
      const rooms = [userRoom(audience.userId), ...audience.doctorIds.map(doctorRoom)];
      return [toSocketMessage(event, { rooms, data })];
    });
  }
}

/** Hand-written SQL: collects patients and doctors from tables of other features in one statement. */
const AUDIENCES = `
  SELECT c.id AS "clientId", c.user_id AS "userId",
         (SELECT coalesce(json_agg(DISTINCT a.doctor_id), '[]') FROM appointment a
          WHERE a.client_id = c.id AND a.status <> 'CANCELLED') AS "doctorIds"
  FROM client c WHERE c.id = ANY ($1::uuid[])`;
