import { Injectable } from '@nestjs/common';
import { registerConstraintErrors } from '../../core/database/constraint-errors.js';
import { Database } from '../../core/database/database.js';
import { BlindIndex } from '../../core/encryption/blind-index.js';
import { byCreation, readPage, type Page } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { DomainError } from '../../core/kernel/domain-error.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import { ClientClinic } from './client-clinic.entity.js';
import { Client } from './client.entity.js';
import { parseBirthDates } from './birth-dates.js';
import { isPatientAt, matchesSearch, visibleTo, type PatientSearch } from './client-search.js';
import type { ClientsQuery, ClientView, PossibleDuplicate } from './clients.dto.js';
import { toAsciiMrnKey } from './mrn-key.js';
import { FIND_DUPLICATES, type ComparedPerson } from './duplicates.sql.js';
import { RecordEncryption, type EncryptedRecord } from './record-encryption.js';
import { AccountContacts, type EncryptedContacts } from '../users/index.js';

// The view includes fields of the account: `version` and `updatedAt` change if the record or the account does.
const CLIENT_COLUMNS = `
  c.id, c.user_id AS "userId", u.email, u.email_verified_at IS NOT NULL AS "emailVerified",
  u.first_name AS "firstName", u.last_name AS "lastName", u.phone,
  u.time_zone AS "timeZone", u.locale, c.date_of_birth AS "dateOfBirth", c.sex, c.address,
  c.emergency_contact AS "emergencyContact", own.mrn, own.notes, own.clinic_id AS "clinicId",
  ARRAY(SELECT clinic_id FROM clinic_patient WHERE client_id = c.id ORDER BY clinic_id) AS "clinicIds",
  c.version + u.version - 1 AS version,
  c.created_at AS "createdAt", greatest(c.updated_at, u.updated_at) AS "updatedAt"`;

const ACCOUNT = `JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL`;

/** Joins the record of the reader's clinic; empty if the patient belongs to several of the reader's clinics. */
const joinClinicRecord = (clinics: string): string => `
  client c ${ACCOUNT}
  LEFT JOIN LATERAL (
    SELECT min(x.clinic_id::text)::uuid AS clinic_id, (array_agg(x.mrn))[1] AS mrn, (array_agg(x.notes))[1] AS notes
    FROM clinic_patient p JOIN client_clinic x ON x.client_id = p.client_id AND x.clinic_id = p.clinic_id
    WHERE p.client_id = c.id AND (${clinics}::uuid[] IS NULL OR p.clinic_id = ANY (${clinics}::uuid[]))
    HAVING count(*) = 1) own ON true`;

const SORTS = {
  createdAt: byCreation('c.id'),
  lastName: { column: 'u.last_name', type: 'text' },
} as const;

/** A view as it is read, with encrypted fields. */
type ViewRow = Omit<ClientView, keyof EncryptedRecord | keyof EncryptedContacts> & EncryptedRecord & EncryptedContacts;

/** The clinic's own fields of a patient. */
export interface ClinicRecord {
  mrn?: string | null;
  notes?: string | null;
}

/**
 * Reads of views are hand-written SQL: they join several tables, search uses full text and blind indexes, and lists continue after a
 * cursor.
 */
