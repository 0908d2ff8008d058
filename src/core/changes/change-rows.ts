/** A row of `audit_log` by column names, as JSON for PostgreSQL. */
export interface AuditRow {
  id: string;
  actor_user_id: string | null;
  actor_role: string | null;
  action: string;
  object_type: string;
  object_id: string;
  clinic_id: string | null;
  /** bytea in PostgreSQL's hex format: `\x` and two digits for each byte. */
  before_hash: string | null;
  after_hash: string | null;
  changes: Record<string, unknown> | null;
  request_id: string | null;
  ip: string | null;
  device: string | null;
  api_key_id: string | null;
}

/** A row of `outbox` by column names. */
export interface EventRow {
  id: string;
  event: string;
  aggregate_id: string;
  clinic_id: string | null;
  payload: object;
}

const AUDIT_COLUMNS: readonly (keyof AuditRow)[] = [
  ...(['id', 'actor_user_id', 'actor_role', 'action', 'object_type', 'object_id', 'clinic_id'] as const),
  ...(['before_hash', 'after_hash', 'changes', 'request_id', 'ip', 'device', 'api_key_id'] as const),
];

/** SQL that inserts the audit rows of `source`, a FROM clause with a row of `audit_log` named `l`. */
export const insertAudit = (source: string): string =>
  `INSERT INTO audit_log (${AUDIT_COLUMNS.join(', ')}) SELECT ${AUDIT_COLUMNS.map((name) => `l.${name}`).join(', ')} FROM ${source}`;

/** SQL that inserts the events of `source`, a FROM clause with a row of `outbox` named `e`. */
export const insertEvents = (source: string, payload = 'e.payload'): string =>
  `INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload)
   SELECT e.id, e.event, e.aggregate_id, e.clinic_id, ${payload} FROM ${source}`;

/** Inserts audit rows ($1). They are JSON so that the same statement inserts one or many. */
export const INSERT_AUDIT = insertAudit('json_populate_recordset(NULL::audit_log, $1::json) l');

/** Inserts audit rows ($1) and outbox rows ($2). */
export const INSERT_AUDIT_AND_EVENTS = `
  WITH audited AS (${INSERT_AUDIT})
  ${insertEvents('json_populate_recordset(NULL::outbox, $2::json) e')}`;
