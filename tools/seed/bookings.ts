import type pg from 'pg';
import { newId } from '../../src/core/kernel/id.js';
import { Zone } from '../../src/core/kernel/zone.js';
import type { DemoService } from './catalogue.js';
import type { SeededClinic } from './clinics.js';

const MINUTE = 60_000;
/** Local hours on the slot grid of every demo schedule, with enough time for the longest service before a break. */
const BOOKED_HOURS = [10, 11, 12, 15, 16];
/** The share of those hours of the coming week that the demo books. */
const BOOKED_SHARE = 0.15;

/** Books some free slots of the next seven days. Leaves out those whose patient, room or equipment is already reserved. */
export async function seedBookings(db: pg.Client, seeded: SeededClinic): Promise<void> {
  const zone = Zone.of(seeded.clinic.timeZone);
  const today = zone.toDay(Date.now());
  const random = seededRandom(seeded.clinicId);
  for (let ahead = 1; ahead <= 7; ahead += 1) {
    const day = zone.addDays(today, ahead);
    for (const doctor of seeded.doctors) {
      const services = seeded.services.filter(
        (service) => service.specialities.includes(doctor.speciality) && !service.capacity,
      );
      for (const hour of BOOKED_HOURS) {
        const service = services[Math.floor(random() * services.length)];
        if (service && random() < BOOKED_SHARE)
          await seedBooking(db, seeded, doctor, service, zone.boundary(day, hour * 60), random);
      }
    }
  }
}

async function seedBooking(
  db: pg.Client,
  seeded: SeededClinic,
  doctor: SeededClinic['doctors'][number],
  service: DemoService & { id: string },
  start: number,
  random: () => number,
): Promise<void> {
  const id = newId();
  const pick = (ids: string[]): string => ids[Math.floor(random() * ids.length)] ?? '';
  const clientId = pick(seeded.clients);
  const resourceIds = service.needs.map((kind) => pick(seeded.resources[kind as 'ROOM' | 'EQUIPMENT']));
  const startAt = new Date(start).toISOString();
  const endAt = new Date(start + service.minutes * MINUTE).toISOString();
  const freeAt = new Date(start + (service.minutes + service.after) * MINUTE).toISOString();
  const reservations: ReservationRow[] = [
    [doctor.resourceId, 'DOCTOR', freeAt],
    [clientId, 'CLIENT', endAt],
    ...resourceIds.map((resourceId): ReservationRow => [resourceId, 'RESOURCE', freeAt]),
  ];
  await db.query('SAVEPOINT booking');
  await db.query(
    `INSERT INTO appointment (id, clinic_id, client_id, doctor_id, service_id, resource_ids, start_at, end_at, status, price_minor, currency)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'CONFIRMED', $9, $10)`,
    [
      id,
      seeded.clinicId,
      clientId,
      doctor.id,
      service.id,
      resourceIds,
      startAt,
      endAt,
      service.price,
      seeded.clinic.currency,
    ],
  );
  const isReserved = await insertReservations(db, id, startAt, reservations);
  await db.query(isReserved ? 'RELEASE SAVEPOINT booking' : 'ROLLBACK TO SAVEPOINT booking');
}

type ReservationRow = [resourceId: string, kind: string, endAt: string];

/** @returns false if one of the resources is reserved already */
async function insertReservations(
  db: pg.Client,
  appointmentId: string,
  startAt: string,
  reservations: ReservationRow[],
): Promise<boolean> {
  const { rowCount } = await db.query(
    `INSERT INTO reservation (appointment_id, resource_id, kind, group_id, during)
     SELECT $1::uuid, r.id, r.kind, $1::uuid, tstzrange($2, r.ends) FROM unnest($3::uuid[], $4::text[], $5::timestamptz[]) r (id, kind, ends)
     ORDER BY r.id ON CONFLICT DO NOTHING`,
    [
      appointmentId,
      startAt,
      reservations.map(([resourceId]) => resourceId),
      reservations.map(([, kind]) => kind),
      reservations.map(([, , endAt]) => endAt),
    ],
  );
  return rowCount === reservations.length;
}

/** A deterministic random generator: the same clinic id gives the same demo bookings. */
function seededRandom(text: string): () => number {
  let state = [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) >>> 0, 7);
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
