import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { isConsentWithdrawn } from '../consents/index.js';

/**
 * The person who asks, and the clinic for the answer: the requested one, otherwise that of the next or last appointment,
 * otherwise one where the user works.
 */
export interface Caller {
  locale: string;
  timeZone: string;
  names: string[];
  /** Address, emergency contact, record numbers: never sent to a model. */
  phrases: string[];
  clinicId: string | null;
  clinicName: string | null;
  clinicPhone: string | null;
  emergencyNumber: string | null;
  /** ISO 3166-1 alpha-2 */
  clinicCountry: string | null;
  /** False if the user has withdrawn the consent to send questions to a model. */
  allowsModel: boolean;
}

@Injectable()
export class CallerRepository {
  constructor(private readonly db: Database) {}

  find(userId: string, clinicId: string | null): Promise<Caller | null> {
    return this.db.row<Caller>(FIND, [userId, clinicId]);
  }
}

const FIND = `
  SELECT u.locale, u.time_zone AS "timeZone", to_json(array_remove(ARRAY[u.first_name, u.last_name], NULL)) AS names,
         to_json(array_remove(ARRAY[c.address, c.emergency_contact], NULL)
           || ARRAY(SELECT mrn FROM client_clinic WHERE client_id = c.id AND mrn IS NOT NULL)) AS phrases,
         k.id AS "clinicId", k.name AS "clinicName", k.phone AS "clinicPhone", k.emergency_number AS "emergencyNumber",
         k.country AS "clinicCountry", NOT ${isConsentWithdrawn('u.id', `'AI_CHAT'`)} AS "allowsModel"
  FROM user_account u LEFT JOIN client c ON c.user_id = u.id
  LEFT JOIN LATERAL (
    SELECT a.clinic_id FROM appointment a
    WHERE $2::uuid IS NULL AND a.client_id = c.id AND a.status <> 'CANCELLED'
    ORDER BY a.end_at < now(), abs(extract(epoch FROM a.start_at - now())) LIMIT 1) next ON true
  LEFT JOIN LATERAL (
    SELECT x.clinic_id FROM user_clinic x WHERE x.user_id = u.id ORDER BY x.clinic_id LIMIT 1) works ON true
  LEFT JOIN clinic k ON k.id = coalesce($2::uuid, next.clinic_id, works.clinic_id) AND k.deleted_at IS NULL
  WHERE u.id = $1 AND u.deleted_at IS NULL`;
