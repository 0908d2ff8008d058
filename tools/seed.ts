import { hash } from '@node-rs/argon2';
import pg from 'pg';
import type { EncryptionSecrets } from '../src/core/security/field-cipher.js';
import type { AccountContacts } from '../src/modules/users/account-contacts.js';
import { DEMO_ACCOUNTS, DEMO_PASSWORD } from './seed/accounts.js';
import { seedBookings } from './seed/bookings.js';
import { CLINICS } from './seed/catalogue.js';
import { seedClinic, type SeededClinic } from './seed/clinics.js';
import { contactsFor } from './seed/contacts.js';
import { seedFaqs } from './seed/faqs.js';
import { seedAccounts, seedClient } from './seed/people.js';

const CLIENTS_PER_CLINIC = 32;
/** Advisory lock: only one process at a time adds the demo data. */
const SEED_LOCK = 7_240_002;

/**
 * Adds the demo data: two clinics, their doctors, services and patients, and bookings in the coming week. Does nothing if the demo
 * data exists. Throws in production.
 */
export async function seed(
  databaseUrl: string,
  log: (line: string) => void,
  secrets: EncryptionSecrets,
): Promise<void> {
  if (process.env.NODE_ENV === 'production') throw new Error('demo data is not allowed in production');
  const db = new pg.Client({ connectionString: databaseUrl });
  await db.connect();
  try {
    await db.query('BEGIN');
    await db.query('SELECT pg_advisory_xact_lock($1)', [SEED_LOCK]);
    const contacts = contactsFor(db, secrets);
    if (!(await isSeeded(db, contacts))) await fill(db, contacts, log);
    await db.query('COMMIT');
  } catch (error) {
    await db.query('ROLLBACK').catch(() => undefined);
    throw error;
  } finally {
    await db.end();
  }
}

async function isSeeded(db: pg.Client, contacts: AccountContacts): Promise<boolean> {
  const index = await contacts.emailIndex(DEMO_ACCOUNTS[0]?.email as string);
  const { rowCount } = await db.query(`SELECT FROM user_account WHERE email_index = $1`, [index]);
  return rowCount !== 0;
}

async function fill(db: pg.Client, contacts: AccountContacts, log: (line: string) => void): Promise<void> {
  log('adding demo data: two clinics, 24 doctors, their patients and bookings …');
  const passwordHash = await hash(DEMO_PASSWORD, { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const clinics: SeededClinic[] = [];
  for (const clinic of CLINICS) clinics.push(await seedClinic(db, clinic));
  for (const seeded of clinics) {
    for (let index = 0; index < CLIENTS_PER_CLINIC; index += 1) {
      seeded.clients.push(await seedClient(db, contacts, seeded, index));
    }
  }
  await seedAccounts(db, contacts, clinics, passwordHash);
  for (const seeded of clinics) await seedBookings(db, seeded);
  await seedFaqs(db);
}
