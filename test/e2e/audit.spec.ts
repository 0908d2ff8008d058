import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ChangeLog } from '../../src/core/changes/change-log.js';
import { RecordHash } from '../../src/core/changes/record-hash.js';
import { Database } from '../../src/core/database/database.js';
import { FieldEncryption } from '../../src/core/encryption/field-encryption.js';
import type { Logger } from 'pino';
import { Clock } from '../../src/core/kernel/clock.js';
import { LOGGER } from '../../src/core/logging/logger.js';
import { newId } from '../../src/core/kernel/id.js';
import { ClientMergeService } from '../../src/modules/clients/index.js';
import { AuditLinkerService } from '../../src/modules/audit/audit-linker.service.js';
import { AuditLinkingTask } from '../../src/modules/audit/audit-linking.task.js';
import { AuditVerifierService, type BrokenLink } from '../../src/modules/audit/audit-verifier.service.js';
import { TestApp } from '../support/app.js';
import { aService, at, createAccount, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually } from '../support/eventually.js';

const PATH = '/api/v1/audit-logs';

let app: TestApp;
let clinic: TestClinic;
let other: TestClinic;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false', TRUST_PROXY: '1' });
  clinic = await openClinic(app);
  other = await openClinic(app);
});

afterAll(() => app.close());

const link = (): Promise<number | null> => app.app.get(AuditLinkerService).linkAll();

/** Inserts rows of a new clinic and links them. @returns their ids in the order of the chain */
async function createChain(count: number): Promise<{ clinicId: string; ids: string[] }> {
  const { rows } = await app.db.query<{ id: string; clinicId: string }>(
    `WITH place AS MATERIALIZED (SELECT gen_random_uuid() AS id)
     INSERT INTO audit_log (id, occurred_at, action, object_type, object_id, clinic_id, changes)
     SELECT uuid7(), timestamptz '2026-01-05T10:00:00Z' + n * interval '1 second', 'test.done', 'test', uuid7(), place.id, '{"a": 1}'
     FROM place, generate_series(1, $1) AS n RETURNING id, clinic_id AS "clinicId"`,
    [count],
  );
  await link();
  return { clinicId: rows[0]?.clinicId as string, ids: rows.map(({ id }) => id) };
}

/** Runs a statement as a superuser who turns the triggers off. */
async function tamper(statement: string, values: unknown[]): Promise<void> {
  const client = await app.db.connect();
  try {
    await client.query(`SET session_replication_role = replica`);
    await client.query(statement, values);
  } finally {
    await client.query(`SET session_replication_role = DEFAULT`);
    client.release();
  }
}

async function findBreak(clinicId: string): Promise<BrokenLink | undefined> {
  const { broken } = await app.app.get(AuditVerifierService).verify();
  return broken.find((found) => found.clinicId === clinicId);
}

