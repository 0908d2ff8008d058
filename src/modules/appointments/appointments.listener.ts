import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { messageOf, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom, userRoom } from '../../core/realtime/rooms.js';
import { AppointmentEventsRepository, type Heard, type Queue } from './appointment-events.repository.js';

const EVENTS = ['appointment:created', 'appointment:updated', 'appointment:cancelled'];
/** What was done, where it takes or frees time. */
const CHANGES_TIME = new Set(['booked', 'rescheduled', 'cancelled', 'no-show', 'completed', 'reinstated']);
/** What was done, where it may make the day's queue longer or shorter. */
const CHANGES_QUEUE = new Set(['checked-in', 'started', 'rescheduled', 'cancelled', 'no-show', 'reinstated']);

/** What the services of this feature put into the outbox. */
interface Payload {
  id: string;
  action?: string;
  previousDoctorId?: string;
  previousStartDateTime?: string;
}

const payloadOf = ({ payload }: OutboxEvent): Payload => payload as unknown as Payload;

/** Says to whom an appointment's events go, and what else they change: free times and queues. */
@Injectable()
export class AppointmentsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly appointments: AppointmentEventsRepository,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(EVENTS, (events) => this.messagesOf(events));
  }

  /** Events carry the appointment as it is now: a client that is behind sees the newest state early, never an older one. */
  private async messagesOf(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const heard = await this.appointments.heard([...new Set(events.map((event) => payloadOf(event).id))]);
    const queues = await this.appointments.queues(doctorsWithQueue(events, heard));
    return events.flatMap((event) => {
      const found = heard.get(payloadOf(event).id);
      return found
        ? [...ownMessages(event, found), ...dayMessages(event, found), ...queueMessages(event, found, queues)]
        : [];
    });
  }
}

function ownMessages(event: OutboxEvent, { view, clientUserId }: Heard): SocketMessage[] {
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
  const { previousDoctorId } = payloadOf(event);
  if (!previousDoctorId || previousDoctorId === view.doctorId) return main;
  const gone = { rooms: [doctorRoom(previousDoctorId)], event: 'appointment:cancelled', data: view.id };
  return [...main, messageOf(event, { ...gone, key: previousDoctorId })];
}

/** The days on which a doctor's free times changed, each once. */
function dayMessages(event: OutboxEvent, { view, timeZone }: Heard): SocketMessage[] {
  const { action = '', previousDoctorId, previousStartDateTime } = payloadOf(event);
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

function queueMessages(event: OutboxEvent, found: Heard, queues: Map<string, Queue>): SocketMessage[] {
  return queueDoctors(event, found).flatMap((doctorId) => {
    const queue = queues.get(doctorId);
    if (!queue) return [];
    const rooms = [doctorRoom(doctorId), ...clinicRooms(queue.clinicId)];
    return [messageOf(event, { rooms, event: 'queue:updated', data: queue, key: doctorId })];
  });
}

/** Only who has checked in stands in a queue; checking in and beginning say so by themselves. */
function queueDoctors(event: OutboxEvent, { view }: Heard): string[] {
  const { action = '', previousDoctorId } = payloadOf(event);
  if (!CHANGES_QUEUE.has(action)) return [];
  if (['checked-in', 'started', 'reinstated'].includes(action)) return [view.doctorId];
  if (!view.checkedInAt) return [];
  return [...new Set([view.doctorId, ...(previousDoctorId ? [previousDoctorId] : [])])];
}

const doctorsWithQueue = (events: OutboxEvent[], heard: Map<string, Heard>): string[] => [
  ...new Set(
    events.flatMap((event) => {
      const found = heard.get(payloadOf(event).id);
      return found ? queueDoctors(event, found) : [];
    }),
  ),
];
