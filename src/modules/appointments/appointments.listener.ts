import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom, userRoom } from '../../core/realtime/rooms.js';
import { AppointmentEventCodec, type AppointmentEventView, type EventDetails } from './appointment-event.js';
import { AppointmentEventsRepository, type Queue } from './appointment-events.repository.js';

const EVENTS = ['appointment:created', 'appointment:updated', 'appointment:cancelled'];
/** The actions that reserve or free time. */
const CHANGES_TIME = new Set(['booked', 'rescheduled', 'cancelled', 'no-show', 'completed', 'reinstated']);
/** The actions that may change the length of the day's queue. */
const CHANGES_QUEUE = new Set(['checked-in', 'started', 'rescheduled', 'cancelled', 'no-show', 'reinstated']);

const getDetails = ({ payload }: OutboxEvent): Partial<EventDetails> => payload;

/** Turns appointment events into socket messages: to their receivers, and for the free times and queues that changed. */
@Injectable()
export class AppointmentsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly codec: AppointmentEventCodec,
    private readonly appointments: AppointmentEventsRepository,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(EVENTS, (events) => this.toMessages(events));
  }

  private async toMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const views = await this.getViews(events);
    const queues = await this.appointments.findQueues(doctorsWithQueue(events, views));
    return events.flatMap((event) => {
      const found = views.get(event.id);
      return found
        ? [
            ...appointmentMessages(event, found),
            ...availabilityMessages(event, found),
            ...queueMessages(event, found, queues),
          ]
        : [];
    });
  }

  /**
   * The appointments that the events carry, by the event's id. For events that carry none (see AppointmentEventCodec.read),
   * one query reads the current appointments.
   */
  private async getViews(events: OutboxEvent[]): Promise<Map<string, AppointmentEventView>> {
    const views = new Map<string, AppointmentEventView>();
    const missing: OutboxEvent[] = [];
    for (const event of events) {
      const view = this.codec.read(event.payload);
      if (view) views.set(event.id, view);
      else missing.push(event);
    }
    const current = await this.appointments.findCurrent([...new Set(missing.map(({ aggregateId }) => aggregateId))]);
    for (const { id, aggregateId } of missing) {
      const view = current.get(aggregateId);
      if (view) views.set(id, view);
    }
    return views;
  }
}

function appointmentMessages(event: OutboxEvent, { view, clientUserId }: AppointmentEventView): SocketMessage[] {
  const patient = [userRoom(clientUserId)];
  const staff = [doctorRoom(view.doctorId), ...clinicRooms(view.clinicId)];
  const { staffNotes: _, ...patientView } = view;
  const everyone = [...patient, ...staff];
  const main =
    event.name === 'appointment:cancelled'
      ? [toSocketMessage(event, { rooms: everyone, data: view.id })]
      : view.staffNotes === null
        ? [toSocketMessage(event, { rooms: everyone, data: patientView })]
        : // One event id with two payloads; no socket is in both kinds of rooms.
          [
            toSocketMessage(event, { rooms: patient, data: patientView }),
            toSocketMessage(event, { rooms: staff, data: view }),
          ];
  const { previousDoctorId } = getDetails(event);
  if (!previousDoctorId || previousDoctorId === view.doctorId) return main;
  const removed = { rooms: [doctorRoom(previousDoctorId)], event: 'appointment:cancelled', data: view.id };
  return [...main, toSocketMessage(event, { ...removed, key: previousDoctorId })];
}

/** One message for each doctor and day whose free times changed. */
function availabilityMessages(event: OutboxEvent, { view, timeZone }: AppointmentEventView): SocketMessage[] {
  const { action = '', previousDoctorId, previousStartDateTime } = getDetails(event);
  if (!CHANGES_TIME.has(action)) return [];
  const zone = Zone.of(timeZone);
  const days = new Map<string, { doctorId: string; date: string }>();
  const add = (doctorId: string, instant: number): void => {
    const date = zone.toDay(instant);
    days.set(`${doctorId} ${date}`, { doctorId, date });
  };
  add(view.doctorId, view.startDateTime.getTime());
  if (previousDoctorId && previousStartDateTime) add(previousDoctorId, Date.parse(previousStartDateTime));
  return [...days].map(([key, data]) => {
    const rooms = [doctorRoom(data.doctorId), ...clinicRooms(view.clinicId)];
    return toSocketMessage(event, { rooms, event: 'availability:changed', data, key });
  });
}

function queueMessages(event: OutboxEvent, found: AppointmentEventView, queues: Map<string, Queue>): SocketMessage[] {
  return queueDoctors(event, found).flatMap((doctorId) => {
    const queue = queues.get(doctorId);
    if (!queue) return [];
    const rooms = [doctorRoom(doctorId), ...clinicRooms(queue.clinicId)];
    return [toSocketMessage(event, { rooms, event: 'queue:updated', data: queue, key: doctorId })];
  });
}

/** The doctors whose queue changed. Only patients who have checked in are in a queue. */
function queueDoctors(event: OutboxEvent, { view }: AppointmentEventView): string[] {
  const { action = '', previousDoctorId } = getDetails(event);
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
