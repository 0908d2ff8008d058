import type { Database } from '../src/core/database/database.js';
import { ReplicaReads } from '../src/core/database/replica-reads.js';
import { OutboxRepository } from '../src/core/outbox/outbox.repository.js';
import type { RelayDatabase } from '../src/core/outbox/relay-database.js';
import { RelayRepository } from '../src/core/outbox/relay.repository.js';
import { FieldEncryption } from '../src/core/encryption/field-encryption.js';
import type { Actor } from '../src/core/kernel/actor.js';
import { NIL_ID } from '../src/core/kernel/id.js';
import { AuditLinksRepository } from '../src/modules/audit/audit-links.repository.js';
import { AuditLogsRepository } from '../src/modules/audit/audit-logs.repository.js';
import type { AuditLogsQuery } from '../src/modules/audit/audit.dto.js';
import { IS_CHANGE } from '../src/modules/appointments/appointment-history.js';
import { DeliveriesRepository } from '../src/modules/notifications/deliveries.repository.js';
import { NotificationsRepository } from '../src/modules/notifications/notifications.repository.js';
import { NotificationTexts } from '../src/modules/notifications/notification-texts.js';
import { PlannedNotificationsRepository } from '../src/modules/notifications/planned-notifications.repository.js';
import type { RecipientContacts } from '../src/modules/notifications/recipient-contacts.js';
import { getId } from './dataset.js';
import { RecordingDatabase } from './recording-database.js';
import { short } from './report.js';
import { SECRETS } from './seed-clients.js';

const ROUNDS = 7;
/** PostgreSQL plans a prepared statement for its values five times, then it may keep a plan. */
const WARM_UP = 6;
/** Reading a whole partition is a fault if it has more rows. */
const SMALL = 1_000;

/** A hot query: runs the repository's method, whose statement is then explained. `before` comes first in its transaction. */
type Query = readonly [name: string, run: () => Promise<unknown>, before?: () => Promise<unknown>];

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows'?: number;
  'Rows Removed by Filter'?: number;
  'Actual Loops'?: number;
  'Subplans Removed'?: number;
  Plans?: PlanNode[];
}

interface Explained {
  Plan: PlanNode;
  'Planning Time': number;
  'Execution Time': number;
}

export interface PlanResult {
  row: string[];
  /** Partitions that were read as a whole. */
  wholeReads: string[];
}

/** Milliseconds are those of the fastest of seven runs: other work on the machine makes the others slower. */
export const PLAN_HEADER = ['query', 'ms', 'planning', 'execution', 'partitions read', 'as a whole'];

/** Explains the statements of background work and lists that read partitioned tables, with their real execution. */
export async function explainQueries(db: RecordingDatabase): Promise<PlanResult[]> {
  const results: PlanResult[] = [];
  for (const query of await hotQueries(db)) results.push(await explain(db, query));
  return results;
}

async function explain(db: RecordingDatabase, [name, run, before]: Query): Promise<PlanResult> {
  const times: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const milliseconds = await undone(db, run, before);
    if (round >= 0) times.push(milliseconds);
  }
  const { sql, values } = db.last as NonNullable<RecordingDatabase['last']>;
  const runs: Explained[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await undone(
      db,
      async () => {
        const [row] = await db.rows<{ 'QUERY PLAN': Explained[] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values);
        if (row?.['QUERY PLAN'][0]) runs.push(row['QUERY PLAN'][0]);
      },
      before,
    );
  }
  const nodes = runs[0] ? allNodes(runs[0].Plan) : [];
  const read = nodes.filter((node) => isPartition(node) && (node['Actual Loops'] ?? 0) > 0);
  const wholeReads = read.filter((node) => node['Node Type'] === 'Seq Scan' && readRows(node) > SMALL);
  const partitions = new Set(read.map((node) => node['Relation Name']));
  const milliseconds = (key: 'Planning Time' | 'Execution Time'): string =>
    short(Math.min(...runs.map((one) => one[key])));
  return {
    row: [
      name,
      short(Math.min(...times)),
      milliseconds('Planning Time'),
      milliseconds('Execution Time'),
      String(partitions.size),
      String(wholeReads.length),
    ],
    wholeReads: wholeReads.map((node) => `${name}: ${node['Relation Name']}`),
  };
}

const UNDO = new Error('undo');

/** Runs work in a transaction that is rolled back. @returns its duration in milliseconds */
async function undone(db: Database, work: () => Promise<unknown>, before?: () => Promise<unknown>): Promise<number> {
  let milliseconds = 0;
  await db
    .transaction(async () => {
      await before?.();
      const started = performance.now();
      await work();
      milliseconds = performance.now() - started;
      throw UNDO;
    })
    .catch((error: unknown) => {
      if (error !== UNDO) throw error;
    });
  return milliseconds;
}

const allNodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(allNodes)];
const isPartition = (node: PlanNode): boolean => /^(audit_log|outbox|notification)_/.test(node['Relation Name'] ?? '');
const readRows = (node: PlanNode): number => (node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0);

async function hotQueries(db: RecordingDatabase): Promise<Query[]> {
  const outbox = new OutboxRepository(db);
  const relay = new RelayRepository(db as Database as RelayDatabase);
  const texts = new NotificationTexts(new FieldEncryption(SECRETS));
  const deliveries = new DeliveriesRepository(db, texts, null as unknown as RecipientContacts);
  const inbox = new NotificationsRepository(db, texts, new ReplicaReads(db, null));
  const planned = new PlannedNotificationsRepository(db);
  const logs = new AuditLogsRepository(new ReplicaReads(db, null));
  const links = new AuditLinksRepository(db);
  const admin: Actor = { userId: '', sessionId: '', clientId: null, doctorId: null, role: 'ADMIN', clinicIds: [] };
  const audit = (filter: Partial<AuditLogsQuery>) => () =>
    logs.list(admin, { limit: 20, sort: '-occurredAt', ...filter } as AuditLogsQuery);
  const { userId, clientId, actorId, appointmentId, auditId, notificationId } = await findSample(db);
  const [due] = await db.rows<{ sequence: string }>(
    'SELECT sequence::text AS sequence FROM outbox ORDER BY sequence DESC LIMIT 1',
  );
  const sequence = due?.sequence ?? '0';
  const now = Date.now();
  return [
    ['relay: due events', () => relay.findDue(100), () => relay.acquireLease(NIL_ID, [])],
    ['relay: is there one', () => relay.hasDue()],
    [
      'relay: assign position',
      () => relay.markHandled(NIL_ID, [{ sequence, position: 1, messageCount: 1, rooms: [] }], 1),
    ],
    ['relay: mark published', () => relay.markPublished(NIL_ID, [sequence])],
    ['sockets: next events', () => outbox.findAfter(400_000, 100)],
    ['outbox: backlog', () => outbox.backlog()],
    ['outbox: delete after two days', () => outbox.sweep(500)],
    ['deliveries: is one due', () => deliveries.findDueChannels()],
    ['deliveries: claim 100', () => deliveries.claim('EMAIL', 100)],
    ['deliveries: create due', () => planned.createDueDeliveries()],
    ['deliveries: lag', () => inbox.measureLag()],
    ['inbox of a patient', () => inbox.inbox(userId, { limit: 20 } as never)],
    ['delivery by id', () => inbox.findLogged(admin, notificationId)],
    ['audit: newest', audit({})],
    ['audit: by patient', audit({ clientId })],
    ['audit: by object', audit({ objectType: 'client', objectId: clientId })],
    ['audit: by person', audit({ actorId })],
    [
      'audit: a day',
      audit({ from: new Date(now - 172_800_000).toISOString(), to: new Date(now - 86_400_000).toISOString() }),
    ],
    ['history of a visit', () => history(db, appointmentId)],
    ['audit row by id', () => db.rows('SELECT * FROM audit_log WHERE id = $1::uuid', [auditId])],
    ['audit: rows to link', () => links.findUnlinked(new Date(now - 60_000), new Date(now), 1_000)],
  ];
}

const history = (db: Database, id: string): Promise<object[]> =>
  db.rows(`SELECT l.id, l.action FROM audit_log l WHERE ${IS_CHANGE} ORDER BY l.id DESC LIMIT 21`, [id]);

interface Sample {
  userId: string;
  clientId: string;
  actorId: string;
  appointmentId: string;
  auditId: string;
  notificationId: string;
}

async function findSample(db: Database): Promise<Sample> {
  const clientId = getId('client', 777);
  const row = await db.row<Omit<Sample, 'clientId'>>(
    `SELECT c.user_id AS "userId", md5('actor7')::uuid AS "actorId", a.id AS "appointmentId",
            (SELECT l.id FROM audit_log l WHERE l.object_type = 'appointment' AND l.object_id = a.id LIMIT 1) AS "auditId",
            (SELECT n.id FROM notification n WHERE n.user_id = c.user_id AND n.channel = 'IN_APP' AND n.state = 'SENT' LIMIT 1) AS "notificationId"
     FROM client c JOIN appointment a ON a.client_id = c.id AND a.start_at < now() WHERE c.id = $1::uuid ORDER BY a.created_at DESC LIMIT 1`,
    [clientId],
  );
  if (!row) throw new Error('the patient has no appointment');
  return { clientId, ...row };
}
