import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, limitOf, type Page, pageOf } from '../../core/http/page.js';
import { canonicalEmail } from '../../core/kernel/email.js';
import type { Actor } from '../../core/security/actor.js';
import { personMatches } from '../users/index.js';
import { Client } from './client.entity.js';
import type { ClientsQuery, ClientView } from './clients.dto.js';

// The record shows fields of the account too: its version rises when either of them changes.
const CLIENT_COLUMNS = `
  c.id, c.user_id AS "userId", u.email, u.first_name AS "firstName", u.last_name AS "lastName", u.phone,
  u.time_zone AS "timeZone", u.locale, to_char(c.date_of_birth, 'YYYY-MM-DD') AS "dateOfBirth", c.sex, c.mrn, c.address,
  c.emergency_contact AS "emergencyContact", c.notes,
  ARRAY(SELECT clinic_id FROM client_clinic WHERE client_id = c.id ORDER BY clinic_id) AS "clinicIds",
  c.version + u.version - 1 AS version,
  c.created_at AS "createdAt", c.updated_at AS "updatedAt"`;

const FROM_CLIENT = `FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL`;

const SORTS = {
  createdAt: { column: 'c.id', type: 'uuid' },
  lastName: { column: 'u.last_name', type: 'text' },
} as const;

const FEWEST_DIGITS = 4;
const FULL_NUMBER_DIGITS = 7;

type Take = (value: unknown) => string;

@Injectable()
export class ClientsRepository {
  constructor(private readonly db: Database) {}

  find(id: string): Promise<ClientView | null> {
    return this.db.row<ClientView>(`SELECT ${CLIENT_COLUMNS} ${FROM_CLIENT} WHERE c.id = $1`, [id]);
  }

  findByUser(userId: string): Promise<ClientView | null> {
    return this.db.row<ClientView>(`SELECT ${CLIENT_COLUMNS} ${FROM_CLIENT} WHERE c.user_id = $1`, [userId]);
  }

  /** Where the client is known; null where there is no such client. */
  async clinicsOf(id: string): Promise<string[] | null> {
    const row = await this.db.row<{ ids: string[] }>(
      `SELECT to_json(ARRAY(SELECT clinic_id FROM client_clinic WHERE client_id = c.id)) AS ids ${FROM_CLIENT} WHERE c.id = $1`,
      [id],
    );
    return row?.ids ?? null;
  }

  /** With its account, the fields of which are part of the record. */
  async lock(id: string): Promise<Client | null> {
    await this.db.rows(`SELECT c.id FROM client c JOIN user_account u ON u.id = c.user_id WHERE c.id = $1 FOR UPDATE`, [
      id,
    ]);
    return this.db.repository(Client).findOne({ where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async save(client: Client): Promise<void> {
    const { id, ...columns } = client;
    await this.db.repository(Client).update({ id }, columns);
  }

  async linkToClinic(clientId: string, clinicId: string): Promise<void> {
    await this.db.rows(`INSERT INTO client_clinic (client_id, clinic_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`, [
      clientId,
      clinicId,
    ]);
  }

  /** One that was called off gives a doctor no sight of the patient. */
  async hasAppointmentWith(clientId: string, doctorId: string | null): Promise<boolean> {
    const row = await this.db.row(
      `SELECT 1 AS one FROM appointment WHERE client_id = $1 AND doctor_id = $2 AND status <> 'CANCELLED' LIMIT 1`,
      [clientId, doctorId],
    );
    return row !== null;
  }

  async list(actor: Actor, query: ClientsQuery): Promise<Page<ClientView>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'c.id', cursor: query.cursor });
    const values: unknown[] = [];
    const take: Take = (value) => `$${values.push(value)}`;
    const where = [visibleTo(actor, query.q, take)];
    if (query.clinicId) where.push(inClinics(askedClinics(actor, query.clinicId), take));
    if (query.q) where.push(matching(query.q, take));
    const condition = where.join(' AND ');
    const counted = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<ClientView>(
      `SELECT ${CLIENT_COLUMNS} ${FROM_CLIENT} WHERE ${condition} ${after} ${page.orderBy}
       ${limitOf(query.limit, take)}`,
      values,
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n ${FROM_CLIENT} WHERE ${condition}`, counted)
      : null;
    return pageOf(rows, query.limit, page, total?.n);
  }
}

/** Who is a patient of somebody else's clinic is not told. */
const askedClinics = (actor: Actor, clinicId: string): string[] =>
  actor.role === 'ADMIN' || actor.clinicIds.includes(clinicId.toLowerCase()) ? [clinicId] : [];

const inClinics = (ids: readonly string[], take: Take): string =>
  `EXISTS (SELECT FROM client_clinic x WHERE x.client_id = c.id AND x.clinic_id = ANY (${take(ids)}::uuid[]))`;

/**
 * The clients of one's clinics; a doctor's own patients. Somebody whom no clinic knows yet is found by the desk only by
 * the whole address or number, which that person has just told it.
 */
function visibleTo(actor: Actor, q: string | undefined, take: Take): string {
  if (actor.role === 'ADMIN') return 'true';
  if (actor.role === 'DOCTOR') {
    return `EXISTS (SELECT FROM appointment a WHERE a.client_id = c.id AND a.status <> 'CANCELLED'
      AND a.doctor_id = ${take(actor.doctorId)}::uuid)`;
  }
  const own = inClinics(actor.clinicIds, take);
  if (!q) return own;
  const digits = digitsOf(q);
  const exact = [`u.email = ${take(canonicalEmail(q))}`];
  if (digits.length >= FULL_NUMBER_DIGITS) exact.push(`phone_digits(u.phone) = ${take(q.replace(/\D/g, ''))}`);
  return `(${own} OR (NOT EXISTS (SELECT FROM client_clinic y WHERE y.client_id = c.id) AND (${exact.join(' OR ')})))`;
}

/** Digits without the zeros that a local number begins with. */
const digitsOf = (q: string): string => (/^[\d\s()+/-]+$/.test(q) ? q.replace(/\D/g, '').replace(/^0+/, '') : '');

function matching(q: string, take: Take): string {
  const digits = digitsOf(q);
  if (digits.length >= FEWEST_DIGITS) return `phone_digits(u.phone) LIKE ${take(`%${digits}%`)}`;
  return personMatches(q, take);
}
