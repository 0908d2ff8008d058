import { v7 } from 'uuid';
import * as data from './dataset.js';

/** A booking of the benchmark data, as it arrives at the database. */
export interface Booking {
  id: string;
  clinicId: string;
  /** The clinic's schedule revision. */
  revision: number;
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

/** The same bookings as in workloads.ts, with the same numbers. */
export class Bookings {
  private readonly slots;

  constructor(
    today: string,
    /** Schedule revisions by clinic. */
    private readonly revisions: Map<string, number>,
  ) {
    this.slots = data.FreeSlots.toBook(today);
  }

  /** @throws RangeError if no free slots are left */
  at(n: number): Booking {
    const { clinic, doctor, time, startDateTime } = this.slots.at(n);
    const clinicId = data.getId('clinic', clinic);
    return {
      id: v7(),
      clinicId,
      revision: this.revisions.get(clinicId) ?? 0,
      serviceId: data.serviceId(clinic, data.PLAIN_SERVICE),
      doctorId: data.doctorId(clinic, doctor),
      doctorResourceId: data.getId('resource', clinic * data.DOCTORS_PER_CLINIC + doctor),
      clientId: data.getId('client', data.getSlotClient(clinic, doctor, time, data.CLIENTS)),
      deskUserId: data.getId('user', data.deskUser(clinic)),
      startDateTime,
      endDateTime: new Date(Date.parse(startDateTime) + data.SLOT_MINUTES * 60_000).toISOString(),
      notes: 'Booked by the bench.',
      idempotencyKey: `book-${n}`,
    };
  }
}
