import type pg from 'pg';
import { newId } from '../../src/core/kernel/id.js';
import { DEMO_ACCOUNTS } from './accounts.js';
import type { SeededClinic } from './clinics.js';

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

export async function seedClient(db: pg.Client, { clinicId, clinic }: SeededClinic, index: number): Promise<string> {
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
  await db.query(`INSERT INTO client_clinic (client_id, clinic_id, registered_at) VALUES ($1, $2, now())`, [
    clientId,
    clinicId,
  ]);
  return clientId;
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

export async function seedAccounts(db: pg.Client, clinics: SeededClinic[], passwordHash: string): Promise<void> {
  for (const { clinic: index, description: _, ...account } of DEMO_ACCOUNTS) {
    const workplace = clinics[index ?? 0];
    const id = await insertUser(db, {
      ...account,
      passwordHash,
      phone: null,
      timeZone: workplace?.clinic.timeZone ?? 'UTC',
      locale: 'en',
    });
    if (index !== null)
      await db.query(`INSERT INTO user_clinic (user_id, clinic_id) VALUES ($1, $2)`, [id, workplace?.clinicId]);
    if (account.role === 'DOCTOR')
      await db.query(`UPDATE doctor SET user_id = $1 WHERE id = $2`, [id, workplace?.doctors[0]?.id]);
  }
}
