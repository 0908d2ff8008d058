import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { WITHOUT_ENTITIES, withDataSource } from '../../src/core/database/data-source.js';
import { Database } from '../../src/core/database/database.js';
import { AuditLinksRepository } from '../../src/modules/audit/audit-links.repository.js';
import { AuditVerifierService } from '../../src/modules/audit/audit-verifier.service.js';
import { findViolations } from '../simulation/payments/payment-rules.js';
import { eventually } from '../support/eventually.js';
import type { World } from './world.js';

/** Within a minute after a fault, everything is published and sent. */
const SETTLED_WITHIN_MILLISECONDS = 60_000;

const UNFINISHED = `
  SELECT (SELECT count(*)::int FROM outbox WHERE published_at IS NULL) AS "events not published",
         (SELECT count(*)::int FROM outbox WHERE parked_at IS NOT NULL) AS "events parked",
         (SELECT count(*)::int FROM planned_notification WHERE due_at <= now()) AS "planned messages due",
         (SELECT count(*)::int FROM notification WHERE state IN ('PENDING', 'SENDING')) AS "messages not sent",
         (SELECT count(*)::int FROM payment WHERE status = 'PAID' AND NOT is_settled) AS "payments not settled",
         (SELECT count(*)::int FROM payment_refund WHERE state IN ('DUE', 'SENT')) AS "refunds not made"`;

/** Waits until no work is left (I5). @returns what is left after the time limit */
export async function settle(world: World): Promise<string[]> {
  try {
    await eventually(async () => {
      const [row = {}] = await world.rows<Record<string, number>>(UNFINISHED);
      const left = Object.entries(row).filter(([, count]) => count > 0);
      if (left.length > 0) throw new Error(left.map(([what, count]) => `${count} ${what}`).join(', '));
    }, SETTLED_WITHIN_MILLISECONDS);
    return [];
  } catch (error) {
    return [`I5: a minute after the fault: ${(error as Error).message}`];
  }
}

/** The rules that need no log of the clients. */
export async function checkInvariants(world: World): Promise<string[]> {
  const parts = await Promise.all([
    checkOverlaps(world),
    checkHistory(world),
    checkNotices(world),
    checkReminders(world),
    checkAuditChain(world),
    checkPayments(world),
    checkFiles(world),
    checkSessions(world),
  ]);
  return parts.flat();
}

const OVERLAPS = `
  SELECT x.id AS one, y.id AS two FROM appointment x JOIN appointment y ON x.id < y.id
    AND (x.doctor_id = y.doctor_id OR x.client_id = y.client_id)
    AND tstzrange(x.start_at, x.end_at) && tstzrange(y.start_at, y.end_at)
  WHERE x.status <> 'CANCELLED' AND y.status <> 'CANCELLED'`;

async function checkOverlaps(world: World): Promise<string[]> {
  const rows = await world.rows<{ one: string; two: string }>(OVERLAPS);
  const reserved = await world.app.overlaps();
  return [
    ...rows.map(({ one, two }) => `I1: the visits ${one} and ${two} overlap`),
    ...(reserved === 0 ? [] : [`I1: ${reserved} pairs of reservations overlap`]),
  ];
}

/** Each version of a visit is one row of the audit log and one event. */
const HISTORY = `
  SELECT a.id, a.version, coalesce(l.n, 0) AS audited, coalesce(o.n, 0) AS events
  FROM appointment a
    LEFT JOIN (SELECT object_id, count(*)::int AS n FROM audit_log WHERE object_type = 'appointment' AND action NOT LIKE '%read%' GROUP BY 1) l
      ON l.object_id = a.id
    LEFT JOIN (SELECT aggregate_id, count(*)::int AS n FROM outbox WHERE event LIKE 'appointment:%' GROUP BY 1) o ON o.aggregate_id = a.id
  WHERE coalesce(l.n, 0) <> a.version OR coalesce(o.n, 0) <> a.version`;

async function checkHistory(world: World): Promise<string[]> {
  const rows = await world.rows<{ id: string; version: number; audited: number; events: number }>(HISTORY);
  return rows.map(
    ({ id, version, audited, events }) =>
      `I6: the visit ${id} has version ${version}, ${audited} rows of the history and ${events} events`,
  );
}

