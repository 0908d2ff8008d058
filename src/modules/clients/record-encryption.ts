import { Injectable } from '@nestjs/common';
import { BlindIndex } from '../../core/encryption/blind-index.js';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import type { ClientClinic } from './client-clinic.entity.js';
import type { Client } from './client.entity.js';
import type { ClinicTexts, MergeValues } from './merge-values.js';

declare module '../../core/encryption/blind-index.js' {
  interface IndexedFields {
    mrn: true;
    birthDate: true;
  }
}

const CLIENT_KEY = { id: 'uuid' } as const;
const CLINIC_RECORD_KEY = { client_id: 'uuid', clinic_id: 'uuid' } as const;

export const DATE_OF_BIRTH = encryptedField('client', 'date_of_birth', CLIENT_KEY);
export const CLIENT_ADDRESS = encryptedField('client', 'address', CLIENT_KEY);
export const EMERGENCY_CONTACT = encryptedField('client', 'emergency_contact', CLIENT_KEY);
export const MRN = encryptedField('client_clinic', 'mrn', CLINIC_RECORD_KEY);
export const MERGE_VALUES = encryptedField('client_merge', 'values_before', CLIENT_KEY);
export const CLINIC_NOTES = encryptedField('client_clinic', 'notes', CLINIC_RECORD_KEY);

/** The encrypted fields of a record's view, as they are read. */
export interface EncryptedRecord {
  id: string;
  dateOfBirth: Buffer | null;
  address: Buffer | null;
  emergencyContact: Buffer | null;
  /** The clinic of `mrn` and `notes`. */
  clinicId: string | null;
  mrn: Buffer | null;
  notes: Buffer | null;
}

type PlainRecord = Record<'dateOfBirth' | 'address' | 'emergencyContact' | 'mrn' | 'notes', string | null>;
type EncryptedClient = Pick<EncryptedRecord, 'id' | 'dateOfBirth' | 'address' | 'emergencyContact'>;
type EncryptedClinicTexts = Pick<ClientClinic, 'encryptedMrn' | 'encryptedNotes'>;
type ClientFields = Pick<Client, 'dateOfBirth' | 'address' | 'emergencyContact'>;
type ClientColumns = Required<
  Pick<Client, 'encryptedDateOfBirth' | 'birthIndex' | 'encryptedAddress' | 'encryptedEmergencyContact'>
>;

/** Encrypts and decrypts patient records, and computes their blind indexes (docs/encryption.md). */
@Injectable()
export class RecordEncryption {
  constructor(
    private readonly encryption: FieldEncryption,
    private readonly indexes: BlindIndex,
  ) {}

  async encryptClient(id: string, { dateOfBirth, address, emergencyContact }: ClientFields): Promise<ClientColumns> {
    return {
      encryptedDateOfBirth: this.encryption.encryptText(DATE_OF_BIRTH, dateOfBirth, id),
      birthIndex: await this.indexes.computeOptional('birthDate', dateOfBirth),
      encryptedAddress: this.encryption.encryptText(CLIENT_ADDRESS, address, id),
      encryptedEmergencyContact: this.encryption.encryptText(EMERGENCY_CONTACT, emergencyContact, id),
    };
  }

  /** Sets the fields of a row that was read to be changed. @throws DecryptionError */
  decryptClient(client: Client): Client {
    const { id, encryptedDateOfBirth = null, encryptedAddress = null, encryptedEmergencyContact = null } = client;
    client.dateOfBirth = this.decryptDateOfBirth(id, encryptedDateOfBirth);
    client.address = this.encryption.decryptText(CLIENT_ADDRESS, encryptedAddress, id);
    client.emergencyContact = this.encryption.decryptText(EMERGENCY_CONTACT, encryptedEmergencyContact, id);
    delete client.encryptedDateOfBirth;
    delete client.encryptedAddress;
    delete client.encryptedEmergencyContact;
    delete client.birthIndex;
    return client;
  }

  decryptRecord({ id, dateOfBirth, address, emergencyContact }: EncryptedClient): ClientFields {
    return {
      dateOfBirth: this.decryptDateOfBirth(id, dateOfBirth),
      address: this.encryption.decryptText(CLIENT_ADDRESS, address, id),
      emergencyContact: this.encryption.decryptText(EMERGENCY_CONTACT, emergencyContact, id),
    };
  }

  decryptClinicTexts(record: ClientClinic): ClinicTexts {
    const { clientId, clinicId, encryptedMrn, encryptedNotes } = record;
    return {
      mrn: this.encryption.decryptText(MRN, encryptedMrn, clientId, clinicId),
      notes: this.encryption.decryptText(CLINIC_NOTES, encryptedNotes, clientId, clinicId),
    };
  }

  encryptClinicTexts(clientId: string, clinicId: string, { mrn, notes }: ClinicTexts): EncryptedClinicTexts {
    return {
      encryptedMrn: this.encryption.encryptText(MRN, mrn, clientId, clinicId),
      encryptedNotes: this.encryption.encryptText(CLINIC_NOTES, notes, clientId, clinicId),
    };
  }

  encryptMerge(id: string, values: MergeValues): Buffer {
    return this.encryption.encrypt(MERGE_VALUES, values, id);
  }

  decryptMerge(id: string, encrypted: Buffer): MergeValues {
    return this.encryption.decrypt(MERGE_VALUES, encrypted, id) as MergeValues;
  }

  /** For views: a date or a number that cannot be decrypted is null, a text UNREADABLE_TEXT. */
  readView<Row extends EncryptedRecord>(row: Row): Omit<Row, keyof PlainRecord> & PlainRecord {
    const { id, clinicId } = row;
    const ofClinic = clinicId === null ? null : ([id, clinicId] as const);
    return {
      ...row,
      dateOfBirth: this.readDateOfBirth(id, row.dateOfBirth),
      address: this.encryption.readText(CLIENT_ADDRESS, row.address, id),
      emergencyContact: this.encryption.readText(EMERGENCY_CONTACT, row.emergencyContact, id),
      mrn: ofClinic && this.encryption.readField(MRN, row.mrn, ...ofClinic),
      notes: ofClinic && this.encryption.readText(CLINIC_NOTES, row.notes, ...ofClinic),
    };
  }

  readDateOfBirth(id: string, encrypted: Buffer | null): string | null {
    return this.encryption.readField(DATE_OF_BIRTH, encrypted, id);
  }

  /** For changes and decisions: who knows the date of birth may claim a record. @throws DecryptionError */
  decryptDateOfBirth(id: string, encrypted: Buffer | null): string | null {
    return this.encryption.decryptText(DATE_OF_BIRTH, encrypted, id);
  }

  /**
   * The columns of the defined fields.
   * @param mrnKey the canonical form of the record number; null if it has none
   */
  async encryptClinicRecord(
    clientId: string,
    clinicId: string,
    { mrn, notes }: { mrn?: string | null; notes?: string | null },
    mrnKey: string | null,
  ): Promise<Partial<Pick<ClientClinic, 'encryptedMrn' | 'mrnIndex' | 'encryptedNotes'>>> {
    return {
      ...(mrn !== undefined && {
        encryptedMrn: this.encryption.encryptText(MRN, mrn, clientId, clinicId),
        mrnIndex: await this.indexes.computeOptional('mrn', mrnKey),
      }),
      ...(notes !== undefined && {
        encryptedNotes: this.encryption.encryptText(CLINIC_NOTES, notes, clientId, clinicId),
      }),
    };
  }
}
