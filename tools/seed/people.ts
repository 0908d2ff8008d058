import type pg from 'pg';
import { newId } from '../../src/core/kernel/id.js';
import type { AccountContacts } from '../../src/modules/users/account-contacts.js';
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

export async function seedClient(
  db: pg.Client,
  contacts: AccountContacts,
  { clinicId, clinic }: SeededClinic,
  index: number,
): Promise<string> {
  const [firstNames, lastNames] = clinic.clients;
  const firstName = firstNames[index % firstNames.length] ?? 'Ali';
  const lastName = lastNames[Math.floor(index / 4) % lastNames.length] ?? 'Kamal';
  const clientId = await insertUser(db, contacts, {
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
async function insertUser(db: pg.Client, contacts: AccountContacts, person: Person): Promise<string> {
  const userId = newId();
  const { encryptedEmail, emailIndex, encryptedPhone, phoneIndex } = await contacts.encrypt(userId, person);
  await db.query(
    `INSERT INTO user_account (id, email, email_index, password_hash, role, first_name, last_name, phone, phone_index, time_zone, locale, email_verified_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())`,
    [
      userId,
      encryptedEmail,
      emailIndex,
      person.passwordHash,
      person.role,
      person.firstName,
      person.lastName,
      encryptedPhone,
      phoneIndex,
      person.timeZone,
      person.locale,
    ],
  );
  if (person.role !== 'CLIENT') return userId;
  const clientId = newId();
  await db.query(`INSERT INTO client (id, user_id) VALUES ($1, $2)`, [clientId, userId]);
  return clientId;
}

export async function seedAccounts(
  db: pg.Client,
  contacts: AccountContacts,
  clinics: SeededClinic[],
  passwordHash: string,
): Promise<void> {
  for (const { clinic: index, description: _, ...account } of DEMO_ACCOUNTS) {
    const workplace = clinics[index ?? 0];
    const id = await insertUser(db, contacts, {
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
