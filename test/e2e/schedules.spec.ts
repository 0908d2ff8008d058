import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer } from '../support/app.js';
import { openClinic, type TestClinic } from '../support/clinic.js';

let app: TestApp;
let clinic: TestClinic;
let other: TestClinic;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app, { doctors: 2, rooms: 2 });
  other = await openClinic(app);
});

afterAll(() => app.close());

const call = (method: string, path: string, body?: object, token = clinic.manager): Promise<Answer> =>
  app.call(method, `/api/v1${path}`, { token, body });

const OWNERS: ['doctors' | 'resources', () => string[]][] = [
  ['doctors', () => clinic.doctorIds],
  ['resources', () => clinic.roomIds],
];

describe.each(OWNERS)('the schedule of %s', (owners, getIds) => {
  let path: string;
  let otherPath: string;

  beforeAll(() => {
    [path, otherPath] = getIds().map((id) => `/${owners}/${id}/schedule`) as [string, string];
  });

  it('returns the weekly hours that replaced all earlier ones, by weekday, start and first day of validity', async () => {
    const early = { weekday: 1, start: '08:00', end: '12:00', validTo: '2026-12-31' };
    const later = { weekday: 1, start: '08:00', end: '13:00', validFrom: '2027-01-01', validTo: '2027-06-30' };
    const evening = { weekday: 1, start: '18:00', end: '24:00' };
    const sunday = { weekday: 7, start: '00:00', end: '00:01' };
    await call('PUT', path, { rules: [{ weekday: 3, start: '09:00', end: '10:00' }] });
    const replaced = await call('PUT', path, { rules: [sunday, evening, later, early] });
    expect([replaced.status, replaced.data]).toEqual([200, { rules: [early, later, evening, sunday] }]);
    expect((await call('GET', path)).data).toEqual(replaced.data);
    expect((await call('PUT', path, { rules: [] })).data).toEqual({ rules: [] });
    expect((await call('GET', path)).data).toEqual({ rules: [] });
  });

  it('stays as it was if the new hours overlap', async () => {
    const rule = { weekday: 2, start: '09:00', end: '12:00' };
    await call('PUT', path, { rules: [rule] });
    const refused = await call('PUT', path, { rules: [rule, { ...rule, start: '11:59', end: '13:00' }] });
    expect([refused.status, refused.code]).toEqual([400, 'VALIDATION_ERROR']);
    expect((await call('GET', path)).data).toEqual({ rules: [rule] });
  });

  it('contains the hours of one of two concurrent requests', async () => {
    const first = { rules: [1, 2, 3].map((weekday) => ({ weekday, start: '09:00', end: '10:00' })) };
    const second = { rules: [4, 5].map((weekday) => ({ weekday, start: '11:00', end: '12:00' })) };
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => call('PUT', path, index % 2 === 0 ? first : second)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(6).fill(200));
    expect([first, second]).toContainEqual((await call('GET', path)).data);
    const { rows } = await app.db.query<{ follows: boolean }>(
      `SELECT before_hash = lag(after_hash) OVER (PARTITION BY object_id ORDER BY id) AS follows
       FROM audit_log WHERE action = 'schedule.replaced'`,
    );
    expect(rows.filter(({ follows }) => follows === false)).toEqual([]);
  });

  it('lists exceptions by first day, page by page, and those that touch a range of days', async () => {
    const days = ['2027-03-10', '2027-01-05', '2027-02-01'];
    for (const from of days) {
      const { status } = await call('POST', `${path}/exceptions`, { from, to: from, kind: 'CLOSED' });
      expect(status).toBe(201);
    }
    const long = { from: '2027-01-06', to: '2027-02-28', kind: 'OPEN', start: '07:00', end: '08:30', reason: 'Extra' };
    const added = await call('POST', `${path}/exceptions`, long);
    expect(added.data).toEqual({ id: added.data.id, ...long });
    const list = async (query: string): Promise<Answer> => call('GET', `${path}/exceptions?${query}`);
    const first = await list('limit=3&withTotal=true');
    const rest = await list(`limit=3&cursor=${first.body.meta.nextCursor}`);
    expect(first.body.meta.total).toBe(4);
    expect([...first.data, ...rest.data].map(({ from }: { from: string }) => from)).toEqual([
      '2027-01-05',
      '2027-01-06',
      '2027-02-01',
      '2027-03-10',
    ]);
    expect(first.data[1]).toEqual(added.data);
    const inFebruary = await list('from=2027-02-02&to=2027-02-20');
    expect(inFebruary.data).toEqual([added.data]);
  });

  it('removes an exception once, even with concurrent requests, and only under its own owner', async () => {
    const body = { from: '2028-02-29', to: '2028-03-01', kind: 'CLOSED' };
    const { id } = (await call('POST', `${path}/exceptions`, body)).data;
    expect((await call('DELETE', `${otherPath}/exceptions/${id}`)).status).toBe(404);
    const answers = await Promise.all(Array.from({ length: 4 }, () => call('DELETE', `${path}/exceptions/${id}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404]);
    const { rows } = await app.db.query(
      `SELECT payload ->> 'from' AS "from", payload ->> 'to' AS "to" FROM outbox
       WHERE event = 'schedule.exception-removed' AND aggregate_id = (
         SELECT coalesce((SELECT resource_id FROM doctor WHERE id = $1), $1::uuid))`,
      [getIds()[0]],
    );
    expect(rows).toEqual([{ from: body.from, to: body.to }]);
  });

  it('may be read by the front desk, changed by managers, and is not found in another clinic', async () => {
    const body = { rules: [] };
    expect((await call('GET', path, undefined, clinic.staff)).status).toBe(200);
    expect((await call('PUT', path, body, clinic.staff)).status).toBe(403);
    expect((await call('GET', path, undefined, other.manager)).status).toBe(404);
    expect((await call('PUT', path, body, other.manager)).status).toBe(404);
    expect((await call('GET', `${path}/exceptions`, undefined, other.manager)).status).toBe(404);
  });
});

it('the schedule of a doctor is the same under the doctor and under the resource of the doctor', async () => {
  const [doctorId] = clinic.doctorIds;
  const { resourceId } = (await call('GET', `/doctors/${doctorId}`)).data;
  const rules = [{ weekday: 5, start: '10:00', end: '16:00' }];
  await call('PUT', `/resources/${resourceId}/schedule`, { rules });
  expect((await call('GET', `/doctors/${doctorId}/schedule`)).data).toEqual({ rules });
});

it('a schedule is not found with the id of another kind of owner', async () => {
  expect((await call('GET', `/resources/${clinic.doctorIds[0]}/schedule`)).status).toBe(404);
  expect((await call('GET', `/doctors/${clinic.roomIds[0]}/schedule`)).status).toBe(404);
});
