import { hash } from '@node-rs/argon2';
import type { Client } from 'pg';
import { migrate } from '../src/migrate.js';
import { ARGON2 } from '../src/modules/users/passwords.js';
import { bulkLoad } from './bulk-load.js';
import { withClient } from './client.js';
import * as data from './dataset.js';
import type { DataVolume } from './data-volumes.js';
import { dayAfter, seedAppointments, seedComingDays } from './seed-appointments.js';
import { benchContacts, CONTACT_TABLE, seedClients } from './seed-clients.js';
import type { AccountContacts } from '../src/modules/users/account-contacts.js';

/** Increase it when the data changes, so that databases are filled again. Filling 10,000,000 appointments takes up to an hour. */
export const SEED_VERSION = 5;

/** For a session that fills tables. */
export const LOADING_SETTINGS = `SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'; SET synchronous_commit = off`;

const PATIENT_TABLES = ['user_account', 'client', 'client_clinic'];

/** Migrates and fills an empty database. */
export async function seed(databaseUrl: string, volume: DataVolume, today: string): Promise<void> {
  await migrate(databaseUrl);
  await withClient(databaseUrl, async (client) => {
    await client.query(LOADING_SETTINGS);
    const tables = [...PATIENT_TABLES, 'appointment', 'reservation'];
    await fill(client, volume, tables, () => seedAppointments(client, volume, today));
    await client.query('VACUUM (FREEZE, ANALYZE)');
  });
}

/**
 * Inserts everything except appointments.
 * @param tables are filled without their indexes
 * @param fillMore fills those of the tables that have no patients
 */
async function fill(
  client: Client,
  volume: DataVolume,
  tables: string[],
  fillMore?: () => Promise<void>,
): Promise<void> {
  const passwordHash = await hash(data.PASSWORD, ARGON2);
  await seedClinics(client);
  const contacts = benchContacts(client);
  await client.query(CONTACT_TABLE);
  await bulkLoad(client, tables, async () => {
    await insert(client, 'user_account', await desks(contacts, passwordHash));
    await seedClients(client, contacts, volume.clients, passwordHash);
    await fillMore?.();
  });
  await insert(client, 'user_clinic', deskClinics());
}

/**
 * Updates a database that was filled on an earlier day: applies new migrations, and fills the days that have become coming days.
 * @param filledUntil the last day that is filled
 */
export async function seedSince(
  databaseUrl: string,
  volume: DataVolume,
  filledUntil: string,
  today: string,
): Promise<void> {
  await migrate(databaseUrl);
  const until = dayAfter(today, volume.comingDays);
  if (until <= filledUntil) return;
  await withClient(databaseUrl, async (client) => {
    await seedComingDays(client, volume, dayAfter(filledUntil, 1), until);
    await client.query('VACUUM (ANALYZE) appointment, reservation');
  });
}

/** Like `seed`, but with all indexes and constraints of appointments, and without what follows them. The caller has migrated. */
export async function seedGrowing(client: Client, volume: DataVolume, today: string): Promise<void> {
  await fill(client, volume, PATIENT_TABLES);
  await client.query('VACUUM (ANALYZE) client, user_account');
  await seedAppointments(client, volume, today);
}

export type Row = Record<string, unknown>;

