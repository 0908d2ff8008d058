import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, at, openClinic, type TestClinic } from '../support/clinic.js';
import { withoutTable } from '../support/locks.js';
import { startsIn } from '../support/visits.js';

/** Input and rules of a visit, as far as no other file tests them (docs/security.md). */

let app: TestApp;
let clinic: TestClinic;
let serviceId: string;

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  clinic = await openClinic(app);
  serviceId = await aService(app, clinic);
});

afterAll(() => app.close());

const get = (path: string, token = clinic.admin): Promise<Answer> => app.call('GET', `/api/v1/${path}`, { token });
const visit = (startDateTime: string): object => ({ serviceId, doctorId: clinic.doctorIds[0], startDateTime });
const book = (token: string, body: object): Promise<Answer> =>
  app.call('POST', '/api/v1/appointments', { token, body });

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  schema: { format?: string; type?: string; items?: { format?: string } };
}

/** The list routes with their parameters, from the document. */
function readLists(): { path: string; ids: Parameter[]; required: Parameter[] }[] {
  const document: any = JSON.parse(readFileSync('openapi.json', 'utf8'));
  const resolve = (one: any): Parameter =>
    one.$ref ? document.components.parameters[one.$ref.split('/').at(-1)] : one;
  return Object.entries<any>(document.paths)
    .filter(([path, { get }]) => get && path.startsWith('/api/v1/') && !path.includes('{'))
    .map(([path, { get }]) => {
      const inQuery = ((get.parameters ?? []) as any[]).map(resolve).filter((one) => one.in === 'query');
      const isId = ({ schema }: Parameter): boolean => (schema.items ?? schema).format === 'uuid';
      return { path, ids: inQuery.filter(isId), required: inQuery.filter((one) => one.required && !isId(one)) };
    });
}

describe('a filter by an id', () => {
  it('that is empty, null or undefined is refused, and never means all or the first (I-06)', async () => {
    const lists = readLists().filter(({ ids }) => ids.length > 0);
    expect(lists.length).toBeGreaterThan(15);
    const day = at(3).slice(0, 10);
    const filled: Record<string, string> = { from: day, to: day, date: day };
    const answers: object[] = [];
    for (const { path, ids, required } of lists) {
      const others = required.map(({ name }) => `&${name}=${filled[name] ?? ''}`).join('');
      for (const { name } of ids) {
        for (const value of ['', 'null', 'undefined', '%00', '[]', 'NaN']) {
          const { status } = await app.call('GET', `${path}?${name}=${value}${others}`, { token: clinic.manager });
          // 403: the route is not for managers, whatever the filter is.
          if (status !== 400 && status !== 403) answers.push({ path, name, value, status });
        }
      }
    }
    expect(answers).toEqual([]);
  });

  it('that no record has finds nothing (I-06)', async () => {
    await book(clinic.staff, { ...visit(at(3)), clientId: (await app.patient()).clientId });
    for (const path of ['appointments', 'clients', 'services', 'doctors', 'resources'])
      expect({ path, data: (await get(`${path}?clinicId=${newId()}`)).data }).toEqual({ path, data: [] });
  });
});

describe('a search or a sort', () => {
  it('reads %, _ and quotes as characters, and refuses NUL and what it does not know (I-01)', async () => {
    const lastName = `Wald${newId().slice(-6)}`;
    const person = { firstName: 'Mona', lastName, clinicId: clinic.id };
    await app.call('POST', '/api/v1/clients', { token: clinic.staff, body: person });
    const find = async (q: string): Promise<number> =>
      (await get(`clients?q=${encodeURIComponent(q)}`, clinic.staff)).data.length;
    expect(await find(lastName)).toBe(1);
    for (const q of ['W_ld', 'W%d', `_${lastName.slice(1)}`, `%${lastName.slice(3)}`, "' OR 1=1--"])
      expect({ q, found: await find(q) }).toEqual({ q, found: 0 });
    const wrong = ['q=%00', 'sort=id;select pg_sleep(5)', 'sort="id"', 'sort=lastName%00', 'order=asc', 'fields=id'];
    const unknown = ['filter[role]=ADMIN', 'search=x', 'where=1', 'sort[]=lastName', 'q[]=a', 'q[$ne]=a', 'group=1'];
    for (const query of [...wrong, ...unknown]) {
      const { status, code } = await get(`clients?${query}`, clinic.staff);
      expect({ query, status, code }).toEqual({ query, status: 400, code: 'VALIDATION_ERROR' });
    }
  });
});