@Injectable()
export class ClientsRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: RecordEncryption,
    private readonly indexes: BlindIndex,
    private readonly contacts: AccountContacts,
  ) {}

  /** @param clinicIds the reader's clinics, or the one that the reader requests; null for all */
  async find(id: string, clinicIds: readonly string[] | null): Promise<ClientView | null> {
    const sql = `SELECT ${CLIENT_COLUMNS} FROM ${joinClinicRecord('$2')} WHERE c.id = $1`;
    const row = await this.db.row<ViewRow>(sql, [id, clinicIds]);
    return row && this.decrypt(row);
  }

  async findIdByUser(userId: string): Promise<string | null> {
    const client = await this.clients.findOne({ select: { id: true }, where: { userId } });
    return client?.id ?? null;
  }

  /** SQL: part of every booking and list of bookings of the mobile client. */
  findUserIds(ids: readonly string[]): Promise<{ id: string; userId: string }[]> {
    return this.db.rows(`SELECT id, user_id AS "userId" FROM client WHERE id = ANY ($1::uuid[])`, [ids]);
  }

  /** Locks the patient and their account, whose fields are part of the record. SQL: one statement locks both rows. */
  async lock(id: string): Promise<Client | null> {
    await this.db.rows(`SELECT c.id FROM client c JOIN user_account u ON u.id = c.user_id WHERE c.id = $1 FOR UPDATE`, [
      id,
    ]);
    const client = await this.clients.findOneBy({ id });
    return client && this.encryption.decryptClient(client);
  }

  async save(client: Client): Promise<void> {
    const { id, dateOfBirth, address, emergencyContact, ...columns } = client;
    const encrypted = await this.encryption.encryptClient(id, { dateOfBirth, address, emergencyContact });
    await this.clients.update({ id }, { ...columns, ...encrypted });
  }

  /** Saves the defined fields. The row of `client_clinic` must exist. */
  async saveClinicRecord(clientId: string, clinicId: string, record: ClinicRecord): Promise<void> {
    if (Object.values(record).every((value) => value === undefined)) return;
    const mrnKey = record.mrn ? await this.toMrnKey(record.mrn) : null;
    const columns = await this.encryption.encryptClinicRecord(clientId, clinicId, record, mrnKey);
    await this.db.repository(ClientClinic).update({ clientId, clinicId }, columns);
  }

  /**
   * Checks first so that the usual duplicate does not reach the database's error log; a unique index decides races.
   * @throws DomainError ALREADY_EXISTS if another patient of the clinic has the number
   */
  async assertMrnIsFree(mrn: string | null | undefined, clinicId: string, clientId: string): Promise<void> {
    if (mrn && (await this.isMrnTaken(mrn, clinicId, clientId))) throw mrnTaken();
  }

  /** Whether another patient has the number at the clinic, including former patients. */
  async isMrnTaken(mrn: string, clinicId: string, exceptClientId: string): Promise<boolean> {
    const index = await this.indexes.computeOptional('mrn', await this.toMrnKey(mrn));
    if (!index) return false;
    const sql = 'SELECT 1 AS one FROM client_clinic WHERE clinic_id = $1 AND mrn_index = $2 AND client_id <> $3';
    return (await this.db.row(sql, [clinicId, index, exceptClientId])) !== null;
  }

  /** The canonical form of a record number. The database folds texts that are not ASCII, because it has the dictionary of accents. */
  async toMrnKey(mrn: string): Promise<string | null> {
    const asciiKey = toAsciiMrnKey(mrn);
    if (asciiKey !== undefined) return asciiKey;
    const row = await this.db.row<{ key: string | null }>('SELECT mrn_key($1) AS key', [mrn]);
    return row?.key ?? null;
  }

  async toPatientSearch(q: string, countries: readonly string[]): Promise<PatientSearch> {
    return {
      q,
      emailIndex: await this.contacts.emailIndex(canonicalEmail(q)),
      phoneIndexes: await this.contacts.phoneIndexes(q, countries),
      mrnIndex: await this.indexes.computeOptional('mrn', await this.toMrnKey(q)),
      birthIndexes: await this.indexes.computeAll('birthDate', parseBirthDates(q)),
    };
  }

  /** Finds possible duplicates among the patients of the clinics (null for all), most likely first. */
  async findDuplicates(person: ComparedPerson, clinicIds: readonly string[] | null): Promise<PossibleDuplicate[]> {
    type Encrypted = { dateOfBirth: Buffer | null; phone: Buffer | null };
    type Row = Omit<PossibleDuplicate, keyof Encrypted> & Encrypted & { userId: string };
    const { id, firstName, lastName, phone, dateOfBirth } = person;
    const birthIndex = await this.indexes.computeOptional('birthDate', dateOfBirth);
    const rows = await this.db.rows<Row>(FIND_DUPLICATES, [
      id,
      clinicIds,
      firstName,
      lastName,
      await this.contacts.phoneIndex(phone),
      birthIndex,
    ]);
    return rows.map(({ userId, ...row }) => ({
      ...row,
      phone: this.contacts.readPhone(userId, row.phone),
      dateOfBirth: this.encryption.readDateOfBirth(row.id, row.dateOfBirth),
    }));
  }

  /** Whether the patient has an appointment with the doctor. Cancelled ones do not count. SQL: another feature's table. */
  async hasAppointmentWith(clientId: string, doctorId: string | null): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM appointment WHERE client_id = $1 AND doctor_id = $2 AND status <> 'CANCELLED' LIMIT 1`,
      [clientId, doctorId],
    );
    return row !== null;
  }

  /** @param clinicIds as in `find`; empty if the reader requests a clinic at which they do not work */
  async list(
    actor: Actor,
    query: ClientsQuery,
    clinicIds: readonly string[] | null,
    countries: readonly string[],
  ): Promise<Page<ClientView>> {
    const search = query.q ? await this.toPatientSearch(query.q, countries) : null;
    const page = await readPage<ViewRow>(this.db, query, {
      select: CLIENT_COLUMNS,
      from: (bind) => joinClinicRecord(bind(clinicIds)),
      countFrom: `client c ${ACCOUNT}`,
      where: (bind) => [
        visibleTo(actor, search, bind),
        ...(query.clinicId ? [isPatientAt(clinicIds ?? [], bind)] : []),
        ...(search ? [matchesSearch(search, clinicIds, bind)] : []),
      ],
      ...{ columns: SORTS, idColumn: 'c.id' },
    });
    return page.map((row) => this.decrypt(row));
  }

  private decrypt(row: ViewRow): ClientView {
    return this.encryption.readView(this.contacts.read(row.userId, row));
  }

  private get clients() {
    return this.db.repository(Client);
  }
}

const mrnTaken = (): DomainError =>
  new DomainError(
    'ALREADY_EXISTS',
    'Another patient of this clinic has this record number (MRN). Use another number, or merge the records.',
  );

registerConstraintErrors({ client_clinic_mrn: mrnTaken });
