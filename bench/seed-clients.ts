import type { Client } from 'pg';
import * as data from './dataset.js';

/** Inserts patients with accounts and clinics. All have the same password, because checking any password costs the same. */
export async function seedClients(client: Client, count: number, passwordHash: string): Promise<void> {
  await client.query(USERS, [count, passwordHash]);
  await client.query(CLIENTS, [count]);
  await client.query(CLINICS, [count]);
}

const NUMBERS = 'generate_series(0::bigint, $1::bigint - 1) n';
const SINCE = `timestamptz '2025-01-01T00:00:00Z'`;

// `getEmail` of dataset.ts has the same rule.
const USERS = `
  INSERT INTO user_account (id, email, password_hash, role, first_name, last_name, phone, time_zone, locale,
                            email_verified_at, authorization_changed_at, version, created_at, updated_at)
  SELECT ${data.idInSql('user', 'n')}, 'client' || n || '@bench.example', $2, 'CLIENT', 'First' || n, 'Last' || n,
         '+2010' || lpad(n::text, 8, '0'), 'UTC', 'en', ${SINCE}, ${SINCE}, 1, ${SINCE}, ${SINCE}
  FROM ${NUMBERS}`;

const CLIENTS = `
  INSERT INTO client (id, user_id, date_of_birth, sex, version, created_at, updated_at)
  SELECT ${data.idInSql('client', 'n')}, ${data.idInSql('user', 'n')}, '1980-05-17', 'UNKNOWN', 1, ${SINCE}, ${SINCE}
  FROM ${NUMBERS}`;

const CLINICS = `
  INSERT INTO client_clinic (client_id, clinic_id, registered_at)
  SELECT ${data.idInSql('client', 'n')}, ${data.idInSql('clinic', `n % ${data.CLINICS}`)}, ${SINCE}
  FROM ${NUMBERS}`;
