import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { CANONICAL_ROW, CHAIN_DAY, type CanonicalRow, type Chain } from './link-hash.js';

/** The key of the advisory lock that lets one process link at a time. */
const LINK_LOCK = 7_240_008;

export interface UnlinkedRow extends Chain {
  id: string;
  row: CanonicalRow;
}

export interface ChainHead extends Chain {
  position: number;
  hash: Buffer;
}

export interface NewLink extends Chain {
  auditId: string;
  position: number;
  previousHash: Buffer;
  hash: Buffer;
}

/** A link with its audit row; `row` is null if the audit row is missing. */
export interface LinkedRow extends NewLink {
  row: CanonicalRow | null;
  /** The month of the audit row was archived. */
  isArchived: boolean;
  /** The chain that the audit row belongs to. */
  rowClinicId: string | null;
  rowDay: string | null;
}

/** The position of a link in its chain. */
export interface LinkPosition extends Chain {
  position: number;
}

/** The days to verify, both included. */
export interface DayRange {
  from: string;
  to: string;
}

/** Hand-written SQL: TypeORM has no anti-joins, arrays of casts, row comparison and advisory locks. */
@Injectable()
export class AuditLinksRepository {
  constructor(private readonly db: Database) {}

  /** Until the end of the transaction. @returns false if another process is linking */
  async tryLock(): Promise<boolean> {
    const row = await this.db.row<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [LINK_LOCK]);
    return row?.locked ?? false;
  }

  /** Rows without a link, oldest first. The rows of a time range are compared with the links, so that none is skipped. */
  findUnlinked(from: Date, to: Date, limit: number): Promise<UnlinkedRow[]> {
    return this.db.rows<UnlinkedRow>(
      `SELECT l.id, ${CHAIN_CLINIC} AS "clinicId", ${CHAIN_DAY} AS day, ${CANONICAL_ROW} AS row
       FROM audit_log l
       WHERE l.occurred_at >= $1 AND l.occurred_at < $2 AND NOT EXISTS (SELECT FROM audit_link k WHERE k.audit_id = l.id)
       ORDER BY l.occurred_at, l.id LIMIT $3`,
      [from, to, limit],
    );
  }

  async countUnlinked(from: Date, to: Date): Promise<number> {
    const row = await this.db.row<{ n: number }>(
      `SELECT count(*)::int AS n FROM audit_log l
       WHERE l.occurred_at >= $1 AND l.occurred_at < $2 AND NOT EXISTS (SELECT FROM audit_link k WHERE k.audit_id = l.id)`,
      [from, to],
    );
    return row?.n ?? 0;
  }

  /** The times of the first and the last audit row; null if there is none. */
  async findTimeRange(): Promise<{ from: Date; to: Date } | null> {
    const row = await this.db.row<{ from: Date | null; to: Date | null }>(
      'SELECT min(occurred_at) AS "from", max(occurred_at) AS "to" FROM audit_log',
    );
    return row?.from && row.to ? { from: row.from, to: row.to } : null;
  }

  /** The last links of the chains. */
  findHeads(chains: readonly Chain[]): Promise<ChainHead[]> {
    return this.db.rows<ChainHead>(
      `SELECT c.clinic_id AS "clinicId", c.day::text AS day, head.position, head.hash
       FROM json_to_recordset($1::json) AS c (clinic_id uuid, day date)
       CROSS JOIN LATERAL (SELECT position, hash FROM audit_link k WHERE k.clinic_id = c.clinic_id AND k.day = c.day
                           ORDER BY position DESC LIMIT 1) head`,
      [JSON.stringify(chains.map(({ clinicId, day }) => ({ clinic_id: clinicId, day })))],
    );
  }

  async insert(links: readonly NewLink[]): Promise<void> {
    const hex = (bytes: Buffer): string => `\\x${bytes.toString('hex')}`;
    const rows = links.map(({ auditId, clinicId, day, position, previousHash, hash }) => ({
      audit_id: auditId,
      clinic_id: clinicId,
      day,
      position,
      previous_hash: hex(previousHash),
      hash: hex(hash),
    }));
    await this.db.rows(
      `INSERT INTO audit_link (audit_id, clinic_id, day, position, previous_hash, hash)
       SELECT audit_id, clinic_id, day, position, previous_hash, hash FROM json_populate_recordset(NULL::audit_link, $1::json)`,
      [JSON.stringify(rows)],
    );
  }

  /** The links after a position, in the order of chains and positions, with their audit rows. */
  findPage(after: LinkPosition, { from, to }: DayRange, limit: number): Promise<LinkedRow[]> {
    return this.db.rows<LinkedRow>(
      `SELECT k.audit_id AS "auditId", k.clinic_id AS "clinicId", k.day::text AS day, k.position,
              k.previous_hash AS "previousHash", k.hash, ${CHAIN_CLINIC} AS "rowClinicId", ${CHAIN_DAY} AS "rowDay",
              CASE WHEN l.id IS NOT NULL THEN ${CANONICAL_ROW} END AS row, coalesce(l.id IS NULL AND ${IS_ARCHIVED}, false) AS "isArchived"
       FROM (SELECT * FROM audit_link
             WHERE (clinic_id, day, position) > ($1::uuid, $2::date, $3::int) AND day >= $4::date AND day <= $5::date
             ORDER BY clinic_id, day, position LIMIT $6) k
       LEFT JOIN audit_log l ON l.id = k.audit_id
       ORDER BY k.clinic_id, k.day, k.position`,
      [after.clinicId, after.day, after.position, from, to, limit],
    );
  }
}

/**
 * Whether the row of a link `k` is of a month that `partitions.ts` archived. It is also older than all rows that are left, so that a row
 * deleted from the rest of the log is never taken for an archived one.
 */
const IS_ARCHIVED = `
  k.audit_id < (SELECT id FROM audit_log ORDER BY id LIMIT 1) AND
  k.audit_id < (SELECT max(a.changes ->> 'untilId')::uuid FROM audit_log a WHERE a.action = 'audit.archived')`;

/** The clinic of the chain that an audit row belongs to. */
const CHAIN_CLINIC = `coalesce(l.clinic_id, '00000000-0000-0000-0000-000000000000')`;
