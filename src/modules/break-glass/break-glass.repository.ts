import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { encryptedField } from '../../core/encryption/encrypted-column.js';
import { FieldEncryption } from '../../core/encryption/field-encryption.js';
import { byCreation, readPage, type Page, type BindValue } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { hasTrustedAddress, USER_EMAIL } from '../users/index.js';
import type { BreakGlassQuery, BreakGlassView } from './break-glass.dto.js';
import { BreakGlass, type BreakGlassRole } from './break-glass.entity.js';

export interface NewBreakGlass {
  id: string;
  clientId: string;
  userId: string;
  role: BreakGlassRole;
  clinicIds: string[];
  reason: string;
  openedAt: Date;
  expiresAt: Date;
}

/** An access that is open now. */
export interface EmergencyAccess {
  id: string;
  /** The clinics whose managers were notified. */
  clinicIds: string[];
}

/** Somebody who is notified of an access. */
export interface Recipient {
  userId: string;
  /** Null if they have no address, or a patient none that is trusted (`hasTrustedAddress`). */
  email: string | null;
}

type Row = Omit<BreakGlassView, 'reason'> & { reason: Buffer | null };

const SORTS = { createdAt: byCreation('g.id') } as const;

/** The clinics at which the user `$1` works. */
const WORKPLACES = `
  SELECT clinic_id AS id FROM user_clinic WHERE user_id = $1
  UNION SELECT clinic_id FROM doctor WHERE user_id = $1 AND deleted_at IS NULL`;

/** The managers of the clinics `$1`. */
const MANAGERS = `
  SELECT m.id FROM user_account m JOIN user_clinic x ON x.user_id = m.id AND x.clinic_id = ANY ($1::uuid[])
  WHERE m.role = 'MANAGER' AND m.deleted_at IS NULL`;

export const BREAK_GLASS_REASON = encryptedField('break_glass', 'reason', { id: 'uuid' });

/** The encrypted address of a recipient. */
interface RecipientRow {
  userId: string;
  email: Buffer | null;
}

/** The SQL condition on `break_glass g` that the actor may list the access. */
function visibleTo(actor: Actor, bind: BindValue): string {
  switch (actor.role) {
    case 'ADMIN':
      return 'true';
    case 'MANAGER':
      return `g.clinic_ids && ${bind(actor.clinicIds)}::uuid[]`;
    case 'CLIENT':
      return `g.client_id = ${bind(actor.clientId)}::uuid`;
    default:
      return 'false';
  }
}

/** Hand-written SQL: most statements read tables of other features. */
@Injectable()
export class BreakGlassRepository {
  constructor(
    private readonly db: Database,
    private readonly encryption: FieldEncryption,
  ) {}

  async insert({ reason, ...row }: NewBreakGlass): Promise<void> {
    const encrypted = this.encryption.encrypt(BREAK_GLASS_REASON, reason, row.id);
    await this.db.repository(BreakGlass).insert({ ...row, reason: encrypted });
  }

  /** The access that lets the user read the patient's record now: while they have the same role and work at one of its clinics. */
  async findOpen({ userId, role }: Actor, clientId: string, now: Date): Promise<EmergencyAccess | null> {
    return this.db.row<EmergencyAccess>(
      `SELECT g.id, g.clinic_ids AS "clinicIds" FROM break_glass g WHERE g.user_id = $1 AND g.client_id = $2 AND g.role = $3
         AND g.opened_at <= $4 AND g.expires_at > $4 AND EXISTS (SELECT FROM (${WORKPLACES}) w WHERE w.id = ANY (g.clinic_ids))
       ORDER BY g.id DESC LIMIT 1`,
      [userId, clientId, role, now.toISOString()],
    );
  }

  async findWorkplaces(userId: string): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(`${WORKPLACES} ORDER BY id`, [userId]);
    return rows.map(({ id }) => id);
  }

  /** The patient's account; null if there is no such patient. */
  async findPatient(clientId: string): Promise<Recipient | null> {
    const row = await this.db.row<RecipientRow>(
      `SELECT u.id AS "userId", CASE WHEN ${hasTrustedAddress('u')} THEN u.email END AS email
       FROM client c JOIN user_account u ON u.id = c.user_id AND u.deleted_at IS NULL WHERE c.id = $1`,
      [clientId],
    );
    return row && this.readAddress(row);
  }

  /** The managers of these clinics; if they have none, the administrators, so that somebody is always notified. */
  async findManagers(clinicIds: readonly string[]): Promise<Recipient[]> {
    const rows = await this.db.rows<RecipientRow>(
      `SELECT u.id AS "userId", u.email FROM user_account u
       WHERE u.id IN (${MANAGERS}) OR (NOT EXISTS (${MANAGERS}) AND u.role = 'ADMIN' AND u.deleted_at IS NULL) ORDER BY u.id`,
      [clinicIds],
    );
    return rows.map((row) => this.readAddress(row));
  }

  /** Patients see who read their own record, managers the accesses by people of their clinics, an ADMIN all. */
  async list(actor: Actor, query: BreakGlassQuery): Promise<Page<BreakGlassView>> {
    // Patients get the role and the clinic of the reader, but not the name.
    const name = actor.role === 'CLIENT' ? 'NULL' : `concat_ws(' ', u.first_name, u.last_name)`;
    const select = `g.id, g.client_id AS "clientId", g.clinic_ids AS "clinicIds", g.reason, g.opened_at AS "openedAt",
      g.expires_at AS "expiresAt",
      json_build_object('id', g.user_id, 'role', g.role, 'name', CASE WHEN u.deleted_at IS NULL THEN ${name} END) AS user`;
    const { clientId } = query;
    const newestFirst = { ...query, sort: '-createdAt' };
    const page = await readPage<Row>(this.db, newestFirst, {
      select,
      from: 'break_glass g JOIN user_account u ON u.id = g.user_id',
      columns: SORTS,
      idColumn: 'g.id',
      where: (bind) => [visibleTo(actor, bind), ...(clientId ? [`g.client_id = ${bind(clientId)}::uuid`] : [])],
    });
    return page.map((row) => ({ ...row, reason: this.readReason(row) }));
  }

  private readReason({ id, reason }: Pick<Row, 'id' | 'reason'>): string | null {
    return this.encryption.readText(BREAK_GLASS_REASON, reason, id);
  }

  /** An emergency access must not fail because of the address of somebody who is notified. */
  private readAddress({ userId, email }: RecipientRow): Recipient {
    return { userId, email: this.encryption.readField(USER_EMAIL, email, userId) };
  }
}
