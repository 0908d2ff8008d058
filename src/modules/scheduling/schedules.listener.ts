import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { messageOf, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom } from '../../core/realtime/rooms.js';
import { SchedulesRepository, type ScheduledDoctor } from './schedules.repository.js';

const EVENTS = ['schedule.replaced', 'schedule.exception-added', 'schedule.exception-removed'];
/** As many days as one call of GET /availability may ask for. */
const MOST_DAYS = 62;

const CALENDAR = Zone.of('UTC');

/** Working hours that change make other times free: said for each day, of doctors only. Rooms are not offered by themselves. */
@Injectable()
export class SchedulesListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly schedules: SchedulesRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(EVENTS, (events) => this.messagesOf(events));
  }

  private async messagesOf(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const doctors = await this.schedules.doctorsOf([...new Set(events.map(({ aggregateId }) => aggregateId))]);
    const byResource = new Map(doctors.map((doctor) => [doctor.resourceId, doctor]));
    return events.flatMap((event) => {
      const doctor = byResource.get(event.aggregateId);
      if (!doctor) return [];
      // In the process, not in SQL: PostgreSQL may not know the clinic's zone.
      const today = Zone.of(doctor.timeZone).dayOf(this.clock.now());
      return daysOf(event, today).map((date) => changed(event, doctor, date));
    });
  }
}

const changed = (event: OutboxEvent, { id, clinicId }: ScheduledDoctor, date: string): SocketMessage =>
  messageOf(event, {
    rooms: [doctorRoom(id), ...clinicRooms(clinicId)],
    event: 'availability:changed',
    data: { doctorId: id, date },
    key: `${id} ${date}`,
  });

/** The days of an exception, or all that are coming; none that are over. */
function daysOf({ payload }: OutboxEvent, today: string): string[] {
  const { from = today, to } = payload as { from?: string; to?: string };
  const days: string[] = [];
  for (let day = from < today ? today : from; days.length < MOST_DAYS; day = CALENDAR.addDays(day, 1)) {
    if (to !== undefined && day > to) break;
    days.push(day);
  }
  return days;
}
