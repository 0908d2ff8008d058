import { Injectable, type OnModuleInit } from '@nestjs/common';
import { MaintenanceScheduler } from '../../core/jobs/maintenance-scheduler.js';
import { Clock } from '../../core/kernel/clock.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import type { OutboxEvent, SocketMessage } from '../../core/outbox/outbox-event.js';
import { toAvailabilityMessages } from './availability-messages.js';
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
  const { doctorId, startDateTime, timeZone, ...payload } = event.payload as unknown as HoldEventPayload;
  const { clinicId } = event;
  if (!clinicId) return [];
  // Processes of an earlier release write events without the reserved range.
  const { reservedFrom = startDateTime, reservedUntil = startDateTime } = payload as Partial<HoldEventPayload>;
  const during = { start: Date.parse(reservedFrom), end: Date.parse(reservedUntil) };
  return toAvailabilityMessages(event, { clinicId, timeZone }, [{ doctorId, during }]);
}
