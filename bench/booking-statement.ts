import { v7 } from 'uuid';
import * as data from './dataset.js';
import { BOOK } from './reference/sql.js';

/** A booking of the bench's data, as it would arrive at the database. */
export interface Booking {
  id: string;
  clinicId: string;
  serviceId: string;
  doctorId: string;
  doctorResourceId: string;
  clientId: string;
  deskUserId: string;
  startDateTime: string;
  endDateTime: string;
  notes: string;
  idempotencyKey: string;
}

/** A prepared statement that books, and how it is called. */
export interface BookingStatement {
  name: string;
  text: string;
  /** Bookings in one call. */
  batchSize: number;
  values(bookings: Booking[]): unknown[];
  /** How many of them were written. */
  countBooked(rows: object[]): number;
}

const REFERENCE: BookingStatement = {
  ...BOOK,
  batchSize: 1,
  values: ([booking]) => {
    const { id, serviceId, doctorId, startDateTime, clientId, notes, deskUserId } = booking as Booking;
    return [id, serviceId, doctorId, startDateTime, clientId, notes, deskUserId];
  },
  countBooked: (rows) => rows.length,
};

/** What `--pgbench` measures, by name. */
export const STATEMENTS = { reference: REFERENCE } satisfies Record<string, BookingStatement>;
export type StatementName = keyof typeof STATEMENTS;

/** The bookings of works.ts, by the same numbers. */
export class Bookings {
  private readonly slots;

  constructor(
    today: string,
    private readonly clients = data.CLIENTS,
  ) {
    this.slots = data.FreeSlots.toBook(today);
  }

  /** @throws RangeError when the free slots have run out */
  at(n: number): Booking {
    const { clinic, doctor, time, startDateTime } = this.slots.at(n);
    return {
      id: v7(),
      clinicId: data.idOf('clinic', clinic),
      serviceId: data.serviceId(clinic, data.PLAIN_SERVICE),
      doctorId: data.doctorId(clinic, doctor),
      doctorResourceId: data.idOf('resource', clinic * data.DOCTORS_PER_CLINIC + doctor),
      clientId: data.idOf('client', data.clientOf(clinic, doctor, time, this.clients)),
      deskUserId: data.idOf('user', data.deskUser(clinic)),
      startDateTime,
      endDateTime: new Date(Date.parse(startDateTime) + data.SLOT_MINUTES * 60_000).toISOString(),
      notes: 'Booked by the bench.',
      idempotencyKey: `book-${n}`,
    };
  }
}
