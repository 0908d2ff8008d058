import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { NIL_ID } from '../../src/core/kernel/id.js';
import { AuditLinkerService } from '../../src/modules/audit/audit-linker.service.js';
import { builtPath } from '../../tools/test-build.js';
import { TestApp } from '../support/app.js';
import { aService, at, openClinic } from '../support/clinic.js';
import { rounds } from '../support/long-form.js';

/** A test starts several processes, one after the other. */
jest.setTimeout(120_000);

/** The command `npm run audit:verify`, as a process, and linking while others hold locks. */

const DAY = '2026-01-05';

let app: TestApp;
let folder: string;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  folder = await mkdtemp(join(tmpdir(), 'audit-'));
});

afterAll(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

const link = (): Promise<number | null> => app.app.get(AuditLinkerService).linkAll();

async function verify(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { PATH: process.env.PATH, DATABASE_URL: app.environment.DATABASE_URL, NODE_ENV: 'test' };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [builtPath('src/audit-verify.ts'), ...args],
      { env, timeout: 60_000 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

/** Inserts rows of a new clinic. @returns their ids by time */
async function insertRows(count: number): Promise<{ clinicId: string; ids: string[] }> {
  const { rows } = await app.db.query<{ id: string; clinicId: string }>(
    `WITH place AS MATERIALIZED (SELECT gen_random_uuid() AS id)
     INSERT INTO audit_log (id, occurred_at, action, object_type, object_id, clinic_id)
     SELECT uuid7(), timestamptz '${DAY}T10:00:00Z' + n * interval '1 second', 'test.done', 'test', uuid7(), place.id
     FROM place, generate_series(1, $1) AS n RETURNING id, clinic_id AS "clinicId"`,
    [count],
  );
  return { clinicId: rows[0]?.clinicId as string, ids: rows.map(({ id }) => id) };
}

async function asSuperuser(statement: string, values: unknown[]): Promise<void> {
  const client = await app.db.connect();
  try {
    await client.query('SET session_replication_role = replica');
    await client.query(statement, values);
  } finally {
    await client.query('SET session_replication_role = DEFAULT');
    client.release();
  }
}

describe('the command to verify the audit log', () => {
  it('counts rows that are not linked, and exits with 0 while the chains are intact', async () => {
    await link();
    await insertRows(3);
    const before = await verify();
    expect(before).toMatchObject({ code: 0, stdout: '' });
    expect(before.stderr).toMatch(/^\d+ chains, \d+ linked rows, 3 not linked, 0 broken\n$/);
    expect(await link()).toBe(3);
    expect((await verify()).stderr).toContain(' 0 not linked, 0 broken');
  });

  it('names the first broken link, and exits with 1 (P-06)', async () => {
    const { clinicId, ids } = await insertRows(4);
    await link();
    const heads = await verify('--heads');
    const anchors = join(folder, 'anchors.txt');
    await writeFile(anchors, heads.stdout);
    expect(heads.stdout).toMatch(new RegExp(`^${clinicId} ${DAY} 4 [0-9a-f]{64}$`, 'm'));
    expect((await verify('--anchors', anchors)).code).toBe(0);

    await asSuperuser(`UPDATE audit_log SET ip = '203.0.113.9' WHERE id = ANY ($1)`, [ids.slice(2)]);
    const broken = await verify();
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain(`Broken: clinic ${clinicId}, ${DAY}, link 3, row ${ids[2]}: ROW_CHANGED\n`);
    expect(broken.stderr).toContain('1 broken\n');
  });

  it('reports a chain once, by its first broken link, if its anchor is missing too', async () => {
    const { clinicId, ids } = await insertRows(3);
    await link();
    const anchors = join(folder, 'anchor-of-3.txt');
    await writeFile(anchors, (await verify('--heads')).stdout);
    await asSuperuser(`UPDATE audit_log SET ip = '203.0.113.9' WHERE id = $1`, [ids[0]]);
    await asSuperuser(`DELETE FROM audit_link WHERE audit_id = $1`, [ids[2]]);
    const { stderr } = await verify('--anchors', anchors);
    expect(stderr.split('\n').filter((line) => line.includes(clinicId))).toEqual([
      `Broken: clinic ${clinicId}, ${DAY}, link 1, row ${ids[0]}: ROW_CHANGED`,
    ]);
  });

  it('finds a row that a superuser inserted between others', async () => {
    const { clinicId, ids } = await insertRows(3);
    await link();
    const forged = (await insertRows(1)).ids[0] as string;
    await asSuperuser(`UPDATE audit_log SET clinic_id = $2 WHERE id = $1`, [forged, clinicId]);
    await asSuperuser(`UPDATE audit_link SET position = position + 10 WHERE clinic_id = $1 AND position > 1`, [
      clinicId,
    ]);
    await asSuperuser(`UPDATE audit_link SET position = position - 9 WHERE clinic_id = $1 AND position > 10`, [
      clinicId,
    ]);
    await asSuperuser(
      `INSERT INTO audit_link SELECT $1, clinic_id, day, 2, hash, sha256(hash) FROM audit_link WHERE audit_id = $2`,
      [forged, ids[0]],
    );
    const { stderr, code } = await verify();
    expect(code).toBe(1);
    expect(stderr).toContain(`Broken: clinic ${clinicId}, ${DAY}, link 2, row ${forged}: ROW_CHANGED\n`);
  });

  it('exits with 2 for wrong arguments and for a file that has no anchors', async () => {
    const file = join(folder, 'wrong.txt');
    await writeFile(file, 'not an anchor\n');
    expect(await verify('--anchors', file)).toMatchObject({ code: 2, stderr: 'Not an anchor: not an anchor\n' });
    const withoutPosition = `${NIL_ID} ${DAY} last ${'0'.repeat(64)}`;
    await writeFile(file, withoutPosition);
    expect(await verify('--anchors', file)).toMatchObject({ code: 2, stderr: `Not an anchor: ${withoutPosition}\n` });
    const wrongArguments = [['--anchors', file, file], ['--sideways'], ['--anchors', file, '--anchors', file]];
    for (const wrong of wrongArguments.slice(0, rounds(1, 3)))
      expect(await verify(...wrong)).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage: ') });
  });
});

describe('linking', () => {
  it('never makes a booking wait, and one process links at a time', async () => {
    const clinic = await openClinic(app);
    const serviceId = await aService(app, clinic);
    const patient = await app.patient();
    const linker = await app.db.connect();
    await linker.query('BEGIN');
    await linker.query('SELECT pg_advisory_xact_lock(7240008)');
    await linker.query(
      `INSERT INTO audit_link SELECT id, coalesce(clinic_id, $1), occurred_at::date, 1000, sha256(''), sha256('') FROM audit_log
       ORDER BY id DESC LIMIT 1`,
      [clinic.id],
    );
    const booked = await app.call('POST', '/api/v1/appointments', {
      token: patient.token,
      body: { serviceId, doctorId: clinic.doctorIds[0], startDateTime: at(3) },
    });
    expect(booked.status).toBe(201);
    expect(await link()).toBeNull();
    await linker.query('ROLLBACK');
    linker.release();
    expect(await link()).toBeGreaterThan(0);
  });
});