describe('a booking', () => {
  it('with a field that only the server sets is refused by name, and nothing is stored (Z-05)', async () => {
    const { token } = await app.patient();
    const fields: Record<string, unknown> = {
      id: newId(),
      status: 'COMPLETED',
      price: { amount: 0, currency: 'USD' },
      clinicId: newId(),
      version: 99,
      createdAt: '2020-01-01T00:00:00Z',
      seriesId: newId(),
      groupId: newId(),
      checkedInAt: '2020-01-01T00:00:00Z',
      role: 'ADMIN',
      isAdmin: true,
      emailVerified: true,
      endDateTime: at(9),
    };
    const count = async (): Promise<number> =>
      (await app.db.query<{ n: number }>('SELECT count(*)::int AS n FROM appointment')).rows[0]?.n ?? -1;
    const before = await count();
    for (const [field, value] of Object.entries(fields)) {
      const answer = await book(token, { ...visit(at(4)), [field]: value });
      expect({ field, status: answer.status }).toEqual({ field, status: 400 });
      expect(answer.body.error.details).toEqual([expect.objectContaining({ field })]);
    }
    expect(await count()).toBe(before);
  });

  it('of the past, confirmed or cancelled twice, or moved after it took place is refused and stays (Z-09)', async () => {
    const { token } = await app.patient();
    const outside = await book(token, visit(at(-3)));
    expect([outside.status, outside.code]).toEqual([422, 'SLOT_NOT_OFFERED']);
    const cancelled = (await book(token, visit(at(5)))).data.id;
    const over = (await book(token, visit(at(6)))).data.id;
    const path = (id: string): string => `/api/v1/appointments/${id}`;
    expect((await app.call('DELETE', path(cancelled), { token })).status).toBe(200);
    await startsIn(app, over, -24 * 60);
    const read = async (): Promise<unknown> =>
      (
        await app.db.query('SELECT id, status, start_at, version FROM appointment WHERE id = ANY ($1) ORDER BY id', [
          [cancelled, over],
        ])
      ).rows;
    const before = await read();
    const body = { startDateTime: at(7) };
    const attempts: [string, Promise<Answer>][] = [
      ['confirm', app.call('POST', `${path(cancelled)}/confirm`, { token: clinic.staff })],
      ['complete', app.call('POST', `${path(cancelled)}/complete`, { token: clinic.staff })],
      ['move a cancelled one', app.call('PUT', path(cancelled), { token, body })],
      ['cancel twice', app.call('DELETE', path(cancelled), { token })],
      ['move a past one', app.call('PUT', path(over), { token, body })],
      ['cancel a past one', app.call('DELETE', path(over), { token })],
    ];
    for (const [what, answer] of attempts) {
      const { status } = await answer;
      expect({ what, isRefused: [409, 422].includes(status) }).toEqual({ what, isRefused: true });
    }
    expect(await read()).toEqual(before);
  });
});

describe('the audit log', () => {
  it('that cannot be written makes reads and changes of patients fail, and nothing is changed (P-05)', async () => {
    const person = { firstName: 'Mona', lastName: 'Audited', clinicId: clinic.id };
    const { id } = (await app.call('POST', '/api/v1/clients', { token: clinic.staff, body: person })).data;
    const path = `/api/v1/clients/${id}`;
    const calls = async (): Promise<number[]> =>
      (
        await Promise.all([
          app.call('GET', path, { token: clinic.staff }),
          app.call('GET', '/api/v1/clients', { token: clinic.staff }),
          app.call('PUT', path, { token: clinic.staff, body: { notes: 'Changed' } }),
          book(clinic.staff, { ...visit(at(11)), clientId: id }),
        ])
      ).map(({ status }) => status);
    const count = `SELECT count(*)::int AS n FROM appointment WHERE client_id = $1`;
    const refused = await withoutTable(app.db, 'audit_log', calls);
    expect(refused).toEqual([500, 500, 500, 500]);
    expect((await app.db.query<{ n: number }>(count, [id])).rows).toEqual([{ n: 0 }]);
    expect((await app.call('GET', path, { token: clinic.staff })).data).toMatchObject({ id, notes: null });
    expect(await calls()).toEqual([200, 200, 200, 201]);
  });
});

describe('an error of the server', () => {
  it('has a code, a message and the request id, and nothing of the database (L-01)', async () => {
    const id = 'error-of-the-test-1';
    const ask = () => app.call('GET', '/api/v1/faqs', { headers: { 'x-request-id': id } });
    const answer = await withoutTable(app.db, 'faq', ask);
    const { timestamp: _, ...body } = answer.body;
    expect([answer.status, body]).toEqual([
      500,
      {
        success: false,
        error: { code: 'INTERNAL_ERROR', message: expect.any(String), details: null },
        message: expect.any(String),
        requestId: id,
      },
    ]);
    expect(JSON.stringify(answer.body)).not.toMatch(
      /faq|relation|SELECT|42P01|node_modules|\bat \/|\.[jt]s\b|postgres/i,
    );
    expect((await ask()).status).toBe(200);
  });
});
