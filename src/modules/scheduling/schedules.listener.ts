import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom } from '../../core/realtime/rooms.js';
import { MAX_AVAILABILITY_DAYS } from './availability.service.js';
import { SchedulesRepository, type DoctorWithZone } from './schedules.repository.js';

const EVENTS = ['schedule.replaced', 'schedule.exception-added', 'schedule.exception-removed'];
const CLINIC_EVENTS = ['clinic.closure-added', 'clinic.closure-removed'];

/** Sends `availability:changed` for each day on which a doctor's working hours changed. */
@Injectable()
export class SchedulesListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly schedules: SchedulesRepository,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes([...EVENTS, ...CLINIC_EVENTS], (events) => this.toMessages(events));
  }

  private async toMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const doctors = await this.schedules.findDoctors([...new Set(events.map(({ aggregateId }) => aggregateId))]);
    return events.flatMap((event) => {
      const isClinicEvent = CLINIC_EVENTS.includes(event.name);
      const concerned = doctors.filter(
        ({ resourceId, clinicId }) => event.aggregateId === (isClinicEvent ? clinicId : resourceId),
      );
      return concerned.flatMap((doctor) => {
        // Computed in the process, not in SQL: PostgreSQL may not know the clinic's zone.
        const today = Zone.of(doctor.timeZone).toDay(this.clock.now());
        return affectedDays(event, today).map((date) => availabilityMessage(event, doctor, date));
      });
    });
  }
}

const availabilityMessage = (event: OutboxEvent, { id, clinicId }: DoctorWithZone, date: string): SocketMessage =>
  toSocketMessage(event, {
    rooms: [doctorRoom(id), ...clinicRooms(clinicId)],
    event: 'availability:changed',
    data: { doctorId: id, date },
    key: `${id} ${date}`,
  });

/** The days of an exception, or all days from today after new weekly hours; without past days. At most as many as a request of GET /availability may cover. */
function affectedDays({ payload }: OutboxEvent, today: string): string[] {
  const { from, to } = payload as { from?: string; to?: string };
  const first = from !== undefined && from > today ? from : today;
  // Calendar days have no time zone: any zone adds them alike.
  const days = Array.from({ length: MAX_AVAILABILITY_DAYS }, (_, index) => Zone.of('UTC').addDays(first, index));
  return to === undefined ? days : days.filter((day) => day <= to);
}
