import type pg from 'pg';
import { newId } from '../../src/core/kernel/id.js';
import { Zone } from '../../src/core/kernel/zone.js';
import type { DemoService } from './catalogue.js';
import type { Seeded } from './clinics.js';

const MINUTE = 60_000;
/** Local hours that lie on the grid of every demo schedule and leave room for the longest service before a break. */
const BOOKED_HOURS = [10, 11, 12, 15, 16];
/** The share of those hours of the coming week that the demo books. */
const BOOKED_SHARE = 0.15;

/** Books some openings of the coming seven days, under the same constraint as everybody. */
export async function seedBookings(db: pg.Client, seeded: Seeded): Promise<void> {
  const zone = Zone.of(seeded.clinic.timeZone);
  const today = zone.dayOf(Date.now());
  const random = generator(seeded.clinicId);
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
  seeded: Seeded,
  doctor: Seeded['doctors'][number],
  service: DemoService & { id: string },
  start: number,
  random: () => number,
): Promise<void> {
  const id = newId();
  const pick = (ids: string[]): string => ids[Math.floor(random() * ids.length)] ?? '';
  const clientId = pick(seeded.clients);
  const resourceIds = service.needs.map((kind) => pick(seeded.rooms[kind as 'ROOM' | 'EQUIPMENT']));
  const [begins, ends] = [start, start + service.minutes * MINUTE].map((instant) => new Date(instant).toISOString());
  const free = new Date(start + (service.minutes + service.after) * MINUTE).toISOString();
  const claims = [
    [doctor.resourceId, 'DOCTOR', free],
    [clientId, 'CLIENT', ends],
    ...resourceIds.map((resource) => [resource, 'RESOURCE', free]),
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
      begins,
      ends,
      service.price,
      seeded.clinic.currency,
    ],
  );
  const had = await db.query(
    `INSERT INTO reservation (appointment_id, resource_id, kind, group_id, during)
     SELECT $1::uuid, r.id, r.kind, $1::uuid, tstzrange($2, r.ends) FROM unnest($3::uuid[], $4::text[], $5::timestamptz[]) r (id, kind, ends)
     ORDER BY r.id ON CONFLICT DO NOTHING`,
    [
      id,
      begins,
      claims.map(([resource]) => resource),
      claims.map(([, kind]) => kind),
      claims.map(([, , until]) => until),
    ],
  );
  await db.query(had.rowCount === claims.length ? 'RELEASE SAVEPOINT booking' : 'ROLLBACK TO SAVEPOINT booking');
}

/** The same demo for the same clinic id: a small generator, since nothing here needs real randomness. */
function generator(text: string): () => number {
  let state = [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) >>> 0, 7);
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
