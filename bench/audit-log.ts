import { ormconfig } from '../ormconfig.js';
import { withDataSource } from '../src/core/database/data-source.js';
import { ReplicaReads } from '../src/core/database/replica-reads.js';
import type { Actor } from '../src/core/kernel/actor.js';
import { AuditLinkerService } from '../src/modules/audit/audit-linker.service.js';
import { AuditLinksRepository } from '../src/modules/audit/audit-links.repository.js';
import { AuditLogsRepository } from '../src/modules/audit/audit-logs.repository.js';
import { AuditVerifierService } from '../src/modules/audit/audit-verifier.service.js';
import type { AuditLogsQuery } from '../src/modules/audit/audit.dto.js';
import type { Bench } from './bench.js';
import { FEW_APPOINTMENTS } from './data-volumes.js';
import { RecordingDatabase } from './recording-database.js';
import { log, median, short, table } from './report.js';

const ROWS = 1_000_000;
const QUICK_ROWS = 100_000;
const ROUNDS = 5;

/**
 * Links and verifies a million audit rows of a year, and lists them with each filter.
 * @returns the exit code: 1 if a list reads the whole table, or a chain is broken
 */
export async function auditLog({ databases, quick }: Bench): Promise<number> {
  const databaseUrl = await databases.copy('careslot', FEW_APPOINTMENTS);
  return withDataSource(ormconfig, databaseUrl, async (dataSource) => {
    const db = new RecordingDatabase(dataSource);
    log('inserting audit rows …');
    await db.rows(INSERT, [quick ? QUICK_ROWS : ROWS]);
    await db.rows('ANALYZE audit_log');
    await databases.settle();
    const areChainsWhole = await linkAndVerify(db);
    const areListsIndexed = await measureLists(db);
    return areChainsWhole && areListsIndexed ? 0 : 1;
  });
}

/** @returns whether every row is linked and no chain is broken */
async function linkAndVerify(db: RecordingDatabase): Promise<boolean> {
  const links = new AuditLinksRepository(db);
  const linked = await timed(() => new AuditLinkerService(db, links).linkAll());
  await db.rows('ANALYZE audit_link');
  const verified = await timed(() => new AuditVerifierService(links).verify());
  const { linkedRows, chains, brokenChains, unlinkedRows } = verified.result;
  const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);
  process.stdout.write(
    `\nlinked ${linked.result} rows in ${seconds(linked.milliseconds)} s\n` +
      `verified ${linkedRows} rows in ${chains} chains in ${seconds(verified.milliseconds)} s\n\n`,
  );
  return brokenChains === 0 && unlinkedRows === 0;
}

/** @returns whether no list reads the whole table */
async function measureLists(db: RecordingDatabase): Promise<boolean> {
  const logs = new AuditLogsRepository(new ReplicaReads(db, null));
  const [sample] = await db.rows<Sample>(SAMPLE);
  if (!sample) throw new Error('there are no audit rows');
  const rows: string[][] = [];
  let isIndexed = true;
  for (const [name, actor, filter] of getLists(sample)) {
    const query = { limit: 20, sort: '-occurredAt', ...filter } as AuditLogsQuery;
    const times: number[] = [];
    let count = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const { milliseconds, result } = await timed(() => logs.list(actor, query));
      times.push(milliseconds);
      count = result.items.length;
    }
    const { readsAll, indexes } = await explainLast(db);
    if (readsAll) isIndexed = false;
    rows.push([name, String(count), short(median(times)), readsAll ? 'whole table' : indexes]);
  }
  process.stdout.write(`${table(['list', 'rows', 'median ms', 'plan'], rows)}\n`);
  return isIndexed;
}

