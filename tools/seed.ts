import { hash } from '@node-rs/argon2';
import pg from 'pg';
import { newId } from '../src/core/kernel/id.js';
import { Zone } from '../src/core/kernel/zone.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './seed/accounts.js';
import { CLINICS, type DemoClinic, type DemoService } from './seed/catalogue.js';

const MINUTE = 60_000;
const CLIENTS_PER_CLINIC = 32;
/** The share of the openings of the coming week that the demo books. */
const BOOKED_SHARE = 0.12;

interface Seeded {
  clinic: DemoClinic;
  clinicId: string;
  doctors: { id: string; resourceId: string; speciality: string; friday: boolean }[];
  services: (DemoService & { id: string })[];
  rooms: { ROOM: string[]; EQUIPMENT: string[] };
  clients: string[];
}

/**
 * The demo: two clinics, their doctors, services and patients, and bookings in the coming week. Does nothing where the
 * demo is there already. Never in production.
 */
export async function seed(databaseUrl: string, log: (line: string) => void): Promise<void> {
  if (process.env.NODE_ENV === 'production') throw new Error('the demo data does not belong into production');
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    const { rowCount } = await db.query(`SELECT FROM user_account WHERE email = $1`, [DEMO_ACCOUNTS[0]?.email]);
    if (rowCount) return;
    log('filling the demo: two clinics, 24 doctors, their patients and bookings …');
    await db.query('BEGIN');
    const passwordHash = await hash(DEMO_PASSWORD, { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
    const clinics: Seeded[] = [];
    for (const clinic of CLINICS) clinics.push(await seedClinic(db, clinic));
    await seedAccounts(db, clinics, passwordHash);
    for (const clinic of clinics) await seedBookings(db, clinic);
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await db.end();
  }
}

async function seedClinic(db: pg.Client, clinic: DemoClinic): Promise<Seeded> {
  const clinicId = newId();
  await db.query(
    `INSERT INTO clinic (id, name, time_zone, phone, address, emergency_number, slot_step_minutes, minimum_notice_minutes)
     VALUES ($1, $2, $3, $4, $5, $6, $7, 30)`,
    [
      clinicId,
      clinic.name,
      clinic.timeZone,
      clinic.phone,
      clinic.address,
      clinic.emergencyNumber,
      clinic.slotStepMinutes,
    ],
  );
  const seeded: Seeded = {
    clinic,
    clinicId,
    doctors: [],
    services: [],
    rooms: { ROOM: [], EQUIPMENT: [] },
    clients: [],
  };
  for (const [kind, names] of [
    ['ROOM', clinic.rooms],
    ['EQUIPMENT', clinic.equipment],
  ] as const) {
    for (const name of names) seeded.rooms[kind].push(await insertResource(db, clinicId, kind, name));
  }
  for (const [index, doctor] of clinic.doctors.entries())
    seeded.doctors.push(await seedDoctor(db, seeded, doctor, index));
  for (const service of clinic.services) seeded.services.push(await seedService(db, seeded, service));
  for (let index = 0; index < CLIENTS_PER_CLINIC; index += 1) seeded.clients.push(await seedClient(db, seeded, index));
  return seeded;
}

async function insertResource(db: pg.Client, clinicId: string, kind: string, name: string): Promise<string> {
  const id = newId();
  await db.query(`INSERT INTO resource (id, clinic_id, kind, name) VALUES ($1, $2, $3, $4)`, [
    id,
    clinicId,
    kind,
    name,
  ]);
  return id;
}

async function seedDoctor(
  db: pg.Client,
  { clinicId, clinic }: Seeded,
  [firstName, lastName, speciality, bio]: DemoClinic['doctors'][number],
  index: number,
): Promise<Seeded['doctors'][number]> {
  const id = newId();
  const resourceId = await insertResource(db, clinicId, 'PERSONNEL', `Dr ${firstName} ${lastName}`);
  await db.query(
    `INSERT INTO doctor (id, clinic_id, resource_id, title, first_name, last_name, speciality, bio, languages)
     VALUES ($1, $2, $3, 'Dr', $4, $5, $6, $7, $8)`,
    [
      id,
      clinicId,
      resourceId,
      firstName,
      lastName,
      speciality,
      bio,
      clinic.locale === 'ar' ? ['ar', 'en'] : ['en', 'hi', 'kn'],
    ],
  );
  await seedSchedule(db, resourceId, index);
  return { id, resourceId, speciality, friday: index % 2 === 0 };
}

/** Every day with a break at noon, so that there are free times on each day whatever the weekday of the demo. */
async function seedSchedule(db: pg.Client, resourceId: string, index: number): Promise<void> {
  const windows =
    index % 3 === 2
      ? [
          [10 * 60, 14 * 60],
          [15 * 60, 19 * 60],
        ]
      : [
          [9 * 60, 13 * 60],
          [14 * 60, 17 * 60],
        ];
  for (let weekday = 1; weekday <= 7; weekday += 1) {
    for (const [start, end] of windows) {
      await db.query(
        `INSERT INTO weekly_rule (resource_id, weekday, start_minute, end_minute) VALUES ($1, $2, $3, $4)`,
        [resourceId, weekday, start, end],
      );
    }
  }
  if (index % 6 !== 5) return;
  await db.query(
    `INSERT INTO schedule_exception (id, resource_id, kind, from_day, to_day, reason)
     VALUES ($1, $2, 'CLOSED', current_date + 20, current_date + 26, 'Annual leave')`,
    [newId(), resourceId],
  );
}

async function seedService(
  db: pg.Client,
  { clinicId, clinic, doctors }: Seeded,
  service: DemoService,
): Promise<DemoService & { id: string }> {
  const id = newId();
  await db.query(
    `INSERT INTO service (id, clinic_id, name, duration_minutes, buffer_after_minutes, price_minor, currency, mode, capacity,
                          required_resource_kinds)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      id,
      clinicId,
      service.name,
      service.minutes,
      service.after,
      service.price,
      clinic.currency,
      service.mode ?? 'IN_PERSON',
      service.capacity ?? 1,
      service.needs,
    ],
  );
  const givenBy = doctors.filter(({ speciality }) => service.specialities.includes(speciality));
  await db.query(`INSERT INTO service_doctor (service_id, doctor_id) SELECT $1, unnest($2::uuid[])`, [
    id,
    givenBy.map((doctor) => doctor.id),
  ]);
  return { ...service, id };
}

async function seedClient(db: pg.Client, { clinicId, clinic }: Seeded, index: number): Promise<string> {
  const [firstNames, lastNames] = clinic.clients;
  const firstName = firstNames[index % firstNames.length] ?? 'Ali';
  const lastName = lastNames[Math.floor(index / 4) % lastNames.length] ?? 'Kamal';
  const clientId = await insertUser(db, {
    email: `${firstName}.${lastName}.${index}@example.test`.toLowerCase().replaceAll(' ', '-'),
    passwordHash: null,
    role: 'CLIENT',
    firstName,
    lastName,
    phone: `${clinic.phonePrefix}${String(34_000 + index).padStart(5, '0')}`,
    timeZone: clinic.timeZone,
    locale: clinic.locale,
  });
  await db.query(`INSERT INTO client_clinic (client_id, clinic_id) VALUES ($1, $2)`, [clientId, clinicId]);
  return clientId ?? '';
}

interface Person {
  email: string;
  passwordHash: string | null;
  role: string;
  firstName: string;
  lastName: string;
  phone: string | null;
  timeZone: string;
  locale: string;
}

/** @returns the id of the patient record of a CLIENT, else of the user */
async function insertUser(db: pg.Client, person: Person): Promise<string> {
  const userId = newId();
  await db.query(
    `INSERT INTO user_account (id, email, password_hash, role, first_name, last_name, phone, time_zone, locale, email_verified_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())`,
    [
      userId,
      person.email,
      person.passwordHash,
      person.role,
      person.firstName,
      person.lastName,
      person.phone,
      person.timeZone,
      person.locale,
    ],
  );
  if (person.role !== 'CLIENT') return userId;
  const clientId = newId();
  await db.query(`INSERT INTO client (id, user_id) VALUES ($1, $2)`, [clientId, userId]);
  return clientId;
}

async function seedAccounts(db: pg.Client, clinics: Seeded[], passwordHash: string): Promise<void> {
  for (const { clinic: index, what: _, ...account } of DEMO_ACCOUNTS) {
    const place = clinics[index ?? 0];
    const id = await insertUser(db, {
      ...account,
      passwordHash,
      phone: null,
      timeZone: place?.clinic.timeZone ?? 'UTC',
      locale: 'en',
    });
    if (index !== null)
      await db.query(`INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2)`, [id, place?.clinicId]);
    if (account.role === 'DOCTOR')
      await db.query(`UPDATE doctor SET user_id = $1 WHERE id = $2`, [id, place?.doctors[0]?.id]);
  }
}

/** Books some openings of the coming seven days, under the same constraint as everybody. */
async function seedBookings(db: pg.Client, seeded: Seeded): Promise<void> {
  const zone = Zone.of(seeded.clinic.timeZone);
  const today = zone.dayOf(Date.now());
  const random = generator(seeded.clinicId);
  for (let ahead = 1; ahead <= 7; ahead += 1) {
    const day = zone.addDays(today, ahead);
    for (const doctor of seeded.doctors) {
      const services = seeded.services.filter(
        (service) => service.specialities.includes(doctor.speciality) && !service.capacity,
      );
      for (let minute = 10 * 60; minute < 12 * 60; minute += 60) {
        const service = services[Math.floor(random() * services.length)];
        if (service && random() < BOOKED_SHARE * 2)
          await seedBooking(db, seeded, doctor, service, zone.boundary(day, minute), random);
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
