import { createHash } from 'node:crypto';

/**
 * The columns of an audit row that are hashed, in this order, as text: instants in UTC with microseconds, bytes in hex, JSON as
 * PostgreSQL writes jsonb (which sorts the keys of objects). The API key is only in rows that name one, as older rows were hashed
 * without this column.
 */
export type CanonicalRow = readonly (string | null)[];

/** The SQL of a CanonicalRow; `l` is the audit row. A change of it would invalidate all chains. */
export const CANONICAL_ROW = `ARRAY[
  l.id::text, to_char(l.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), l.actor_user_id::text, l.actor_role,
  l.action, l.object_type, l.object_id::text, l.clinic_id::text, encode(l.before_hash, 'hex'), encode(l.after_hash, 'hex'),
  l.changes::text, l.request_id, l.ip, l.device] || CASE WHEN l.api_key_id IS NOT NULL THEN ARRAY[l.api_key_id::text] END`;

/** The SQL of the UTC day of an audit row, as text. */
export const CHAIN_DAY = `to_char(l.occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;

/** A chain: the rows of one clinic (or of none) and one UTC day. */
export interface Chain {
  /** The nil UUID for rows without a clinic. */
  clinicId: string;
  day: string;
}

export const toChainKey = ({ clinicId, day }: Chain): string => `${clinicId} ${day}`;

/** The hash before the first row of a chain. Binds the chain to its clinic and day. */
export const genesisHash = ({ clinicId, day }: Chain): Buffer =>
  createHash('sha256').update(`careslot audit chain 1\n${clinicId}\n${day}`).digest();

/** SHA-256 of the previous hash followed by the row as a JSON array. */
export const linkHash = (previous: Buffer, row: CanonicalRow): Buffer =>
  createHash('sha256').update(previous).update(JSON.stringify(row)).digest();