describe('the chains of audit rows', () => {
  it('name the first row that a superuser changed (P-06)', async () => {
    const { clinicId, ids } = await createChain(4);
    expect(await findBreak(clinicId)).toBeUndefined();
    await tamper(`UPDATE audit_log SET actor_role = 'ADMIN' WHERE id = ANY($1)`, [ids.slice(1, 3)]);
    expect(await findBreak(clinicId)).toMatchObject({ position: 2, auditId: ids[1], reason: 'ROW_CHANGED' });
  });

  it('name a deleted row and a deleted link in the middle', async () => {
    const [row, deletedLink] = [await createChain(3), await createChain(3)];
    await tamper(`DELETE FROM audit_log WHERE id = $1`, [row.ids[1]]);
    await tamper(`DELETE FROM audit_link WHERE audit_id = $1`, [deletedLink.ids[1]]);
    expect(await findBreak(row.clinicId)).toMatchObject({ position: 2, reason: 'ROW_MISSING' });
    expect(await findBreak(deletedLink.clinicId)).toMatchObject({ position: 2, reason: 'LINK_MISSING' });
    await link();
    expect(await findBreak(deletedLink.clinicId)).toMatchObject({ position: 2, reason: 'LINK_MISSING' });
  });

  it('name the first of two rows that were swapped', async () => {
    const { clinicId, ids } = await createChain(4);
    await tamper(
      `UPDATE audit_log a SET object_id = b.object_id, occurred_at = b.occurred_at FROM audit_log b
       WHERE (a.id, b.id) IN (($1::uuid, $2::uuid), ($2::uuid, $1::uuid))`,
      [ids[1], ids[2]],
    );
    expect(await findBreak(clinicId)).toMatchObject({ position: 2, reason: 'ROW_CHANGED' });
  });

  it('find a truncated tail by an anchor', async () => {
    const { clinicId, ids } = await createChain(3);
    const verifier = app.app.get(AuditVerifierService);
    const { rows } = await app.db.query(`SELECT encode(hash, 'hex') AS hash FROM audit_link WHERE audit_id = $1`, [
      ids[2],
    ]);
    const anchors = [{ clinicId, day: '2026-01-05', position: 3, hash: rows[0].hash as string }];
    const find = async (): Promise<BrokenLink | undefined> =>
      (await verifier.verify({ anchors })).broken.find((found) => found.clinicId === clinicId);
    expect(await find()).toBeUndefined();
    await tamper(`DELETE FROM audit_link WHERE audit_id = $1`, [ids[2]]);
    await tamper(`DELETE FROM audit_log WHERE id = $1`, [ids[2]]);
    expect(await find()).toMatchObject({ position: 3, reason: 'ANCHOR_MISSING' });
  });

  it('are compared with all rows again if another process was linking', async () => {
    const [linker, time, logger] = [app.app.get(AuditLinkerService), app.app.get(Clock), app.app.get<Logger>(LOGGER)];
    const task = new AuditLinkingTask(linker, time, logger);
    const { clinicId } = await createChain(1);
    await app.db.query(
      `INSERT INTO audit_log (id, occurred_at, action, object_type, object_id, clinic_id)
       VALUES (uuid7(), '2026-01-05T12:00:00Z', 'test.done', 'test', uuid7(), $1)`,
      [clinicId],
    );
    const holder = await app.db.connect();
    try {
      await holder.query('SELECT pg_advisory_lock(7240008)');
      expect(await link()).toBeNull();
      await task.tick();
    } finally {
      holder.release(true);
    }
    await eventually(async () => {
      await task.tick();
      const { rows } = await app.db.query('SELECT count(*)::int AS n FROM audit_link WHERE clinic_id = $1', [clinicId]);
      expect(rows).toEqual([{ n: 2 }]);
    });
  });

  it('link every row of 40 concurrent writers exactly once, also of transactions that commit late', async () => {
    const place = (await app.db.query(`SELECT gen_random_uuid() AS id`)).rows[0].id as string;
    const late = await app.db.connect();
    await late.query('BEGIN');
    const insert = `INSERT INTO audit_log (id, action, object_type, object_id, clinic_id) VALUES (uuid7(), 'test.done', 'test', uuid7(), $1)`;
    await late.query(insert, [place]);
    const write = async (): Promise<void> => {
      for (let n = 0; n < 25; n += 1) await app.db.query(insert, [place]);
    };
    let isWriting = true;
    const linking = [1, 2].map(async () => {
      while (isWriting) await link();
    });
    try {
      await Promise.all(Array.from({ length: 40 }, write));
    } finally {
      isWriting = false;
      await Promise.all(linking);
      await late.query('COMMIT');
      late.release();
    }
    await link();
    const { rows } = await app.db.query(
      `SELECT count(*)::int AS links, count(DISTINCT audit_id)::int AS rows FROM audit_link WHERE clinic_id = $1`,
      [place],
    );
    expect(rows).toEqual([{ links: 1001, rows: 1001 }]);
    expect(await findBreak(place)).toBeUndefined();
  });
});

