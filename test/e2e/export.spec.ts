import { readdir, readlink, truncate } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MRN } from '../../src/modules/clients/index.js';
import { EXPORTED_TABLES, NOT_EXPORTED } from '../../src/modules/privacy/exported-tables.js';
import { PASSWORD } from '../support/account-mails.js';
import { TestApp, type Answer } from '../support/app.js';
import { canariesIn, plantCanaries, type CanaryWorld } from '../support/canaries.js';
import { writeEncrypted } from '../support/encrypted.js';
import { eventually } from '../support/eventually.js';
import { downloadExport, rowsIn } from '../support/exports.js';
import { PERSONAL } from '../support/text-columns.js';
import { createImageForm } from './route-role.table.js';

let app: TestApp;
let people = 0;

interface Person {
  userId: string;
  token: string;
  email: string;
}

beforeAll(async () => {
  app = await TestApp.start();
});

afterAll(() => app.close());

async function register(): Promise<Person> {
  const email = `p${(people += 1)}@export.test`;
  const body = { email, password: PASSWORD, firstName: 'Mona', lastName: 'Hassan' };
  const { data } = await app.call('POST', '/api/v1/auth/register', { body });
  return { email, userId: data.user.id, token: data.accessToken };
}

const prove = (token: string): Promise<Answer> =>
  app.call('POST', '/api/v1/auth/reauthenticate', { token, body: { password: PASSWORD } });

const call = (userId: string, token: string): Promise<Answer> =>
  app.call('GET', `/api/v1/users/${userId}/export`, { token });

const download = (userId: string, token: string): Promise<Map<string, Buffer>> => downloadExport(app, userId, token);

const json: (files: Map<string, Buffer>, name: string) => any = rowsIn;

