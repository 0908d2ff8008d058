import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { byCreation, keyset, limitClause, type Page, toPage } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ClientClinic } from './client-clinic.entity.js';
import { Client } from './client.entity.js';
import { isPatientAt, matchesSearch, visibleTo, type PatientSearch, type Take } from './client-search.js';
import type { ClientsQuery, ClientView, PossibleDuplicate } from './clients.dto.js';
import { FIND_DUPLICATES, type RegisteredPerson } from './duplicates.js';

// The view includes fields of the account: `version` and `updatedAt` change if the record or the account does.
const CLIENT_COLUMNS = `
  c.id, c.user_id AS "userId", u.email, u.email_verified_at IS NOT NULL AS "emailVerified",
  u.first_name AS "firstName", u.last_name AS "lastName", u.phone,
  u.time_zone AS "timeZone", u.locale, to_char(c.date_of_birth, 'YYYY-MM-DD') AS "dateOfBirth", c.sex, c.address,
  c.emergency_contact AS "emergencyContact", own.mrn, own.notes, own.clinic_id AS "clinicId",
  ARRAY(SELECT clinic_id FROM clinic_patient WHERE client_id = c.id ORDER BY clinic_id) AS "clinicIds",
  c.version + u.version - 1 AS version,
  c.created_at AS "createdAt", greatest(c.updated_at, u.updated_at) AS "updatedAt"`;

const ACCOUNT = `JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL`;

/** Joins the record of the reader's clinic; empty if the patient belongs to several of the reader's clinics. */
const fromClient = (clinics: string): string => `
  FROM client c ${ACCOUNT}
  LEFT JOIN LATERAL (
    SELECT min(x.clinic_id::text)::uuid AS clinic_id, min(x.mrn) AS mrn, min(x.notes) AS notes
    FROM clinic_patient p JOIN client_clinic x ON x.client_id = p.client_id AND x.clinic_id = p.clinic_id
    WHERE p.client_id = c.id AND (${clinics}::uuid[] IS NULL OR p.clinic_id = ANY (${clinics}::uuid[]))
    HAVING count(*) = 1) own ON true`;

const SORTS = {
  createdAt: byCreation('c.id'),
  lastName: { column: 'u.last_name', type: 'text' },
} as const;

/** The clinic's own fields of a patient. */
export interface ClinicRecord {
  mrn?: string | null;
  notes?: string | null;
}

/**
 * Reads of views are hand-written SQL: they join several tables, search uses full text and trigrams, and lists continue after a
 * cursor.
 */
@Injectable()
export class ClientsRepository {
  constructor(private readonly db: Database) {}

  /** @param clinicIds the reader's clinics, or the one that the reader requests; null for all */
  find(id: string, clinicIds: readonly string[] | null): Promise<ClientView | null> {
    return this.db.row<ClientView>(`SELECT ${CLIENT_COLUMNS} ${fromClient('$2')} WHERE c.id = $1`, [id, clinicIds]);
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
    return this.clients.findOneBy({ id });
  }

  async save(client: Client): Promise<void> {
    const { id, ...columns } = client;
    await this.clients.update({ id }, columns);
  }

  /** Saves the defined fields. The row of `client_clinic` must exist. */
  async saveClinicRecord(clientId: string, clinicId: string, record: ClinicRecord): Promise<void> {
    if (Object.values(record).every((value) => value === undefined)) return;
    await this.db.repository(ClientClinic).update({ clientId, clinicId }, record);
  }

  /** Whether another patient has the number at the clinic, including former patients. SQL: mrn_key() is a database function. */
  async isMrnTaken(mrn: string, clinicId: string, except: string): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM client_clinic WHERE clinic_id = $1 AND mrn_key = mrn_key($2) AND client_id <> $3`,
      [clinicId, mrn, except],
    );
    return row !== null;
  }

  /** Finds possible duplicates among the patients of the clinics (null for all), most likely first. */
  findDuplicates(person: RegisteredPerson, clinicIds: readonly string[] | null): Promise<PossibleDuplicate[]> {
    const { id, firstName, lastName, phone, dateOfBirth } = person;
    return this.db.rows<PossibleDuplicate>(FIND_DUPLICATES, [id, clinicIds, firstName, lastName, phone, dateOfBirth]);
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
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'c.id', cursor: query.cursor });
    const search: PatientSearch | null = query.q ? { q: query.q, countries } : null;
    const values: unknown[] = [];
    const take: Take = (value) => `$${values.push(value)}`;
    const where = [visibleTo(actor, search, take)];
    if (query.clinicId) where.push(isPatientAt(clinicIds ?? [], take));
    if (search) where.push(matchesSearch(search, clinicIds, take));
    const condition = where.join(' AND ');
    const counted = [...values];
    const from = fromClient(take(clinicIds));
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<ClientView>(
      `SELECT ${CLIENT_COLUMNS} ${from} WHERE ${condition} ${after} ${page.orderBy} ${limitClause(query.limit, take)}`,
      values,
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(
          `SELECT count(*)::int AS n FROM client c ${ACCOUNT} WHERE ${condition}`,
          counted,
        )
      : null;
    return toPage(rows, query.limit, page, total?.n);
  }

  private get clients() {
    return this.db.repository(Client);
  }
}
