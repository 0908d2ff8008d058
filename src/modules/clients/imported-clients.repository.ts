import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { prefixQuery } from '../../core/database/full-text.js';
import { ClientClinic } from './client-clinic.entity.js';
import { Client } from './client.entity.js';
import type { PatientKeys } from './known-patients.js';

export type NewClient = Pick<Client, 'id' | 'userId' | 'sex'> &
  Required<Pick<Client, 'encryptedDateOfBirth' | 'birthIndex' | 'encryptedAddress' | 'encryptedEmergencyContact'>>;
export type NewClientClinic = Omit<ClientClinic, 'bookings'>;

/** Reads and writes patient records in batches. SQL: the read joins tables and uses an index for each kind of key. */
@Injectable()
export class ImportedClientsRepository {
  constructor(private readonly db: Database) {}

  /**
   * The patients of a clinic who have a key in common with one of these. Of those with the same date of birth, only those with the same
   * names: files have one date for thousands of patients whose date is not known.
   */
  async findByKeys(clinicId: string, patients: readonly Omit<PatientKeys, 'id'>[]): Promise<PatientKeys[]> {
    const indexes = (name: 'phoneIndex' | 'emailIndex' | 'birthIndex' | 'mrnIndex'): Buffer[] =>
      patients.flatMap((patient) => patient[name] ?? []);
    return this.db.rows<PatientKeys>(FIND_BY_KEYS, [
      clinicId,
      indexes('phoneIndex'),
      indexes('emailIndex'),
      indexes('birthIndex'),
      indexes('mrnIndex'),
      [...new Set(patients.flatMap(({ firstName, lastName }) => [firstName.toLowerCase(), lastName.toLowerCase()]))],
    ]);
  }

  /** The patients of a clinic whose names begin with the words of one of these. */
  findByNames(clinicId: string, names: readonly string[]): Promise<PatientKeys[]> {
    return this.db.rows<PatientKeys>(FIND_BY_NAMES, [clinicId, names]);
  }

  async insertAll(clients: NewClient[], records: NewClientClinic[]): Promise<void> {
    await this.db.repository(Client).insert(clients);
    await this.db.repository(ClientClinic).insert(records);
  }
}

/** A merged record is found by its own keys, as the patient that it was merged into. */
const KEYS = `coalesce(c.merged_into_id, c.id) AS id, u.first_name AS "firstName", u.last_name AS "lastName", u.email_index AS "emailIndex",
  u.phone_index AS "phoneIndex", c.birth_index AS "birthIndex", x.mrn_index AS "mrnIndex"`;

const FIND_BY_NAMES = `
  SELECT DISTINCT ${KEYS}
  FROM unnest($2::text[]) AS n (name) JOIN user_account u ON u.search @@ (${prefixQuery('n.name')}) AND u.deleted_at IS NULL
  JOIN client c ON c.user_id = u.id JOIN client_clinic x ON x.client_id = c.id AND x.clinic_id = $1
  ORDER BY id`;

const FIND_BY_KEYS = `
  SELECT ${KEYS}
  FROM client_clinic x JOIN client c ON c.id = x.client_id JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL
  WHERE x.clinic_id = $1 AND c.id IN (
    SELECT p.id FROM user_account a JOIN client p ON p.user_id = a.id WHERE a.phone_index = ANY ($2::bytea[])
    UNION SELECT p.id FROM user_account a JOIN client p ON p.user_id = a.id
      WHERE a.email_index = ANY ($3::bytea[]) AND a.deleted_at IS NULL
    UNION SELECT p.id FROM client p JOIN user_account a ON a.id = p.user_id WHERE p.birth_index = ANY ($4::bytea[])
      AND lower(a.first_name) = ANY ($6::text[]) AND lower(a.last_name) = ANY ($6::text[])
    UNION SELECT r.client_id FROM client_clinic r WHERE r.clinic_id = $1 AND r.mrn_index = ANY ($5::bytea[]))
  ORDER BY id`;
