import { Injectable, type OnModuleInit } from '@nestjs/common';
import { OutboxConsumers } from '../../core/outbox/outbox-consumers.js';
import { toSocketMessage, type OutboxEvent, type SocketMessage } from '../../core/outbox/outbox-event.js';
import { clinicRooms, doctorRoom, userRoom } from '../../core/realtime/rooms.js';
import { GuardianAccess } from '../clients/index.js';
import type { AppointmentEventView, EventDetails } from './appointment-event.js';
import { APPOINTMENT_EVENTS, AppointmentEventReader } from './appointment-event-reader.js';
import { viewFor } from './appointment.policy.js';
import type { AppointmentView } from './appointments.dto.js';
import { AppointmentsRepository, type Buffers } from './appointments.repository.js';
import { toAvailabilityMessages, type ChangedTime } from './availability-messages.js';
import type { ShortObjects } from './short-objects.dto.js';

/** The actions that reserve or free time. */
const TIME_ACTIONS = new Set(['booked', 'rescheduled', 'cancelled', 'no-show', 'completed', 'reinstated']);

const MINUTE = 60_000;

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
    const withGuardians = read.filter(({ event }) => found.get(event.id)?.hasGuardians);
    const guardians = await this.guardians.findGuardianUsers(withGuardians.map(({ view }) => view.view.clientId));
    return read.flatMap(({ event, view }) => [
      ...appointmentMessages(event, view, {
        guardianUserIds: guardians.get(view.view.clientId) ?? [],
        objects: found.get(event.id)?.objects,
      }),
      ...availabilityMessages(event, view, found.get(event.id)?.buffers),
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
  // Without staff notes, the staff's view does not have the field either (docs/realtime.md).
  const staffView = { ...(view.staffNotes === null ? patientView : view), ...objects };
  // One event id with two payloads; no socket is in both kinds of rooms.
  return [
    toSocketMessage(event, { rooms: patient, data: patientView }),
    toSocketMessage(event, { rooms: staff, data: staffView }),
  ];
}

/** @param buffers of the service; before and after a move they are the same */
function availabilityMessages(
  event: OutboxEvent,
  { view, timeZone }: AppointmentEventView,
  buffers: Buffers = { beforeMinutes: 0, afterMinutes: 0 },
): SocketMessage[] {
  const { action = '', previousDoctorId, previousStartDateTime, previousEndDateTime } = getDetails(event);
  if (!TIME_ACTIONS.has(action)) return [];
  const toChanged = (doctorId: string, start: number, end: number): ChangedTime => ({
    doctorId,
    during: { start: start - buffers.beforeMinutes * MINUTE, end: end + buffers.afterMinutes * MINUTE },
  });
  const changed = [toChanged(view.doctorId, view.startDateTime.getTime(), view.endDateTime.getTime())];
  if (previousDoctorId && previousStartDateTime) {
    const end = Date.parse(previousEndDateTime ?? previousStartDateTime);
    changed.push(toChanged(previousDoctorId, Date.parse(previousStartDateTime), end));
  }
  return toAvailabilityMessages(event, { clinicId: view.clinicId, timeZone }, changed);
}
