import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom, userRoom } from '../../core/realtime/rooms.js';
import { AppointmentEventCodec, type AppointmentEventView, type EventDetails } from './appointment-event.js';
import { viewFor, type AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository } from './appointments.repository.js';
import { QueuesRepository, type Queue } from './queues.repository.js';

const EVENTS = ['appointment:created', 'appointment:updated', 'appointment:cancelled'];
/** The actions that reserve or free time. */
const TIME_ACTIONS = new Set(['booked', 'rescheduled', 'cancelled', 'no-show', 'completed', 'reinstated']);
/** The actions that may change the length of the day's queue. */
const QUEUE_ACTIONS = new Set(['checked-in', 'started', 'rescheduled', 'cancelled', 'no-show', 'reinstated']);

const getDetails = ({ payload }: OutboxEvent): Partial<EventDetails> => payload;

/** Turns appointment events into socket messages: to their receivers, and for the free times and queues that changed. */
@Injectable()
export class AppointmentsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly codec: AppointmentEventCodec,
    private readonly appointments: AppointmentsRepository,
    private readonly queues: QueuesRepository,
    private readonly changes: ChangeLog,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(EVENTS, (events) => this.toMessages(events));
    this.consumers.onEvents(['client.merged'], async (events) => {
      for (const { payload } of events) await this.publishMoved(payload.appointmentIds as string[]);
    });
  }

  /** Publishes the visits that a merge of patient records moved, with the record that they belong to now. */
  private async publishMoved(appointmentIds: string[]): Promise<void> {
    const views = await this.appointments.findEventViews(appointmentIds);
    const changes = [...views.values()].map(({ view, ...audience }) => ({
      action: 'appointment.patient-merged',
      objectType: 'appointment',
      objectId: view.id,
      clinicId: view.clinicId,
      after: view,
      event: {
        name: 'appointment:updated',
        payload: this.codec.payload(view, audience, { action: 'patient-merged' }),
      },
    }));
    await this.changes.recordAll(changes);
  }

  private async toMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const views = await this.getViews(events);
    const known = events.flatMap((event) => {
      const view = views.get(event.id);
      return view ? [{ event, view }] : [];
    });
    const doctorIds = known.flatMap(({ event, view }) => doctorsWithChangedQueue(event, view));
    const queues = await this.queues.find([...new Set(doctorIds)]);
    return known.flatMap(({ event, view }) => [
      ...appointmentMessages(event, view),
      ...availabilityMessages(event, view),
      ...queueMessages(event, view, queues),
    ]);
  }

  /**
   * The appointment of each event, by the event's id. For events that do not carry it (see AppointmentEventCodec.read),
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
    const current = await this.appointments.findEventViews([...new Set(missing.map(({ aggregateId }) => aggregateId))]);
    for (const { id, aggregateId } of missing) {
      const view = current.get(aggregateId);
      if (view) views.set(id, view);
    }
    return views;
  }
}

function appointmentMessages(event: OutboxEvent, { view, clientUserId }: AppointmentEventView): SocketMessage[] {
  const { previousDoctorId } = getDetails(event);
  const patient = [userRoom(clientUserId)];
  const staff = [doctorRoom(view.doctorId), ...clinicRooms(view.clinicId)];
  const messages = toViewMessages(event, view, { patient, staff });
  if (!previousDoctorId || previousDoctorId === view.doctorId) return messages;
  const removed = { rooms: [doctorRoom(previousDoctorId)], event: 'appointment:cancelled', data: view.id };
  return [...messages, toSocketMessage(event, { ...removed, key: previousDoctorId })];
}

function toViewMessages(
  event: OutboxEvent,
  view: AppointmentView,
  { patient, staff }: { patient: string[]; staff: string[] },
): SocketMessage[] {
  const rooms = [...patient, ...staff];
  if (event.name === 'appointment:cancelled') return [toSocketMessage(event, { rooms, data: view.id })];
  const patientView = viewFor({ role: 'CLIENT' }, view);
  if (view.staffNotes === null) return [toSocketMessage(event, { rooms, data: patientView })];
  // One event id with two payloads; no socket is in both kinds of rooms.
  return [
    toSocketMessage(event, { rooms: patient, data: patientView }),
    toSocketMessage(event, { rooms: staff, data: view }),
  ];
}

/** One message for each doctor and day whose free times changed. */
function availabilityMessages(event: OutboxEvent, { view, timeZone }: AppointmentEventView): SocketMessage[] {
  const { action = '', previousDoctorId, previousStartDateTime } = getDetails(event);
  if (!TIME_ACTIONS.has(action)) return [];
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

function queueMessages(event: OutboxEvent, view: AppointmentEventView, queues: Map<string, Queue>): SocketMessage[] {
  return doctorsWithChangedQueue(event, view).flatMap((doctorId) => {
    const queue = queues.get(doctorId);
    if (!queue) return [];
    const rooms = [doctorRoom(doctorId), ...clinicRooms(queue.clinicId)];
    return [toSocketMessage(event, { rooms, event: 'queue:updated', data: queue, key: doctorId })];
  });
}

/** The doctors whose queue changed. Only patients who have checked in are in a queue; a move to another time ends that. */
function doctorsWithChangedQueue(event: OutboxEvent, { view }: AppointmentEventView): string[] {
  const { action = '', previousDoctorId, wasCheckedIn } = getDetails(event);
  if (!QUEUE_ACTIONS.has(action)) return [];
  if (['checked-in', 'started', 'reinstated'].includes(action)) return [view.doctorId];
  if (!view.checkedInAt && !wasCheckedIn) return [];
  return [...new Set([view.doctorId, ...(previousDoctorId ? [previousDoctorId] : [])])];
}
