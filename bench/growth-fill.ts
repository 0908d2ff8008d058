import type { Client } from 'pg';
import { idInSql, timedIdInSql } from './dataset.js';
import { log } from './report.js';

/** Audit rows and deliveries are of this many months; partitions are created for all of them. */
const MONTHS = 36;
const BATCH = 250_000;
/** The published events of two days. */
export const OUTBOX_ROWS = 500_000;
const DUE_ROWS = 2_000;

interface Month {
  from: string;
  to: string;
}

/** The months from the first one until now. */
function months(today: string): Month[] {
  const [year = 0, month = 1] = today.split('-').map(Number);
  const at = (offset: number): string => new Date(Date.UTC(year, month - 1 + offset)).toISOString();
  return Array.from({ length: MONTHS }, (_, n) => ({ from: at(n - MONTHS + 1), to: at(n - MONTHS + 2) }));
}

/**
 * Gives an empty database the partitions of an installation that was partitioned three years ago. Of the outbox, whose events are deleted
 * after two days, `partitions.ts` has dropped all months except the last one.
 */
export async function createPastPartitions(client: Client, today: string): Promise<void> {
  const all = months(today);
  for (const table of ['audit_log', 'outbox', 'notification']) {
    const first = table === 'outbox' ? all.at(-1) : all[0];
    const { rows } = await client.query<{ name: string }>(
      `SELECT partition AS name FROM month_partitions() WHERE parent = $1 AND until_id IS NOT NULL`,
      [table],
    );
    for (const { name } of rows) await client.query(`DROP TABLE partitions.${name}`);
    await client.query(
      `CREATE TABLE partitions.${table}_first (LIKE partitions.${table}_default INCLUDING ALL EXCLUDING IDENTITY)`,
    );
    await client.query(
      `DO $$ BEGIN EXECUTE format('ALTER TABLE ${table} ATTACH PARTITION partitions.${table}_first FOR VALUES FROM (MINVALUE) TO (%L)',
         lowest_id('${first?.from}')); END $$`,
    );
  }
  for (let created = true; created;) {
    const { rows } = await client.query<{ name: string | null }>('SELECT create_next_partition() AS name');
    created = rows[0]?.name != null;
  }
}

/** Inserts audit rows with all indexes: those of the bookings, and reads of records and lists by 400 people. @returns their number */
export async function fillAudit(client: Client, today: string, total: number, clients: number): Promise<number> {
  const all = months(today);
  let written = 0;
  for (const [n, { from, to }] of all.entries()) {
    const due = Math.round((total * (n + 1)) / all.length);
    written += (await client.query(AUDIT_OF_BOOKINGS, [from, to, due - written])).rowCount ?? 0;
    while (written < due) {
      const count = Math.min(BATCH, due - written);
      await client.query(AUDIT_OF_READS, [from, to, count, written, clients]);
      written += count;
    }
    if (n % 6 === 5) log(`  until ${to.slice(0, 10)}: ${written.toLocaleString('en')} audit rows`);
  }
  return written;
}

/** Inserts two reminders of each past appointment, and some that are due now. */
export async function fillDeliveries(client: Client, today: string): Promise<void> {
  for (const { from, to } of months(today)) await client.query(DELIVERIES, [from, to]);
  await client.query(DUE_DELIVERIES, [DUE_ROWS]);
}

/** Inserts the published events of two days, and some that are waiting. */
export async function fillOutbox(client: Client): Promise<void> {
  await client.query(OUTBOX, [OUTBOX_ROWS, DUE_ROWS]);
  await client.query(`UPDATE outbox_relay SET position = (SELECT max(position) FROM outbox)`);
}

const AUDIT_COLUMNS = `(id, occurred_at, actor_user_id, actor_role, action, object_type, object_id, clinic_id, before_hash, after_hash, changes, request_id, ip, device)`;
const DEVICE = `'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)'`;

