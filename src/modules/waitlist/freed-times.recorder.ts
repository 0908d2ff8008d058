import { Injectable } from '@nestjs/common';
import type { OutboxEvent } from '../../core/outbox/outbox-event.js';
import {
  AppointmentEventReader,
  type EventDetails,
  type HoldEventPayload,
  type ReadAppointmentEvent,
} from '../appointments/index.js';
import { FreedTimesRepository, type NewFreedTime } from './freed-times.repository.js';
import { OfferClosing } from './offer-closing.js';

/** The actions that free time: a visit that is completed early, its rest. */
const FREEING_ACTIONS = new Set(['cancelled', 'rescheduled', 'no-show', 'completed']);
const MINUTE = 60_000;

/** Records the times that committed events freed, in the transaction that marks the events as handled. */
@Injectable()
export class FreedTimesRecorder {
  constructor(
    private readonly reader: AppointmentEventReader,
    private readonly times: FreedTimesRepository,
    private readonly closing: OfferClosing,
  ) {}

  async recordVisits(events: readonly OutboxEvent[]): Promise<void> {
    // First: reading an event decrypts its texts, and most events are bookings, which free nothing.
    const freeing = events.filter(({ payload }) => FREEING_ACTIONS.has(String(payload.action)));
    const visits = (await this.reader.read(freeing)).flatMap(toFreed);
    const buffers = await this.times.findBuffers([...new Set(visits.map(({ serviceId }) => serviceId))]);
    await this.add(
      visits.map(({ serviceId, ...time }) => {
        const { before = 0, after = 0 } = buffers.get(serviceId) ?? {};
        const startAt = new Date(time.startAt.getTime() - before * MINUTE);
        return { ...time, startAt, endAt: new Date(time.endAt.getTime() + after * MINUTE) };
      }),
    );
  }

  async recordHolds(events: readonly OutboxEvent[]): Promise<void> {
    await this.add(
      events.flatMap(({ clinicId, payload, occurredAt }) => {
        const { doctorId, startDateTime, reservedFrom, reservedUntil, resourceCount } =
          payload as unknown as Partial<HoldEventPayload>;
        if (!clinicId || !doctorId || !startDateTime) return [];
        const startAt = new Date(reservedFrom ?? startDateTime);
        // Holds of the previous release have no end in their events: then the time is found by its start.
        const endAt = reservedUntil ? new Date(reservedUntil) : new Date(startAt.getTime() + MINUTE);
        return [{ clinicId, doctorId, startAt, endAt, freedAt: occurredAt, usesResources: Number(resourceCount) > 0 }];
      }),
    );
  }

  /** Adds times, and wakes a worker after the commit. */
  async add(times: NewFreedTime[]): Promise<void> {
    if (times.length === 0) return;
    await this.times.add(times);
    for (const clinicId of new Set(times.map((time) => time.clinicId))) this.closing.offerNext(clinicId);
  }
}

/**
 * The time of a cancelled or missed visit, the rest of one that was completed early, and the old time of one that was moved. Without the
 * buffers of the service.
 */
function toFreed({ event, view: { view } }: ReadAppointmentEvent): (NewFreedTime & { serviceId: string })[] {
  const { action, previousDoctorId, previousStartDateTime, previousEndDateTime } =
    event.payload as Partial<EventDetails>;
  const { clinicId, serviceId, doctorId, startDateTime, endDateTime, completedAt } = view;
  const common = { clinicId, serviceId, freedAt: event.occurredAt, usesResources: view.resourceIds.length > 0 };
  if (action === 'completed') return [{ ...common, doctorId, startAt: completedAt ?? endDateTime, endAt: endDateTime }];
  if (action !== 'rescheduled') return [{ ...common, doctorId, startAt: startDateTime, endAt: endDateTime }];
  if (!previousDoctorId || !previousStartDateTime) return [];
  const startAt = new Date(previousStartDateTime);
  const length = endDateTime.getTime() - startDateTime.getTime();
  const endAt = previousEndDateTime ? new Date(previousEndDateTime) : new Date(startAt.getTime() + length);
  return [{ ...common, doctorId: previousDoctorId, startAt, endAt }];
}