function getLists({ actorId, clinicId, otherClinicId, clientId, objectId }: Sample): List[] {
  const plain = { userId: '', sessionId: '', clientId: null, doctorId: null };
  const admin: Actor = { ...plain, role: 'ADMIN', clinicIds: [] };
  const manager: Actor = { ...plain, role: 'MANAGER', clinicIds: [clinicId] };
  const managerOfTwo: Actor = { ...manager, clinicIds: [clinicId, otherClinicId] };
  return [
    ['administrator', admin, {}],
    ['oldest first', admin, { sort: 'occurredAt' }],
    ['from, to', admin, { from: '2025-06-01T00:00:00Z', to: '2025-06-02T00:00:00Z' }],
    ['actorId', admin, { actorId }],
    ['clinicId', admin, { clinicId }],
    ['objectType, objectId', admin, { objectType: 'appointment', objectId }],
    ['objectId', admin, { objectId }],
    ['objectType, rare', admin, { objectType: 'rare' }],
    ['clientId', admin, { clientId }],
    ['clientId, without rows', admin, { clientId: '00000000-0000-7000-8000-000000000001' }],
    ['action', admin, { action: 'appointment.read' }],
    ['action, rare', admin, { action: 'rare.done' }],
    ['start of actions, rare', admin, { action: 'rare.*' }],
    ['action, without rows', admin, { action: 'nothing.*' }],
    ['manager', manager, {}],
    ['manager of two clinics', managerOfTwo, {}],
    ['manager, clientId', manager, { clientId }],
    ['manager, actorId', manager, { actorId }],
    ['manager, action, rare', manager, { action: 'rare.*' }],
    ['manager, other clinic', manager, { clinicId: otherClinicId }],
  ];
}

/** Explains the last statement. */
async function explainLast(db: RecordingDatabase): Promise<{ readsAll: boolean; indexes: string }> {
  const { sql, values } = db.last as NonNullable<RecordingDatabase['last']>;
  const plan = (await db.rows<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values)).map((row) => row['QUERY PLAN']);
  const indexes = new Set(plan.join('\n').match(/audit_log_\w+/g) ?? []);
  return { readsAll: plan.some((line) => line.includes('Seq Scan on audit_log')), indexes: [...indexes].join(' ') };
}

async function timed<T>(work: () => Promise<T>): Promise<{ milliseconds: number; result: T }> {
  const from = performance.now();
  const result = await work();
  return { milliseconds: performance.now() - from, result };
}

/** A list of the audit log, its reader and its filter. */
type List = [name: string, actor: Actor, filter: Partial<AuditLogsQuery>];

interface Sample {
  actorId: string;
  clinicId: string;
  otherClinicId: string;
  clientId: string;
  objectId: string;
}

const INSERT = `
  INSERT INTO audit_log (id, occurred_at, actor_user_id, actor_role, action, object_type, object_id, clinic_id, changes, ip, device)
  SELECT uuid7(), timestamptz '2025-01-01T00:00:00Z' + n * (interval '364 days' / $1::int), md5('actor' || n % 400)::uuid, 'STAFF',
         CASE WHEN n % 200000 = 7 THEN 'rare.done' WHEN n % 4 = 0 THEN 'appointment.list-read' ELSE 'appointment.read' END,
         CASE WHEN n % 200000 = 7 THEN 'rare' ELSE 'appointment' END,
         CASE WHEN n % 4 = 0 THEN '00000000-0000-0000-0000-000000000000' ELSE md5('object' || n % 100000)::uuid END,
         CASE WHEN n % 10 > 0 THEN md5('clinic' || n % 20)::uuid END,
         jsonb_build_object('clientIds', CASE WHEN n % 4 = 0
           THEN (SELECT jsonb_agg(md5('client' || (n * 7 + k) % 50000)::uuid) FROM generate_series(1, 20) AS k)
           ELSE jsonb_build_array(md5('client' || n % 50000)::uuid) END),
         '203.0.113.7', 'Mozilla/5.0'
  FROM generate_series(1, $1::int) AS n`;

const SAMPLE = `
  SELECT md5('actor7')::uuid AS "actorId", md5('clinic7')::uuid AS "clinicId", md5('clinic3')::uuid AS "otherClinicId",
         md5('client7')::uuid AS "clientId", md5('object7')::uuid AS "objectId"`;