describe('an export', () => {
  it('contains the account, the chat in plain text, and the bytes of images, but no secrets (P-09)', async () => {
    const { userId, token, email } = await register();
    const scan = await app.call('POST', '/api/v1/scans', { token, form: createImageForm() });
    await app.call('POST', '/api/v1/ai/chat', { token, body: { message: 'Where may I park my car?' } });
    await app.call('POST', '/api/v1/ai/stroke-assessment', { token, body: { symptoms: { face: true } } });
    await prove(token);
    const files = await download(userId, token);
    expect([...files.keys()].sort()).toEqual(
      [...EXPORTED_TABLES.map(({ file }) => `${file}.json`), `scans/${scan.data.id}.png`].sort(),
    );
    expect(json(files, 'account')).toMatchObject([{ id: userId, email, first_name: 'Mona' }]);
    expect(json(files, 'conversation-messages')).toMatchObject([
      { sealed: { answer: 'Where may I park my car?' } },
      { role: 'ASSISTANT' },
    ]);
    expect(json(files, 'stroke-assessments')).toMatchObject([{ sealed: { request: { symptoms: { face: true } } } }]);
    const served = await fetch(`${app.url}/api/v1/scans/${scan.data.id}/file`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(files.get(`scans/${scan.data.id}.png`)?.equals(Buffer.from(await served.arrayBuffer()))).toBe(true);
    const text = [...files]
      .filter(([name]) => name.endsWith('.json'))
      .map(([, content]) => content.toString())
      .join('');
    // Bytes that were not decrypted would be in PostgreSQL's hex format.
    expect(text).not.toMatch(/argon2|"\\\\x[0-9a-f]/);
  });

  it('has the data of records that were merged into the record of the person', async () => {
    const [person, merged] = [await register(), await register()];
    const clinicId = (await app.db.query<{ id: string }>('SELECT id FROM clinic LIMIT 1')).rows[0]?.id as string;
    const { rows } = await app.db.query<{ id: string }>(
      'SELECT id FROM client WHERE user_id = ANY ($1) ORDER BY user_id = $2',
      [[person.userId, merged.userId], merged.userId],
    );
    const [clientId, duplicateId] = rows.map(({ id }) => id);
    for (const [id, mrn] of [
      [clientId, 'A-1'],
      [duplicateId, 'A-2'],
    ] as const) {
      await app.db.query('INSERT INTO client_clinic (client_id, clinic_id) VALUES ($1, $2)', [id, clinicId]);
      await writeEncrypted(app, MRN, mrn, id as string, clinicId);
    }
    await app.db.query(
      `INSERT INTO consent (user_id, kind, version, given, recorded_by, recorded_at) VALUES ($1, 'SMS', '1', false, $1, now())`,
      [merged.userId],
    );
    const admin = await app.login('admin@careslot.test');
    expect((await app.call('GET', `/api/v1/clients/${duplicateId}`, { token: admin })).status).toBe(200);
    await app.db.query('UPDATE client SET merged_into_id = $1 WHERE id = $2', [clientId, duplicateId]);
    await prove(person.token);
    const files = await download(person.userId, person.token);
    expect(
      json(files, 'clinic-records')
        .map(({ mrn }: { mrn: string }) => mrn)
        .sort(),
    ).toEqual(['A-1', 'A-2']);
    expect(json(files, 'consents')).toMatchObject([{ kind: 'SMS', given: false }]);
    for (const file of ['sessions', 'account-mails', 'my-actions'])
      expect(files.get(`${file}.json`)?.toString()).toContain(merged.userId);
    expect(files.get('who-read-or-changed-my-data.json')?.toString()).toContain(duplicateId);
    // Also by the account that the merge closed.
    await app.call('POST', '/api/v1/auth/reauthenticate', { token: admin, body: { password: 'careslot-demo-1' } });
    const ids = json(await download(merged.userId, admin), 'account').map(({ id }: { id: string }) => id);
    expect(ids.sort()).toEqual([person.userId, merged.userId].sort());
  });

  it('has no assessments of visitors that a member of staff filled in', async () => {
    const token = await app.login('staff@careslot.test');
    const { data } = await app.call('GET', '/api/v1/auth/profile', { token });
    for (const rater of [{ role: 'BYSTANDER' }, { role: 'SELF' }]) {
      await app.call('POST', '/api/v1/ai/stroke-assessment', { token, body: { rater, symptoms: { face: true } } });
    }
    await app.call('POST', '/api/v1/auth/reauthenticate', { token, body: { password: 'careslot-demo-1' } });
    expect(json(await download(data.id, token), 'stroke-assessments')).toMatchObject([{ rater_role: 'SELF' }]);
  });

  it('needs a freshly proven session, also of an administrator (P-09)', async () => {
    const { userId, token } = await register();
    expect(await call(userId, token)).toMatchObject({
      status: 403,
      body: { error: { details: { reason: 'REAUTHENTICATE' } } },
    });
    const admin = await app.login('admin@careslot.test');
    expect((await call(userId, admin)).status).toBe(403);
    await app.call('POST', '/api/v1/auth/reauthenticate', { token: admin, body: { password: 'careslot-demo-1' } });
    const files = await download(userId, admin);
    expect(json(files, 'account')).toMatchObject([{ id: userId }]);
    const { rows } = await app.db.query(
      `SELECT actor_role, changes FROM audit_log WHERE action = 'user.exported' AND object_id = $1`,
      [userId],
    );
    expect(rows).toMatchObject([{ actor_role: 'ADMIN', changes: { clientIds: [expect.any(String)] } }]);
  });

  it('is for nobody else (P-09)', async () => {
    const [{ userId }, other] = [await register(), await register()];
    await prove(other.token);
    const manager = await app.login('manager@careslot.test');
    expect((await call(userId, other.token)).status).toBe(404);
    expect((await call(userId, manager)).status).toBe(404);
  });

  it('is refused after five in an hour', async () => {
    const { userId, token } = await register();
    await prove(token);
    const statuses: number[] = [];
    for (let n = 0; n < 6; n += 1) statuses.push((await call(userId, token)).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429]);
  });

  it('closes its files if the client disconnects', async () => {
    const { userId, token } = await register();
    const scanIds: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      scanIds.push((await app.call('POST', '/api/v1/scans', { token, form: createImageForm() })).data.id);
    }
    // Larger than all buffers between the file and the client.
    const folder = resolve('.data/test-blobs/scans');
    for (const id of scanIds) await truncate(join(folder, id, 'served'), 64 * 1024 * 1024);
    const openFiles = async (): Promise<string[]> => {
      const links = await Promise.all(
        (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
      );
      return links.filter((path) => scanIds.some((id) => path.includes(id)));
    };
    await prove(token);
    const abort = new AbortController();
    const response = await fetch(`${app.url}/api/v1/users/${userId}/export`, {
      headers: { authorization: `Bearer ${token}` },
      signal: abort.signal,
    });
    expect(response.status).toBe(200);
    await eventually(async () => expect(await openFiles()).toHaveLength(1));
    abort.abort();
    await eventually(async () => expect(await openFiles()).toEqual([]));
  });

  it('reads more rows than one batch, each once', async () => {
    const { userId, token } = await register();
    await app.db.query(
      `INSERT INTO notification (id, user_id, kind, channel, state, due_at, next_attempt_at)
       SELECT uuid7(), $1, 'MESSAGE_FROM_CLINIC', 'IN_APP', 'SENT', now(), now() FROM generate_series(1, 450)`,
      [userId],
    );
    await prove(token);
    const messages: { id: string; kind: string }[] = json(await download(userId, token), 'messages');
    const ids = messages.filter(({ kind }) => kind === 'MESSAGE_FROM_CLINIC').map(({ id }) => id);
    expect({ rows: ids.length, different: new Set(ids).size }).toEqual({ rows: 450, different: 450 });
  });
});

describe('the list of exported tables', () => {
  let world: CanaryWorld;

  it('has every table with personal columns, or a reason why not (P-09)', () => {
    const exported = new Set(EXPORTED_TABLES.map(({ from }) => from.split(' ')[0]));
    const missing = Object.keys(PERSONAL).filter((table) => !exported.has(table) && !(table in NOT_EXPORTED));
    expect(missing).toEqual([]);
    expect(Object.keys(NOT_EXPORTED).filter((table) => exported.has(table))).toEqual([]);
  });

  it('leads to every personal column of a patient, except those that a table omits', async () => {
    world = await plantCanaries(app);
    const { clientUserId } = world.fixture;
    const token = world.insiders.CLIENT;
    await app.db.query('UPDATE session SET proven_at = now() WHERE user_id = $1', [clientUserId]);
    const files = await download(clientUserId, token);
    const found = new Set(canariesIn([...files.values()].map(String).join('\n')));
    const omitted = new Set(
      EXPORTED_TABLES.flatMap(({ from, omit = [] }) => omit.map((column) => `${from.split(' ')[0]}.${column}`)),
    );
    const expected = Object.entries(PERSONAL)
      .filter(([table]) => !(table in NOT_EXPORTED) && !NOT_PLANTED_TABLES.has(table))
      .flatMap(([table, columns]) => columns.map((column) => `${table}.${column}`))
      .filter((column) => !omitted.has(column) && !NOT_READABLE.has(column));
    expect(expected.filter((column) => !found.has(column))).toEqual([]);
  });
});

/** The patient of `plantCanaries` has no marker in these tables: their rows belong to staff, or have none. */
const NOT_PLANTED_TABLES = new Set([
  'schedule_exception',
  'mfa_factor',
  'stroke_assessment',
  'break_glass',
  'notification_preference',
  'api_key',
  'doctor',
]);
/** Without a marker in the world of canaries, or of somebody else's action. */
const NOT_READABLE = new Set([
  'audit_log.ip',
  'audit_log.device',
  'conversation_message.model',
  'client.date_of_birth',
]);
