import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom } from '../../core/realtime/rooms.js';
import {
  APPOINTMENT_EVENTS,
  AppointmentChangeHooks,
  AppointmentEventReader,
  type EventDetails,
  type ReadAppointmentEvent,
} from '../appointments/index.js';
import { QueueCountsRepository } from './queue-counts.repository.js';
import { QueueRepository } from './queue.repository.js';

/** The actions that may change the length of the day's queue. */
const QUEUE_ACTIONS = new Set(['checked-in', 'started', 'rescheduled', 'cancelled', 'no-show', 'reinstated']);

/** Follows the visits: gives arriving patients their numbers, and tells dashboards how many patients wait. */
@Injectable()
export class QueueListener implements OnModuleInit {
  constructor(
    private readonly hooks: AppointmentChangeHooks,
    private readonly entries: QueueRepository,
    private readonly consumers: OutboxConsumers,
    private readonly reader: AppointmentEventReader,
    private readonly counts: QueueCountsRepository,
  ) {}

  onModuleInit(): void {
    this.hooks.on('checked-in', (visit) => this.entries.addVisit(visit, { isNewArrival: true }));
    // A visit can start without a check-in.
    this.hooks.on('started', (visit) => this.entries.addVisit(visit, { isNewArrival: false }));
    // The patient waits for another doctor now, who has not called them.
    this.hooks.on('rescheduled', async (visit, before) => {
      if (visit.doctorId !== before.doctorId) await this.entries.endCall(visit);
    });
    this.consumers.publishes(APPOINTMENT_EVENTS, async (events) => {
      // First: reading an event decrypts its texts, and most events are bookings, which change no queue.
      const read = await this.reader.read(events.filter(mayChangeQueue));
      return this.toMessages(read.map((one) => ({ event: one.event, doctorIds: getDoctorsWithChangedQueue(one) })));
    });
    this.consumers.publishes(['queue:updated'], (events) =>
      this.toMessages(events.map((event) => ({ event, doctorIds: event.payload.doctorIds as string[] }))),
    );
  }

  private async toMessages(changed: { event: OutboxEvent; doctorIds: string[] }[]): Promise<SocketMessage[]> {
    const counts = await this.counts.countWaiting([...new Set(changed.flatMap(({ doctorIds }) => doctorIds))]);
    return changed.flatMap(({ event, doctorIds }) =>
      doctorIds.flatMap((doctorId) => {
        const count = counts.get(doctorId);
        if (!count) return [];
        const rooms = [doctorRoom(doctorId), ...clinicRooms(count.clinicId)];
        return [toSocketMessage(event, { rooms, event: 'queue:updated', data: count, key: doctorId })];
      }),
    );
  }
}

const mayChangeQueue = ({ payload }: OutboxEvent): boolean => QUEUE_ACTIONS.has(String(payload.action));

/** Only patients who have checked in are in a queue; a move to another time ends that. */
function getDoctorsWithChangedQueue({ event, view: { view } }: ReadAppointmentEvent): string[] {
  const details: Partial<EventDetails> = event.payload;
  const { action = '', previousDoctorId, wasCheckedIn } = details;
  if (['checked-in', 'started', 'reinstated'].includes(action)) return [view.doctorId];
  if (!view.checkedInAt && !wasCheckedIn) return [];
  return [...new Set([view.doctorId, ...(previousDoctorId ? [previousDoctorId] : [])])];
}
