import { randomBytes } from 'node:crypto';
import { v7 } from 'uuid';
import { WRITE_BATCH } from '../src/modules/appointments/booking.statement.js';
import type { Booking } from './bookings.js';
import { BOOK } from './reference/sql.js';

/** A prepared statement that books, and its parameters. */
interface BookingStatement {
  name: string;
  text: string;
  /** Bookings in one call. */
  batchSize: number;
  values(bookings: Booking[]): unknown[];
  /** Returns the number of bookings that were written. */
  countBooked(rows: object[]): number;
}

/** One booking, without the additional rows that CareSlot writes. */
const REFERENCE: BookingStatement = {
  ...BOOK,
  batchSize: 1,
  values: ([booking]) => {
    const { id, serviceId, doctorId, startDateTime, clientId, notes, deskUserId } = booking as Booking;
    return [id, serviceId, doctorId, startDateTime, clientId, notes, deskUserId];
  },
  countBooked: (rows) => rows.length,
};

/** CareSlot's booking statement, with rows as CareSlot's BookingWriter builds them. */
const CARESLOT: BookingStatement = {
  name: 'careslot-book',
  text: WRITE_BATCH.APPOINTMENT,
  batchSize: 8,
  values: (bookings) => [
    JSON.stringify(bookings.map(toRow)),
    JSON.stringify(bookings.flatMap(toReservations)),
    new Date().toISOString(),
  ],
  countBooked: (rows) => (rows as { outcome: string }[]).filter(({ outcome }) => outcome === 'BOOKED').length,
};

/** The statements of `--pgbench`, by name. */
export const STATEMENTS = { careslot: CARESLOT, reference: REFERENCE } satisfies Record<string, BookingStatement>;
export type StatementName = keyof typeof STATEMENTS;

/** Random bytes as long as CareSlot's encrypted response and notes; their content makes no difference to PostgreSQL. */
const hex = (bytes: number): string => `\\x${randomBytes(bytes).toString('hex')}`;
const ENCRYPTED_RESPONSE_BYTES = 750;
const ENCRYPTED_NOTES_BYTES = 60;
const ENCRYPTED_EVENT_TEXTS_BYTES = 110;

const toRow = (booking: Booking): object => ({
  id: booking.id,
  clinic_id: booking.clinicId,
  client_id: booking.clientId,
  revision: booking.revision,
  reservation_count: 2,
  is_limited: false,
  booker_id: booking.deskUserId,
  booker_role: 'STAFF',
  booker_clinic_ids: [booking.clinicId],
  caller: booking.deskUserId,
  route: 'POST /api/v1/appointments',
  key: booking.idempotencyKey,
  new_row: { ...toAppointment(booking), notes: hex(ENCRYPTED_NOTES_BYTES) },
  answer: { request_hash: hex(32), status: 201, response: hex(ENCRYPTED_RESPONSE_BYTES) },
  audit: {
    id: v7(),
    actor_user_id: booking.deskUserId,
    actor_role: 'STAFF',
    action: 'appointment.booked',
    object_type: 'appointment',
    object_id: booking.id,
    clinic_id: booking.clinicId,
    before_hash: null,
    after_hash: hex(32),
    changes: { status: [null, 'CONFIRMED'] },
    request_id: v7(),
    ip: '127.0.0.1',
  },
  event: {
    id: v7(),
    event: 'appointment:created',
    aggregate_id: booking.id,
    clinic_id: booking.clinicId,
    payload: {
      action: 'booked',
      timeZone: 'UTC',
      id: booking.id,
      version: 1,
      appointment: toAppointment(booking),
      sealed: randomBytes(ENCRYPTED_EVENT_TEXTS_BYTES).toString('base64'),
    },
  },
});

function toAppointment(booking: Booking): object {
  const now = new Date().toISOString();
  return {
    id: booking.id,
    clinic_id: booking.clinicId,
    client_id: booking.clientId,
    doctor_id: booking.doctorId,
    service_id: booking.serviceId,
    resource_ids: [],
    group_id: null,
    seat: null,
    start_at: booking.startDateTime,
    end_at: booking.endDateTime,
    status: 'CONFIRMED',
    price_minor: 50_000,
    currency: 'EGP',
    created_by: booking.deskUserId,
    created_at: now,
    updated_at: now,
  };
}

const toReservations = (booking: Booking): object[] => [
  toReservation(booking, booking.doctorResourceId, 'DOCTOR'),
  toReservation(booking, booking.clientId, 'CLIENT'),
];

const toReservation = ({ id, startDateTime, endDateTime }: Booking, resourceId: string, kind: string): object => ({
  appointment_id: id,
  id: resourceId,
  kind,
  group_id: id,
  begins: startDateTime,
  ends: endDateTime,
});
