import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { keyset, limitClause, toPage, type Page, type BindValue } from '../../core/http/page.js';
import type { Actor } from '../../core/kernel/actor.js';
import { ApiKey } from './api-key.entity.js';
import type { ApiKeysQuery, ApiKeyView } from './api-keys.dto.js';

/** What decides whether a key works now. */
export interface KeyForUse {
  id: string;
  makerId: string;
  secretHash: Buffer;
  permissions: string[];
  /** The clinics of the key that its maker may grant now; empty if none. */
  clinicIds: string[];
  expiresAt: Date | null;
  lastUsedAt: Date | null;
  isRevoked: boolean;
}

type NewApiKey = Pick<
  ApiKey,
  'id' | 'makerId' | 'name' | 'secretHash' | 'permissions' | 'clinicIds' | 'createdAt' | 'expiresAt'
>;

/** Ids sort by time. */
const SORTS = { createdAt: { column: 'k.id', type: 'uuid' } } as const;

/**
 * The clinics of the key `k` that exist and its maker `u` may grant now, in SQL. It is computed whenever a key is read, so a
 * feature that changes a person's role or clinics, or deletes a clinic, does not have to change keys.
 */
const GRANTED_CLINICS = `CASE WHEN u.deleted_at IS NULL AND u.role IN ('ADMIN', 'MANAGER') THEN ARRAY(
      SELECT c.id FROM clinic c
      WHERE c.id = ANY (k.clinic_ids) AND c.deleted_at IS NULL
        AND (u.role = 'ADMIN' OR EXISTS (SELECT FROM user_clinic w WHERE w.user_id = u.id AND w.clinic_id = c.id))
      ORDER BY c.id)
    ELSE '{}' END::uuid[]`;

/** Hand-written SQL: accounts belong to another feature, arrays are compared, and lists need row comparison. */
@Injectable()
export class ApiKeysRepository {
  constructor(private readonly db: Database) {}

  async insert(key: NewApiKey): Promise<void> {
    await this.keys.insert(key);
  }

  /** Whether the maker's session was ended, for example by “sign out everywhere”. */
  async hasSessionEnded(id: string, makerId: string): Promise<boolean> {
    const row = await this.db.row(
      'SELECT 1 AS one FROM session WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL',
      [id, makerId],
    );
    return row === null;
  }

  /** Locks a key that is not revoked. */
  lock(id: string): Promise<ApiKey | null> {
    return this.keys
      .createQueryBuilder('k')
      .setLock('pessimistic_write')
      .where('k.id = :id AND k.revokedAt IS NULL', { id })
      .getOne();
  }

  async revoke(id: string, revokedBy: string): Promise<void> {
    // By the database's clock, which all processes share.
    await this.keys.update({ id }, { revokedAt: () => 'now()', revokedBy });
  }

  async setClinics(id: string, clinicIds: string[]): Promise<void> {
    await this.keys.update({ id }, { clinicIds });
  }

  /** Writes the use unless one of the same minute was written. */
  async setLastUsed(id: string, at: Date, ip: string | null): Promise<void> {
    await this.db.rows(
      `UPDATE api_key SET last_used_at = $2::timestamptz, last_used_ip = coalesce($3, last_used_ip)
       WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $2::timestamptz - interval '1 minute')`,
      [id, at, ip],
    );
  }

  findForUse(ids: readonly string[]): Promise<KeyForUse[]> {
    return this.db.rows<KeyForUse>(
      `SELECT k.id, k.maker_id AS "makerId", k.secret_hash AS "secretHash", k.permissions, ${GRANTED_CLINICS} AS "clinicIds",
              k.expires_at AS "expiresAt", k.last_used_at AS "lastUsedAt", k.revoked_at IS NOT NULL AS "isRevoked"
       FROM api_key k JOIN user_account u ON u.id = k.maker_id WHERE k.id = ANY ($1::uuid[])`,
      [ids],
    );
  }

  /** The keys that are not revoked. @param now decides which have expired */
  async list(actor: Actor, query: ApiKeysQuery, now: Date): Promise<Page<ApiKeyView>> {
    const page = keyset({ sort: query.sort, columns: SORTS, idColumn: 'k.id', cursor: query.cursor });
    const values: unknown[] = [];
    const bind = (value: unknown): string => `$${values.push(value)}`;
    const where = ['k.revoked_at IS NULL', ...visibleTo(actor, bind)];
    if (query.clinicId) where.push(`${bind(query.clinicId)}::uuid = ANY (k.clinic_ids)`);
    const condition = where.join(' AND ');
    const counted = [...values];
    const after = page.where(values.length + 1);
    values.push(...page.values);
    const rows = await this.db.rows<ApiKeyView>(
      `SELECT id, name, permissions, ARRAY(SELECT c FROM unnest(granted) c WHERE ${shownTo(actor, bind)}) AS "clinicIds",
              maker_id AS "makerId", created_at AS "createdAt", expires_at AS "expiresAt", last_used_at AS "lastUsedAt",
              last_used_ip AS "lastUsedIp",
              CASE WHEN expires_at <= ${bind(now)}::timestamptz THEN 'EXPIRED' WHEN cardinality(granted) = 0 THEN 'INACTIVE'
                ELSE 'ACTIVE' END AS status
       FROM (SELECT k.*, ${GRANTED_CLINICS} AS granted FROM api_key k JOIN user_account u ON u.id = k.maker_id
             WHERE ${condition} ${after} ${page.orderBy} ${limitClause(query.limit, bind)}) k
       ${page.orderBy}`,
      values,
    );
    const total = query.withTotal
      ? await this.db.row<{ n: number }>(`SELECT count(*)::int AS n FROM api_key k WHERE ${condition}`, counted)
      : null;
    return toPage(rows, query.limit, page, total?.n);
  }

  private get keys() {
    return this.db.repository(ApiKey);
  }
}

const visibleTo = (actor: Actor, bind: BindValue): string[] =>
  actor.role === 'ADMIN'
    ? []
    : [`(k.maker_id = ${bind(actor.userId)}::uuid OR k.clinic_ids && ${bind(actor.clinicIds)}::uuid[])`];

/** The clinics `c` of a key that the reader may know. */
const shownTo = (actor: Actor, bind: BindValue): string =>
  actor.role === 'ADMIN' ? 'true' : `c = ANY (${bind(actor.clinicIds)}::uuid[])`;
