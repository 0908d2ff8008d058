import { Injectable } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import type { OutboxEvent } from '../../core/outbox/outbox-event.js';
import {
  AppointmentEventReader,
  type EventDetails,
  type HoldEventPayload,
  type ReadAppointmentEvent,
} from '../appointments/index.js';
import { FreedTimesRepository, type NewFreedTime } from './freed-times.repository.js';
import { OfferClosing } from './offer-closing.js';

/** The actions that free time. */
const FREEING_ACTIONS = new Set(['cancelled', 'rescheduled', 'no-show']);
/** As many days of an exception are looked at. */
const MAX_DAYS = 62;
const MINUTE = 60_000;
const CLOSURE_REMOVED = 'clinic.closure-removed';

interface HoursPayload {
  from?: string;
  to?: string;
  kind?: 'CLOSED' | 'OPEN';
  startMinute?: number | null;
  endMinute?: number | null;
}

/** Reads from committed events which times were freed, in the transaction that marks the events as handled. */
@Injectable()
export class FreedTimesReader {
  constructor(
    private readonly reader: AppointmentEventReader,
    private readonly times: FreedTimesRepository,
    private readonly closing: OfferClosing,
  ) {}

  async ofVisits(events: readonly OutboxEvent[]): Promise<void> {
    // First: reading an event decrypts its texts, and most events are bookings, which free nothing.
    const freeing = events.filter(({ payload }) => FREEING_ACTIONS.has(String(payload.action)));
    await this.add((await this.reader.read(freeing)).flatMap(toFreed));
  }

  async ofHolds(events: readonly OutboxEvent[]): Promise<void> {
    await this.add(
      events.flatMap(({ clinicId, payload, occurredAt }) => {
        const { doctorId, startDateTime, reservedUntil } = payload as unknown as Partial<HoldEventPayload>;
        if (!clinicId || !doctorId || !startDateTime) return [];
        const startAt = new Date(startDateTime);
        // Holds of the previous release have no end in their events: then the time is found by its start.
        const endAt = reservedUntil ? new Date(reservedUntil) : new Date(startAt.getTime() + MINUTE);
        return [{ clinicId, doctorId, startAt, endAt, freedAt: occurredAt }];
      }),
    );
  }

  /** Extra hours that were opened, and closures of doctors and of whole clinics that were removed. */
  async ofHours(events: readonly OutboxEvent[]): Promise<void> {
    const opening = events.filter(
      ({ name, payload }) =>
        name === CLOSURE_REMOVED || payload.kind === (name === 'schedule.exception-added' ? 'OPEN' : 'CLOSED'),
    );
    if (opening.length === 0) return;
    const doctors = await this.times.findDoctors(opening.map(({ aggregateId }) => aggregateId));
    await this.add(
      opening.flatMap((event) =>
        doctors
          .filter(({ resourceId, clinicId }) => event.aggregateId === resourceId || event.aggregateId === clinicId)
          .flatMap(({ id: doctorId, clinicId, timeZone }) =>
            toRanges(event.payload, Zone.of(timeZone)).map((range) => ({
              ...{ clinicId, doctorId, ...range, freedAt: event.occurredAt },
            })),
          ),
      ),
    );
  }

  private async add(times: NewFreedTime[]): Promise<void> {
    if (times.length === 0) return;
    await this.times.add(times);
    for (const clinicId of new Set(times.map((time) => time.clinicId))) this.closing.offerNext(clinicId);
  }
}

/** The time of a cancelled or missed visit, and the old time of one that was moved. */
function toFreed({ event, view: { view } }: ReadAppointmentEvent): NewFreedTime[] {
  const { action, previousDoctorId, previousStartDateTime, previousEndDateTime } =
    event.payload as Partial<EventDetails>;
  const common = { clinicId: view.clinicId, freedAt: event.occurredAt };
  if (action !== 'rescheduled')
    return [{ ...common, doctorId: view.doctorId, startAt: view.startDateTime, endAt: view.endDateTime }];
  if (!previousDoctorId || !previousStartDateTime) return [];
  const startAt = new Date(previousStartDateTime);
  const length = view.endDateTime.getTime() - view.startDateTime.getTime();
  const endAt = previousEndDateTime ? new Date(previousEndDateTime) : new Date(startAt.getTime() + length);
  return [{ ...common, doctorId: previousDoctorId, startAt, endAt }];
}

/** The hours of each day of an exception. */
function toRanges(payload: HoursPayload, zone: Zone): { startAt: Date; endAt: Date }[] {
  const { from, to, startMinute, endMinute } = payload;
  if (from === undefined || to === undefined) return [];
  const days = Array.from({ length: MAX_DAYS }, (_, index) => zone.addDays(from, index)).filter((day) => day <= to);
  return days.map((day) => ({
    startAt: new Date(zone.boundary(day, startMinute ?? 0)),
    endAt: new Date(zone.boundary(day, endMinute ?? 1_440)),
  }));
}
