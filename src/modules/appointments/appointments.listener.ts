import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { messageOf, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom, userRoom } from '../../core/realtime/rooms.js';
import { AppointmentEventCodec, type AppointmentEventView, type ChangeFacts } from './appointment-event.js';
import { AppointmentEventsRepository, type Queue } from './appointment-events.repository.js';

const EVENTS = ['appointment:created', 'appointment:updated', 'appointment:cancelled'];
/** What was done, where it takes or frees time. */
const CHANGES_TIME = new Set(['booked', 'rescheduled', 'cancelled', 'no-show', 'completed', 'reinstated']);
/** What was done, where it may make the day's queue longer or shorter. */
const CHANGES_QUEUE = new Set(['checked-in', 'started', 'rescheduled', 'cancelled', 'no-show', 'reinstated']);

const factsOf = ({ payload }: OutboxEvent): Partial<ChangeFacts> => payload;

/** Turns an appointment's events into socket messages: who receives them, and which free times and queues change too. */
@Injectable()
export class AppointmentsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly codec: AppointmentEventCodec,
    private readonly appointments: AppointmentEventsRepository,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(EVENTS, (events) => this.messagesOf(events));
  }

  private async messagesOf(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const views = await this.viewsOf(events);
    const queues = await this.appointments.queues(doctorsWithQueue(events, views));
    return events.flatMap((event) => {
      const found = views.get(event.id);
      return found
        ? [...ownMessages(event, found), ...dayMessages(event, found), ...queueMessages(event, found, queues)]
        : [];
    });
  }

  /**
   * The appointments as their rows carry them, by the row's id. Rows that do not carry one (see AppointmentEventCodec.read)
   * show the appointment as it is now: all of them cost one query.
   */
  private async viewsOf(events: OutboxEvent[]): Promise<Map<string, AppointmentEventView>> {
    const views = new Map<string, AppointmentEventView>();
    const missing: OutboxEvent[] = [];
    for (const event of events) {
      const view = this.codec.read(event.payload);
      if (view) views.set(event.id, view);
      else missing.push(event);
    }
    const current = await this.appointments.current([...new Set(missing.map(({ aggregateId }) => aggregateId))]);
    for (const { id, aggregateId } of missing) {
      const view = current.get(aggregateId);
      if (view) views.set(id, view);
    }
    return views;
  }
}

function ownMessages(event: OutboxEvent, { view, clientUserId }: AppointmentEventView): SocketMessage[] {
  const patient = [userRoom(clientUserId)];
  const staff = [doctorRoom(view.doctorId), ...clinicRooms(view.clinicId)];
  const { staffNotes: _, ...patientView } = view;
  const everybody = [...patient, ...staff];
  const main =
    event.name === 'appointment:cancelled'
      ? [messageOf(event, { rooms: everybody, data: view.id })]
      : view.staffNotes === null
        ? [messageOf(event, { rooms: everybody, data: patientView })]
        : // One event under one id, in two versions; no socket is in rooms of both.
          [messageOf(event, { rooms: patient, data: patientView }), messageOf(event, { rooms: staff, data: view })];
  const { previousDoctorId } = factsOf(event);
  if (!previousDoctorId || previousDoctorId === view.doctorId) return main;
  const gone = { rooms: [doctorRoom(previousDoctorId)], event: 'appointment:cancelled', data: view.id };
  return [...main, messageOf(event, { ...gone, key: previousDoctorId })];
}

/** The days on which a doctor's free times changed, each once. */
function dayMessages(event: OutboxEvent, { view, timeZone }: AppointmentEventView): SocketMessage[] {
  const { action = '', previousDoctorId, previousStartDateTime } = factsOf(event);
  if (!CHANGES_TIME.has(action)) return [];
  const zone = Zone.of(timeZone);
  const days = new Map<string, { doctorId: string; date: string }>();
  const touch = (doctorId: string, instant: number): void => {
    const date = zone.dayOf(instant);
    days.set(`${doctorId} ${date}`, { doctorId, date });
  };
  touch(view.doctorId, view.startDateTime.getTime());
  if (previousDoctorId && previousStartDateTime) touch(previousDoctorId, Date.parse(previousStartDateTime));
  return [...days].map(([key, data]) => {
    const rooms = [doctorRoom(data.doctorId), ...clinicRooms(view.clinicId)];
    return messageOf(event, { rooms, event: 'availability:changed', data, key });
  });
}

function queueMessages(event: OutboxEvent, found: AppointmentEventView, queues: Map<string, Queue>): SocketMessage[] {
  return queueDoctors(event, found).flatMap((doctorId) => {
    const queue = queues.get(doctorId);
    if (!queue) return [];
    const rooms = [doctorRoom(doctorId), ...clinicRooms(queue.clinicId)];
    return [messageOf(event, { rooms, event: 'queue:updated', data: queue, key: doctorId })];
  });
}

/** Only who has checked in stands in a queue; checking in and beginning say so by themselves. */
function queueDoctors(event: OutboxEvent, { view }: AppointmentEventView): string[] {
  const { action = '', previousDoctorId } = factsOf(event);
  if (!CHANGES_QUEUE.has(action)) return [];
  if (['checked-in', 'started', 'reinstated'].includes(action)) return [view.doctorId];
  if (!view.checkedInAt) return [];
  return [...new Set([view.doctorId, ...(previousDoctorId ? [previousDoctorId] : [])])];
}

const doctorsWithQueue = (events: OutboxEvent[], views: Map<string, AppointmentEventView>): string[] => [
  ...new Set(
    events.flatMap((event) => {
      const found = views.get(event.id);
      return found ? queueDoctors(event, found) : [];
    }),
  ),
];
