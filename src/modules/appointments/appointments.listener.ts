import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom, userRoom } from '../../core/realtime/rooms.js';
import { AppointmentEventCodec, type AppointmentEventView, type EventDetails } from './appointment-event.js';
import { APPOINTMENT_EVENTS, AppointmentEventReader } from './appointment-event-reader.js';
import { viewFor, type AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository } from './appointments.repository.js';

/** The actions that reserve or free time. */
const TIME_ACTIONS = new Set(['booked', 'rescheduled', 'cancelled', 'no-show', 'completed', 'reinstated']);

const getDetails = ({ payload }: OutboxEvent): Partial<EventDetails> => payload;

/** Turns appointment events into socket messages: to their receivers, and for the free times that changed. */
@Injectable()
export class AppointmentsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly codec: AppointmentEventCodec,
    private readonly appointments: AppointmentsRepository,
    private readonly reader: AppointmentEventReader,
    private readonly changes: ChangeLog,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(APPOINTMENT_EVENTS, (events) => this.toMessages(events));
    this.consumers.onEvents(['client.merged', 'client.unmerged'], async (events) => {
      for (const { name, payload } of events)
        await this.publishMoved(
          payload.appointmentIds as string[],
          name === 'client.merged' ? 'patient-merged' : 'patient-unmerged',
        );
    });
  }

  /** Publishes the visits that a merge of patient records, or its end, moved, with the record that they belong to now. */
  private async publishMoved(appointmentIds: string[], action: string): Promise<void> {
    const views = await this.appointments.findEventViews(appointmentIds);
    const changes = [...views.values()].map(({ view, ...audience }) => ({
      action: `appointment.${action}`,
      objectType: 'appointment',
      objectId: view.id,
      clinicId: view.clinicId,
      after: view,
      event: {
        name: 'appointment:updated',
        payload: this.codec.payload(view, audience, { action }),
      },
    }));
    await this.changes.recordAll(changes);
  }

  private async toMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const read = await this.reader.read(events);
    return read.flatMap(({ event, view }) => [
      ...appointmentMessages(event, view),
      ...availabilityMessages(event, view),
    ]);
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