describe('the list of audit rows', () => {
  it('shows a manager who read a patient of the clinic, from which address and device, and nothing of other clinics (P-05, P-11)', async () => {
    const serviceId = await aService(app, clinic);
    const patient = await app.patient();
    const { data } = await app.call('POST', '/api/v1/appointments', {
      token: patient.token,
      body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(3) },
      headers: { 'user-agent': 'Phone\u009b31m/1' },
    });
    await app.call('GET', `/api/v1/appointments/${data.id}`, { token: clinic.staff });
    await link();
    const query = `${PATH}?clientId=${patient.clientId}`;
    const own = await app.call('GET', query, { token: clinic.manager });
    expect(own.data.map(({ action }: { action: string }) => action)).toEqual([
      'appointment.read',
      'appointment.booked',
    ]);
    expect(own.data[0].actor).toMatchObject({ role: 'STAFF', name: 'At Work' });
    expect(own.data[1]).toMatchObject({ actor: { name: null }, device: 'Phone\uFFFD31m/1', clinicId: clinic.id });
    expect(own.data[1].chain.position).toBeGreaterThan(0);
    expect((await app.call('GET', query, { token: other.manager })).data).toEqual([]);
    expect((await app.call('GET', `${query}&action=appointment.b*`, { token: clinic.admin })).data).toHaveLength(1);
    const read = await app.db.query(`SELECT FROM audit_log WHERE action = 'audit.read'`);
    expect(read.rowCount).toBeGreaterThan(0);
  });

  it('shows a manager which ids a person of the clinic tried, with an address that cannot be forged and a short device', async () => {
    const hidden = await app.patient();
    const headers = { 'user-agent': 'x'.repeat(8_000), 'x-forwarded-for': '192.0.2.1, 198.51.100.90' };
    const path = `/api/v1/users/${hidden.userId}`;
    expect((await app.call('GET', path, { token: clinic.manager, headers })).status).toBe(404);
    const query = `${PATH}?action=access.denied&objectId=${hidden.userId}`;
    expect((await app.call('GET', query, { token: clinic.manager })).data).toMatchObject([
      {
        ip: '198.51.100.90',
        device: 'x'.repeat(200),
        clinicId: clinic.id,
        changes: { method: 'GET', route: '/api/v1/users/:id', code: 'NOT_FOUND' },
      },
    ]);
    for (const filter of ['', `&clinicId=${clinic.id}`, '&withTotal=true']) {
      const answer = await app.call('GET', query + filter, { token: other.manager });
      expect(answer.data).toEqual([]);
      expect(answer.body.meta.total ?? 0).toBe(0);
    }
  });

  it('finds the rows of records that were merged into a record, also over several merges', async () => {
    const ids: string[] = [];
    const userIds: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      const body = { email: `${newId()}@audit.test`, firstName: 'Mona', lastName: 'Hassan' };
      const { data } = await app.call('POST', '/api/v1/clients', { token: clinic.staff, body });
      await app.call('GET', `/api/v1/clients?q=${encodeURIComponent(body.email)}`, { token: clinic.staff });
      await app.call('GET', `/api/v1/users/${data.userId}`, { token: clinic.manager });
      ids.push(data.id as string);
      userIds.push(data.userId as string);
    }
    const [first, second, third] = ids as [string, string, string];
    const merges = app.app.get(ClientMergeService, { strict: false });
    await merges.merge(second, first);
    await merges.merge(third, second);
    const { data } = await app.call('GET', `${PATH}?clientId=${third}&limit=100`, { token: clinic.admin });
    const text = JSON.stringify(data);
    expect([...ids, ...userIds].filter((id) => !text.includes(id))).toEqual([]);
    const own = await app.call('GET', `${PATH}?clientId=${third}&action=client.list-read`, { token: clinic.manager });
    const listed = own.data.flatMap(({ changes }: { changes: { clientIds: string[] } }) => changes.clientIds);
    // The registration of the second and third also shows the ones before, as possible duplicates.
    expect([...new Set(listed)].sort()).toEqual([...ids].sort());
  });

  it('has a row for each clinic whose patients were listed, with only its patients', async () => {
    const userId = await createAccount(app, 'STAFF');
    const staff = app.tokenFor({ userId, role: 'STAFF', clinicIds: [clinic.id, other.id] });
    const visits: { id: string; clientId: string }[] = [];
    for (const place of [clinic, other]) {
      const patient = await app.patient();
      const body = { serviceId: await aService(app, place), doctorId: place.doctorIds[0], startDateTime: at(9) };
      visits.push((await app.call('POST', '/api/v1/appointments', { token: patient.token, body })).data);
    }
    const [here, there] = visits.map(({ clientId }) => clientId);
    const day = at(9).slice(0, 10);
    await app.call('GET', `/api/v1/appointments?from=${day}&to=${day}`, { token: staff });
    await app.call('GET', '/api/v1/clients?limit=100', { token: staff });
    for (const action of ['appointment.list-read', 'client.list-read']) {
      const lists = await Promise.all(
        [clinic, other].map(({ manager }) =>
          app.call('GET', `${PATH}?action=${action}&actorId=${userId}`, { token: manager }),
        ),
      );
      const [atClinic, atOther] = lists.map(({ data }) => data.flatMap(({ changes }: any) => changes.clientIds));
      expect([action, atClinic.includes(here), atClinic.includes(there)]).toEqual([action, true, false]);
      expect([action, atOther.includes(here), atOther.includes(there)]).toEqual([action, false, true]);
    }
  });

  it('has hashes of records that only the stored key can confirm (P-05)', async () => {
    const record = { dateOfBirth: '1988-04-02' };
    const objectId = newId();
    const change = { action: 'test.changed', objectType: 'test', objectId, before: null, after: record, event: null };
    await app.app.get(Database).transaction(() => app.app.get(ChangeLog).record(change));
    const { rows } = await app.db.query<{ hash: Buffer }>(
      'SELECT after_hash AS hash FROM audit_log WHERE object_id = $1',
      [objectId],
    );
    const hash = rows[0]?.hash.toString('hex');
    expect(hash).not.toBe(createHash('sha256').update(JSON.stringify(record)).digest('hex'));
    // As another process computes it.
    const hashes = new RecordHash(app.app.get(Database), app.app.get(FieldEncryption));
    expect(await hashes.compute(record)).toBe(`\\x${hash}`);
  });

  it('finds a rare action, or the start of its name, by an index', async () => {
    await app.db.query(
      `INSERT INTO audit_log (id, occurred_at, action, object_type, object_id)
       SELECT uuid7(), now() - n * interval '1 second', CASE WHEN n = 1 THEN 'rare.done' ELSE 'usual.done' END, 'test', uuid7()
       FROM generate_series(1, 3000) AS n`,
    );
    await app.db.query('ANALYZE audit_log');
    for (const condition of [`action = 'rare.done'`, `starts_with(action, 'rare.')`]) {
      const { rows } = await app.db.query(
        `EXPLAIN SELECT id FROM audit_log WHERE ${condition} ORDER BY occurred_at DESC, id DESC LIMIT 20`,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('audit_log_action');
    }
  });

  it('shows a manager no row without a clinic, with any filter', async () => {
    await app.call('GET', PATH, { token: clinic.admin });
    const all = await app.call('GET', `${PATH}?action=audit.read`, { token: clinic.admin });
    expect(all.data.length).toBeGreaterThan(0);
    const { actor, object } = all.data[0];
    for (const filter of ['action=audit.*', `actorId=${actor.id}`, `objectId=${object.id}&objectType=audit_log`]) {
      const { data } = await app.call('GET', `${PATH}?${filter}`, { token: clinic.manager });
      expect(data.filter(({ clinicId }: { clinicId: string | null }) => clinicId !== clinic.id)).toEqual([]);
    }
  });

  it('pages by time without a gap, and refuses invalid filters', async () => {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor ? `&cursor=${cursor}` : '';
      const page = await app.call('GET', `${PATH}?clinicId=${clinic.id}&limit=3${more}`, { token: clinic.admin });
      ids.push(...page.data.map(({ id }: { id: string }) => id));
      cursor = page.body.meta.nextCursor;
    }
    const { rows } = await app.db.query(
      `SELECT id FROM audit_log WHERE clinic_id = $1 ORDER BY occurred_at DESC, id DESC`,
      [clinic.id],
    );
    expect(ids).toEqual(rows.map(({ id }) => id));
    const bad = await app.call('GET', `${PATH}?action=%25'--&objectType=x'y&actorId=1`, { token: clinic.admin });
    expect(bad.code).toBe('VALIDATION_ERROR');
    expect(bad.body.error.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'action',
      'actorId',
      'objectType',
    ]);
  });

  it('is verified over HTTP by an administrator only', async () => {
    expect((await app.call('GET', `${PATH}/verify`, { token: clinic.manager })).status).toBe(403);
    const reversed = await app.call('GET', `${PATH}/verify?from=2026-01-07&to=2026-01-06`, { token: clinic.admin });
    expect({ status: reversed.status, code: reversed.body.error.code }).toEqual({
      status: 400,
      code: 'VALIDATION_ERROR',
    });
    const { data } = await app.call('GET', `${PATH}/verify?from=2026-01-06`, { token: clinic.admin });
    expect(data).toMatchObject({ intact: true, brokenChains: 0, broken: [] });
  });
});