export async function insert(client: Client, table: string, rows: Row[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  await client.query(
    `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1::json)`,
    [JSON.stringify(rows)],
  );
}

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** Inserts everything except patients and appointments. */
async function seedClinics(client: Client): Promise<void> {
  await insert(client, 'clinic', clinics());
  await insert(client, 'resource', [...times(data.DOCTORS, personnel), ...rooms()]);
  await insert(client, 'doctor', times(data.DOCTORS, doctor));
  await insert(client, 'service', services());
  await insert(client, 'service_doctor', serviceDoctors());
  await insert(client, 'weekly_rule', times(data.DOCTORS, weeklyRules).flat());
  await insert(client, 'schedule_exception', times(data.DOCTORS, timeOff));
}

const clinics = (): Row[] =>
  data.CLINIC_LIST.map(({ name, timeZone }, n) => ({
    id: data.getId('clinic', n),
    name: `${name} clinic`,
    time_zone: timeZone,
    slot_step_minutes: 15,
    minimum_notice_minutes: 60,
    horizon_days: data.HORIZON_DAYS,
    cancellation_cutoff_minutes: 120,
    hold_minutes: 10,
    reminder_offsets_minutes: [1440, 120],
    requires_confirmation: false,
    locale: 'en',
    // The same patients book in every round of a race.
    max_upcoming_per_client: null,
    version: 1,
    created_at: '2025-01-01T00:00:00Z',
    updated_at: '2025-01-01T00:00:00Z',
  }));

const desks = async (contacts: AccountContacts, passwordHash: string): Promise<Row[]> =>
  Promise.all(times(data.CLINICS, (n) => desk(contacts, n, passwordHash)));

export const toBytea = (bytes: Buffer | null): string | null => bytes && `\\x${bytes.toString('hex')}`;

async function desk(contacts: AccountContacts, n: number, passwordHash: string): Promise<Row> {
  const id = data.getId('user', data.deskUser(n));
  const plain = { email: `desk${n}@bench.example`, phone: `+2011${String(n).padStart(8, '0')}` };
  const { encryptedEmail, emailIndex, encryptedPhone, phoneIndex } = await contacts.encrypt(id, plain);
  return {
    id,
    email: toBytea(encryptedEmail),
    email_index: toBytea(emailIndex),
    phone: toBytea(encryptedPhone),
    phone_index: toBytea(phoneIndex),
    password_hash: passwordHash,
    role: 'STAFF',
    first_name: `First${n}`,
    last_name: `Desk${n}`,
    time_zone: 'UTC',
    locale: 'en',
    email_verified_at: '2025-01-01T00:00:00Z',
    authorization_changed_at: '2025-01-01T00:00:00Z',
    version: 1,
    created_at: '2025-01-01T00:00:00Z',
    updated_at: '2025-01-01T00:00:00Z',
  };
}

const deskClinics = (): Row[] =>
  times(data.CLINICS, (n) => ({ user_id: data.getId('user', data.deskUser(n)), clinic_id: data.getId('clinic', n) }));

const getDoctorClinic = (n: number): number => Math.floor(n / data.DOCTORS_PER_CLINIC);

const resourceRow = (id: string, clinic: number, kind: string, name: string): Row => ({
  id,
  clinic_id: data.getId('clinic', clinic),
  kind,
  name,
  is_active: true,
  version: 1,
  created_at: '2025-01-01T00:00:00Z',
  updated_at: '2025-01-01T00:00:00Z',
});

const personnel = (n: number): Row =>
  resourceRow(data.getId('resource', n), getDoctorClinic(n), 'PERSONNEL', `Doctor ${n}`);

const rooms = (): Row[] =>
  times(data.CLINICS * data.ROOMS_PER_CLINIC, (n) =>
    resourceRow(data.getId('room', n), Math.floor(n / data.ROOMS_PER_CLINIC), 'ROOM', `Room ${n}`),
  );

const SPECIALITIES = ['Neurology', 'Cardiology', 'Dermatology', 'Paediatrics', 'Psychiatry', 'Orthopaedics'];

const doctor = (n: number): Row => ({
  id: data.getId('doctor', n),
  clinic_id: data.getId('clinic', getDoctorClinic(n)),
  resource_id: data.getId('resource', n),
  title: 'Dr.',
  first_name: `Nadia${n % 37}`,
  last_name: `Farouk${(n * 7919) % data.DOCTORS}`,
  speciality: SPECIALITIES[n % SPECIALITIES.length],
  bio: 'Twenty years in practice, of which twelve at a university hospital; speaks at meetings and teaches.',
  languages: ['en', 'ar'],
  photo_url: `https://photos.bench.example/doctors/${n}.jpg`,
  is_active: true,
  version: 1,
  created_at: '2025-01-01T00:00:00Z',
  updated_at: '2025-01-01T00:00:00Z',
});

const DURATIONS = [30, 15, 30, 45, 60, 20, 30, 40, 30, 30];

const services = (): Row[] =>
  times(data.CLINICS * data.SERVICES_PER_CLINIC, (n) => {
    const within = n % data.SERVICES_PER_CLINIC;
    return {
      id: data.getId('service', n),
      clinic_id: data.getId('clinic', Math.floor(n / data.SERVICES_PER_CLINIC)),
      name: `Service ${within}`,
      description: 'A visit.',
      duration_minutes: DURATIONS[within],
      buffer_before_minutes: 0,
      buffer_after_minutes: 0,
      price_minor: 50_000,
      currency: 'EGP',
      mode: 'IN_PERSON',
      capacity: 1,
      required_resource_kinds: within >= data.ROOM_SERVICE ? ['ROOM'] : [],
      is_active: true,
      version: 1,
      created_at: '2025-01-01T00:00:00Z',
      updated_at: '2025-01-01T00:00:00Z',
    };
  });

const serviceDoctors = (): Row[] =>
  times(data.DOCTORS, (n) =>
    data.getDoctorServices(n % data.DOCTORS_PER_CLINIC).map((service) => ({
      service_id: data.serviceId(getDoctorClinic(n), service),
      doctor_id: data.getId('doctor', n),
    })),
  ).flat();

const weeklyRules = (n: number): Row[] =>
  (data.CLINIC_LIST[getDoctorClinic(n)]?.weekdays ?? []).flatMap((weekday) =>
    data.WINDOWS.map(({ start, end }) => ({
      resource_id: data.getId('resource', n),
      weekday,
      start_minute: start,
      end_minute: end,
    })),
  );

/** Every doctor has one past leave, so that the servers have exceptions to read. */
const timeOff = (n: number): Row => ({
  id: data.getId('resource', 100_000 + n),
  resource_id: data.getId('resource', n),
  kind: 'CLOSED',
  from_day: '2025-08-01',
  to_day: '2025-08-14',
  reason: 'Leave',
  created_at: '2025-01-01T00:00:00Z',
});
