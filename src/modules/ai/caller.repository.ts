import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { isConsentWithdrawn } from '../consents/index.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { CLIENT_ADDRESS, EMERGENCY_CONTACT, MRN } from '../clients/index.js';

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

interface EncryptedPhrases {
  clientId: string | null;
  address: Buffer | null;
  emergencyContact: Buffer | null;
  mrns: Buffer[];
  /** The clinic of each record number. */
  mrnClinicIds: string[];
}

type CallerRow = Omit<Caller, 'phrases'> & EncryptedPhrases;

/** Hand-written SQL: hot (before every answer), one statement for six tables of other features. */
@Injectable()
export class CallerRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  async find(userId: string, clinicId: string | null): Promise<Caller | null> {
    const row = await this.db.row<CallerRow>(FIND, [userId, clinicId]);
    if (!row) return null;
    const { clientId, address, emergencyContact, mrns, mrnClinicIds, ...caller } = row;
    return { ...caller, phrases: this.readPhrases({ clientId, address, emergencyContact, mrns, mrnClinicIds }) };
  }

  /** Without those that cannot be decrypted: the patient must be able to ask for help. */
  private readPhrases({ clientId, address, emergencyContact, mrns, mrnClinicIds }: EncryptedPhrases): string[] {
    if (!clientId) return [];
    return [
      this.encryption.readField(CLIENT_ADDRESS, address, clientId),
      this.encryption.readField(EMERGENCY_CONTACT, emergencyContact, clientId),
      ...mrns.map((mrn, i) => this.encryption.readField(MRN, mrn, clientId, mrnClinicIds[i] as string)),
    ].flatMap((phrase) => phrase ?? []);
  }
}

const FIND = `
  SELECT u.locale, u.time_zone AS "timeZone", to_json(array_remove(ARRAY[u.first_name, u.last_name], NULL)) AS names,
         c.id AS "clientId", c.address, c.emergency_contact AS "emergencyContact",
         ARRAY(SELECT clinic_id FROM client_clinic WHERE client_id = c.id AND mrn IS NOT NULL ORDER BY clinic_id) AS "mrnClinicIds",
         ARRAY(SELECT mrn FROM client_clinic WHERE client_id = c.id AND mrn IS NOT NULL ORDER BY clinic_id) AS mrns,
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
