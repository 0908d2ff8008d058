import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom } from '../../core/realtime/rooms.js';
import { HoldsRepository, type HoldEventPayload } from './holds.repository.js';

const EVENTS = ['hold.created', 'hold.released', 'hold.expired'];
const END_EVERY_SECONDS = 30;
const DAY = 86_400_000;

/**
 * Tells dashboards that a hold took or freed time, and ends expired holds. An expired hold reserves nothing, with or without this
 * task.
 */
@Injectable()
export class HoldsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly maintenance: MaintenanceScheduler,
    private readonly holds: HoldsRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(EVENTS, (events) => Promise.resolve(events.flatMap(toMessages)));
    this.maintenance.register({ name: 'end-expired-holds', everySeconds: END_EVERY_SECONDS, run: () => this.end() });
  }

  /** The rows stay for a day, so that a late booking learns that its hold has expired. */
  private async end(): Promise<void> {
    const now = this.clock.now();
    await this.holds.endExpired(new Date(now));
    await this.holds.deleteBefore(new Date(now - DAY));
  }
}

function toMessages(event: OutboxEvent): SocketMessage[] {
  const { doctorId, startDateTime, timeZone } = event.payload as unknown as HoldEventPayload;
  if (!event.clinicId) return [];
  const date = Zone.of(timeZone).toDay(Date.parse(startDateTime));
  const rooms = [doctorRoom(doctorId), ...clinicRooms(event.clinicId)];
  return [toSocketMessage(event, { rooms, event: 'availability:changed', data: { doctorId, date }, key: doctorId })];
}
