import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/kernel/clock.js';
import { Zone } from '../../core/kernel/zone.js';
import type { OutboxEvent } from '../../core/outbox/outbox-event.js';
import { FreedTimesRecorder } from './freed-times.recorder.js';
import { WaitedDaysRepository, type OpenedDays } from './waited-days.repository.js';

/** The events of everything that decides which times can be booked. */
export const RULE_EVENTS = [
  'schedule.replaced',
  'schedule.exception-added',
  'schedule.exception-removed',
  'clinic.closure-added',
  'clinic.closure-removed',
  'clinic.updated',
  'service.updated',
  'service.deleted',
  'doctor.updated',
  'doctor.deleted',
  'resource.created',
  'resource.updated',
  'resource.deleted',
];

const MINUTES_PER_DAY = 1_440;

const ALWAYS_OPENING = ['schedule.replaced', 'clinic.closure-removed', 'resource.created'];

/** The fields of a record that can open time. Texts cannot. */
const OPENING_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'clinic.updated': ['policy', 'timeZone'],
  'service.updated': [
    'isActive',
    'doctorIds',
    'durationMinutes',
    'bufferBeforeMinutes',
    'bufferAfterMinutes',
    'capacity',
    'requiredResourceKinds',
    'requiresReferral',
    'policy',
  ],
  'doctor.updated': ['isActive', 'serviceIds'],
  'resource.updated': ['isActive', 'kind'],
};

interface RulePayload {
  from?: string;
  to?: string;
  kind?: 'CLOSED' | 'OPEN';
  startMinute?: number | null;
  endMinute?: number | null;
  /** The fields that an update changed. */
  changed?: string[];
}

/**
 * Records the times that committed events opened, though no visit was cancelled: by other hours, doctors, rooms, services and policies.
 * Only days for which somebody waits are looked at. What can be booked then decides, so a time that was free before may be offered too.
 */
@Injectable()
export class OpenedTimesRecorder {
  constructor(
    private readonly clock: Clock,
    private readonly waited: WaitedDaysRepository,
    private readonly freed: FreedTimesRecorder,
  ) {}

  async record(events: readonly OutboxEvent[]): Promise<void> {
    const opening = events.filter(opensTime);
    if (opening.length === 0) return;
    const doctors = await this.waited.findDoctors(opening.map(({ aggregateId }) => aggregateId));
    const found = await this.waited.find(
      opening.flatMap((event) => toOpenedDays(event, doctors)),
      this.clock.now(),
    );
    await this.freed.add(
      found.map(({ openedIndex, clinicId, doctorId, day, timeZone }) => {
        const { payload, occurredAt } = opening[openedIndex] as OutboxEvent;
        const { startMinute, endMinute } = payload as RulePayload;
        // Computed in the process, not in SQL: PostgreSQL may not know the clinic's zone.
        const zone = Zone.of(timeZone);
        return {
          clinicId,
          doctorId,
          freedAt: occurredAt,
          startAt: new Date(zone.boundary(day, startMinute ?? 0)),
          endAt: new Date(zone.boundary(day, endMinute ?? MINUTES_PER_DAY)),
        };
      }),
    );
  }
}

/** @param doctors by resource: those of other resources are rooms and equipment, which every doctor may need */
function toOpenedDays({ name, aggregateId, clinicId, payload }: OutboxEvent, doctors: Map<string, string>): OpenedDays {
  const { from = null, to = null } = payload as RulePayload;
  const doctorId = name === 'doctor.updated' ? aggregateId : (doctors.get(aggregateId) ?? null);
  return { clinicId, doctorId, serviceId: name === 'service.updated' ? aggregateId : null, from, to };
}

function opensTime({ name, payload }: OutboxEvent): boolean {
  const { kind, changed } = payload as RulePayload;
  if (name === 'schedule.exception-added') return kind === 'OPEN';
  if (name === 'schedule.exception-removed') return kind === 'CLOSED';
  const fields = OPENING_FIELDS[name];
  // Processes of the previous release do not say what they changed.
  return fields ? (changed?.some((field) => fields.includes(field)) ?? true) : ALWAYS_OPENING.includes(name);
}
