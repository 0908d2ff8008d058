import { hash } from '@node-rs/argon2';
import pg from 'pg';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './seed/accounts.js';
import { seedBookings } from './seed/bookings.js';
import { CLINICS } from './seed/catalogue.js';
import { seedClinic, type Seeded } from './seed/clinics.js';
import { seedFaqs } from './seed/faqs.js';
import { seedAccounts, seedClient } from './seed/people.js';

const CLIENTS_PER_CLINIC = 32;
/** So that two that start at once do not seed at once. */
const SEED_LOCK = 7_240_002;

/**
 * The demo: two clinics, their doctors, services and patients, and bookings in the coming week. Does nothing where the
 * demo is there already. Never in production.
 */
export async function seed(databaseUrl: string, log: (line: string) => void): Promise<void> {
  if (process.env.NODE_ENV === 'production') throw new Error('the demo data does not belong into production');
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    await db.query('BEGIN');
    await db.query('SELECT pg_advisory_xact_lock($1)', [SEED_LOCK]);
    if (!(await isThere(db))) await fill(db, log);
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await db.end();
  }
}

async function isThere(db: pg.Client): Promise<boolean> {
  const { rowCount } = await db.query(`SELECT FROM user_account WHERE email = $1`, [DEMO_ACCOUNTS[0]?.email]);
  return rowCount !== 0;
}

async function fill(db: pg.Client, log: (line: string) => void): Promise<void> {
  log('filling the demo: two clinics, 24 doctors, their patients and bookings …');
  const passwordHash = await hash(DEMO_PASSWORD, { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const clinics: Seeded[] = [];
  for (const clinic of CLINICS) clinics.push(await seedClinic(db, clinic));
  for (const seeded of clinics) {
    for (let index = 0; index < CLIENTS_PER_CLINIC; index += 1) {
      seeded.clients.push(await seedClient(db, seeded, index));
    }
  }
  await seedAccounts(db, clinics, passwordHash);
  for (const seeded of clinics) await seedBookings(db, seeded);
  await seedFaqs(db);
}