/** Of the changes of each visit that patients are told of, the last has one mail, unless there is nothing new to say. */
const NOTICES = `
  WITH last AS (
    SELECT DISTINCT ON (aggregate_id) aggregate_id AS id, (payload ->> 'version')::int AS version, payload ->> 'action' AS action
    FROM outbox WHERE event LIKE 'appointment:%' AND payload ->> 'action' IN ('booked', 'rescheduled', 'cancelled')
    ORDER BY aggregate_id, sequence DESC)
  SELECT l.id, l.action, count(n.id)::int AS mails FROM last l LEFT JOIN notification n
    ON n.appointment_id = l.id AND n.version = l.version AND n.channel = 'EMAIL' AND n.kind <> 'APPOINTMENT_REMINDER'
    AND (n.state = 'SENT' OR n.reason = 'NOTHING_NEW')
  GROUP BY 1, 2 HAVING count(n.id) <> 1`;

async function checkNotices(world: World): Promise<string[]> {
  const rows = await world.rows<{ id: string; action: string; mails: number }>(NOTICES);
  return rows.map(({ id, action, mails }) => `I4: ${mails} mails say that the visit ${id} was ${action}`);
}

/** Each visit whose reminder was due has one by each channel, and no other visit has any. */
async function checkReminders(world: World): Promise<string[]> {
  const rows = await world.rows<{ id: string; channel: string; n: number }>(
    `SELECT appointment_id AS id, channel, count(*)::int AS n FROM notification
     WHERE kind = 'APPOINTMENT_REMINDER' AND state = 'SENT' AND channel IN ('EMAIL', 'SMS') GROUP BY 1, 2`,
  );
  const counts = new Map(rows.map(({ id, channel, n }) => [`${id} by ${channel}`, n]));
  const expected = [...world.remindedIds].flatMap((id) => [`${id} by EMAIL`, `${id} by SMS`]);
  return [
    ...expected.filter((key) => counts.get(key) !== 1).map((key) => `I4: ${counts.get(key) ?? 0} reminders of ${key}`),
    ...[...counts.keys()].filter((key) => !expected.includes(key)).map((key) => `I4: an early reminder of ${key}`),
  ];
}

async function checkAuditChain(world: World): Promise<string[]> {
  const url = world.app.environment.DATABASE_URL as string;
  const verify = () =>
    withDataSource(WITHOUT_ENTITIES, url, (source) =>
      new AuditVerifierService(new AuditLinksRepository(new Database(source))).verify(),
    );
  try {
    // New rows are linked every two seconds, and those that came late once a minute.
    const { broken } = await eventually(async () => {
      const result = await verify();
      if (result.unlinkedRows > 0) throw new Error(`${result.unlinkedRows} audit rows are not linked`);
      return result;
    }, 90_000);
    return broken.map(({ auditId, reason }) => `I6: the chain of the audit log is broken at ${auditId}: ${reason}`);
  } catch (error) {
    return [`I6: ${(error as Error).message}`];
  }
}

async function checkPayments(world: World): Promise<string[]> {
  const found = await findViolations(world);
  return found.map((violation) => `I7: ${violation}`);
}

/** Each file of a stored scan exists and has its hash. */
async function checkFiles(world: World): Promise<string[]> {
  const rows = await world.rows<{ id: string; renditions: Record<string, { sha256: string }> }>(
    'SELECT id, renditions FROM scan WHERE purged_at IS NULL',
  );
  const problems: string[] = [];
  for (const { id, renditions } of rows) {
    if (world.hashedScanIds.has(id)) continue;
    for (const [name, { sha256 }] of Object.entries(renditions)) {
      const hash = createHash('sha256');
      const path = join(world.files.folder, 'scans', id, name);
      const found = await pipeline(createReadStream(path), hash).then(
        () => hash.digest('hex'),
        (error: NodeJS.ErrnoException) => error.code,
      );
      if (found !== sha256) problems.push(`I8: the file ${name} of the scan ${id} should be ${sha256}: ${found}`);
    }
    world.hashedScanIds.add(id);
  }
  return problems;
}

async function checkSessions(world: World): Promise<string[]> {
  const rows = await world.rows<{ query: string }>(
    `SELECT query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND now() - state_change > interval '15 seconds'`,
  );
  return rows.map(({ query }) => `I10: a transaction was left open after: ${query.slice(0, 100)}`);
}