const AUDIT_OF_BOOKINGS = `
  INSERT INTO audit_log ${AUDIT_COLUMNS}
  SELECT ${timedIdInSql('a.created_at', `md5('booked' || a.id)`)}, a.created_at, md5('actor' || right(a.id::text, 2))::uuid, 'STAFF', 'appointment.booked',
         'appointment', a.id, a.clinic_id, NULL, sha256(a.id::text::bytea), jsonb_build_object('status', jsonb_build_array(NULL, 'CONFIRMED')),
         md5(a.id::text), '203.0.113.7', ${DEVICE}
  FROM appointment a WHERE a.created_at >= $1 AND a.created_at < $2 LIMIT $3`;

const AUDIT_OF_READS = `
  INSERT INTO audit_log ${AUDIT_COLUMNS}
  SELECT ${timedIdInSql('at', `md5('read' || n)`)}, at, md5('actor' || n % 400)::uuid, 'STAFF',
         CASE WHEN n % 4 = 0 THEN 'client.list-read' ELSE 'client.read' END, 'client',
         CASE WHEN n % 4 = 0 THEN '00000000-0000-0000-0000-000000000000' ELSE ${idInSql('client', 'client')} END,
         ${idInSql('clinic', 'n % 5')}, NULL, NULL,
         jsonb_build_object('clientIds', CASE WHEN n % 4 = 0
           THEN (SELECT jsonb_agg(${idInSql('client', '(n * 7919 + k) % $5::bigint')}) FROM generate_series(1, 10) AS k)
           ELSE jsonb_build_array(${idInSql('client', 'client')}) END),
         md5(n::text), '203.0.113.7', ${DEVICE}
  FROM (SELECT n, n * 7919 % $5::bigint AS client,
               $1::timestamptz + ($2::timestamptz - $1::timestamptz) * ((n - $4::bigint) / ($3::int + 1.0)) AS at
        FROM generate_series($4::bigint + 1, $4::bigint + $3::int) n) made`;

const DELIVERY_COLUMNS = `(id, user_id, clinic_id, appointment_id, kind, channel, offset_minutes, version, state, due_at, next_attempt_at, attempts, sent_at, created_at)`;

const DELIVERIES = `
  INSERT INTO notification ${DELIVERY_COLUMNS}
  SELECT ${timedIdInSql('due', 'md5(channel || a.id)')}, c.user_id, a.clinic_id, a.id, 'APPOINTMENT_REMINDER', channel, 1440, a.schedule_version, 'SENT',
         due, due, 1, due, due
  FROM (SELECT *, start_at - interval '1 day' AS due FROM appointment) a JOIN client c ON c.id = a.client_id,
       unnest('{IN_APP,EMAIL}'::text[]) AS channel
  WHERE a.start_at >= $1::timestamptz AND a.start_at < least($2::timestamptz, now())`;

const DUE_DELIVERIES = `
  INSERT INTO notification ${DELIVERY_COLUMNS}
  SELECT uuid7(), c.user_id, a.clinic_id, a.id, 'APPOINTMENT_REMINDER', 'EMAIL', 120, a.schedule_version, 'PENDING', now(), now(), 0, NULL, now()
  FROM (SELECT * FROM appointment WHERE start_at > now() ORDER BY start_at LIMIT $1) a JOIN client c ON c.id = a.client_id`;

const OUTBOX = `
  INSERT INTO outbox (id, event, aggregate_id, clinic_id, payload, occurred_at, published_at, position, message_count, rooms, due_at)
  SELECT ${timedIdInSql('at', `md5('event' || n)`)}, 'appointment:created', md5('appointment' || n)::uuid, ${idInSql('clinic', 'n % 5')},
         jsonb_build_object('action', 'booked', 'version', 1, 'sealed', repeat('x', 300)), at,
         CASE WHEN n <= $1 THEN at END, CASE WHEN n <= $1 THEN n END, 1, ARRAY['clinic:' || n % 5], at
  FROM (SELECT n, now() - interval '2 days' * (1 - n::float8 / ($1::int + $2::int)) AS at
        FROM generate_series(1, $1::int + $2::int) n) made`;
