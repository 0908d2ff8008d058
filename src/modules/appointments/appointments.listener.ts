import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Zone } from '../../core/kernel/zone.js';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom, userRoom } from '../../core/realtime/rooms.js';
import { GuardianAccess } from '../clients/index.js';
import type { AppointmentEventView, EventDetails } from './appointment-event.js';
import { APPOINTMENT_EVENTS, AppointmentEventReader } from './appointment-event-reader.js';
import { viewFor, type AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository } from './appointments.repository.js';
import type { ShortObjects } from './short-objects.dto.js';

/** The actions that reserve or free time. */
const TIME_ACTIONS = new Set(['booked', 'rescheduled', 'cancelled', 'no-show', 'completed', 'reinstated']);

const getDetails = ({ payload }: OutboxEvent): Partial<EventDetails> => payload;

/** Turns appointment events into socket messages: to their receivers, and for the free times that changed. */
@Injectable()
export class AppointmentsListener implements OnModuleInit {
  constructor(
    private readonly consumers: OutboxConsumers,
    private readonly reader: AppointmentEventReader,
    private readonly appointments: AppointmentsRepository,
    private readonly guardians: GuardianAccess,
  ) {}

  onModuleInit(): void {
    this.consumers.publishes(APPOINTMENT_EVENTS, (events) => this.toMessages(events));
  }

  private async toMessages(events: OutboxEvent[]): Promise<SocketMessage[]> {
    const read = await this.reader.read(events);
    const found = await this.appointments.findEventObjects(
      new Map(read.map(({ event, view }) => [event.id, view.view])),
    );
    const ofChildren = read.filter(({ event }) => found.get(event.id)?.hasGuardians);
    const guardians = await this.guardians.findGuardianUsers(ofChildren.map(({ view }) => view.view.clientId));
    return read.flatMap(({ event, view }) => [
      ...appointmentMessages(event, view, {
        guardianUserIds: guardians.get(view.view.clientId) ?? [],
        objects: found.get(event.id)?.objects,
      }),
      ...availabilityMessages(event, view),
    ]);
  }
}

/** @param objects short objects for the doctor and the front desk */
function appointmentMessages(
  event: OutboxEvent,
  { view, clientUserId }: AppointmentEventView,
  { guardianUserIds, objects }: { guardianUserIds: readonly string[]; objects: ShortObjects | undefined },
): SocketMessage[] {
  const { previousDoctorId } = getDetails(event);
  const patient = [clientUserId, ...guardianUserIds].map(userRoom);
  const staff = [doctorRoom(view.doctorId), ...clinicRooms(view.clinicId)];
  const messages = toViewMessages(event, view, { patient, staff, objects });
  if (!previousDoctorId || previousDoctorId === view.doctorId) return messages;
  const removed = { rooms: [doctorRoom(previousDoctorId)], event: 'appointment:cancelled', data: view.id };
  return [...messages, toSocketMessage(event, { ...removed, key: previousDoctorId })];
}

function toViewMessages(
  event: OutboxEvent,
  view: AppointmentView,
  { patient, staff, objects }: { patient: string[]; staff: string[]; objects: ShortObjects | undefined },
): SocketMessage[] {
  const rooms = [...patient, ...staff];
  if (event.name === 'appointment:cancelled') return [toSocketMessage(event, { rooms, data: view.id })];
  const patientView = viewFor({ role: 'CLIENT' }, view);
  const staffView = { ...(view.staffNotes === null ? patientView : view), ...objects };
  // One event id with two payloads; no socket is in both kinds of rooms.
  return [
    toSocketMessage(event, { rooms: patient, data: patientView }),
    toSocketMessage(event, { rooms: staff, data: staffView }),
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
