import type { MigrationInterface, QueryRunner } from 'typeorm';
import { countryOfZone } from '../src/core/kernel/country.js';
import { possibleE164 } from '../src/core/kernel/phone.js';

const BATCH = 1_000;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

/**
 * Clinics have a country and a language. Existing clinics get the country of their zone (none for zones of no country)
 * and English, which their patients have had so far.
 *
 * Telephone numbers become E.164 where that is certain: the number has its country code, or it is a valid number in
 * exactly one of the countries of its owner's clinics and zone. Other numbers stay as they were typed; they are found by
 * their digits, and converted to E.164 when an SMS is sent or when somebody enters them again. Undoing this keeps the numbers.
 */
export class ClinicCountries1763871000000 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query('SET LOCAL statement_timeout = 0');
    await db.query(`ALTER TABLE clinic ADD COLUMN country text CHECK (country ~ '^[A-Z]{2}$'),
                                       ADD COLUMN locale text NOT NULL DEFAULT 'en'`);
    await setCountries(db);
    for (const table of ['clinic', 'user_account'] as const) await setNumbers(db, table);
    await db.query('CREATE INDEX user_account_e164 ON user_account (phone)');
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('DROP INDEX IF EXISTS user_account_e164');
    await db.query('ALTER TABLE clinic DROP COLUMN IF EXISTS country, DROP COLUMN IF EXISTS locale');
  }
}

async function setCountries(db: QueryRunner): Promise<void> {
  const clinics = (await db.query('SELECT id, time_zone AS zone FROM clinic')) as { id: string; zone: string }[];
  const located = clinics.map(({ id, zone }) => ({ id, country: countryOfZone(zone) }));
  await db.query(
    `UPDATE clinic SET country = found.country
     FROM json_to_recordset($1::json) AS found (id uuid, country text) WHERE clinic.id = found.id`,
    [JSON.stringify(located)],
  );
}

interface Numbered {
  id: string;
  phone: string;
  zone: string;
  countries: string[];
}

/** With the countries in which the number may be one. */
const NUMBERED = {
  clinic: `SELECT id, phone, time_zone AS zone, array_remove(ARRAY[country], NULL) AS countries FROM clinic u
           WHERE phone IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`,
  user_account: `
    SELECT u.id, u.phone, u.time_zone AS zone, ARRAY(
      SELECT DISTINCT k.country FROM clinic k WHERE k.country IS NOT NULL AND k.id IN (
        SELECT clinic_id FROM user_clinic WHERE user_id = u.id
        UNION SELECT x.clinic_id FROM client_clinic x JOIN client c ON c.id = x.client_id WHERE c.user_id = u.id)) AS countries
    FROM user_account u WHERE u.phone IS NOT NULL AND u.id > $1 ORDER BY u.id LIMIT $2`,
};

async function setNumbers(db: QueryRunner, table: keyof typeof NUMBERED): Promise<void> {
  for (let after = FIRST_ID; ;) {
    const rows = (await db.query(NUMBERED[table], [after, BATCH])) as Numbered[];
    const last = rows.at(-1);
    if (!last) return;
    after = last.id;
    const numbers = rows.flatMap(({ id, phone, zone, countries }) => {
      const [number, ...others] = possibleE164(phone, [...countries, countryOfZone(zone)]);
      return number !== undefined && others.length === 0 && number !== phone ? [{ id, number }] : [];
    });
    await db.query(
      `UPDATE ${table} u SET phone = found.number
       FROM json_to_recordset($1::json) AS found (id uuid, number text) WHERE u.id = found.id`,
      [JSON.stringify(numbers)],
    );
  }
}
