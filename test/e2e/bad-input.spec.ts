import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isUnversioned } from '../../src/core/http/bare.js';
import { TestApp } from '../support/app.js';
import { aService, at, openClinic } from '../support/clinic.js';
import { TABLE, type Fixture } from './route-role.table.js';

let app: TestApp;
let admin: string;
let patient: string;
let doctor: string;
/** Routes that an ADMIN may not use. */
const FOR_PATIENTS = /^\/api\/(?:(?:v1|main)\/)?favorites/;
/** Images, which an ADMIN does not see. */
const FOR_DOCTORS = /^\/api\/(?:(?:v1|main)\/)?(?:scans|ai\/(?:analyze-image|scan-image|stroke-image))/;

beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.login('admin@careslot.test');
  patient = await app.login('patient@careslot.test');
  doctor = await app.login('doctor@careslot.test');
});

afterAll(() => app.close());

const anything: Fixture = {
  clinicId: randomUUID(),
  doctorId: randomUUID(),
  serviceId: randomUUID(),
  resourceId: randomUUID(),
  doctorExceptionId: randomUUID(),
  resourceExceptionId: randomUUID(),
  clientId: randomUUID(),
  clientUserId: randomUUID(),
  staffUserId: randomUUID(),
  arrived: randomUUID(),
  confirmed: randomUUID(),
  pending: randomUUID(),
  inProgress: randomUUID(),
  faqId: randomUUID(),
  conversationId: randomUUID(),
  inboxEntryId: randomUUID(),
  deadLetterId: randomUUID(),
  deviceId: randomUUID(),
  bookable: { serviceId: randomUUID(), doctorId: randomUUID(), startDateTime: '2027-02-01T09:00:00Z' },
  email: 'somebody@test.test',
  scanId: randomUUID(),
};

/** `constructor`, `__proto__`, `toString`, `hasOwnProperty` …: every object seems to have them. */
const OF_EVERY_OBJECT = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];
const day = (ahead: number): string => at(ahead).slice(0, 10);
const ALLOWED = new Set([400, 404, 409, 413, 415, 422]);
const everyRoute = Object.entries(TABLE).map(([route, row]) => ({ route, method: route.split(' ')[0] as string, row }));
const isBare = ({ route }: { route: string }): boolean => isUnversioned(route.split(' ')[1] as string);
const routes = everyRoute.filter((route) => !isBare(route));
const bareRoutes = everyRoute.filter(isBare);
const withBody = routes.filter(({ row }) => row.body);
const withId = routes.filter(({ route }) => route.includes(':id'));
const lists = routes.filter(({ route }) =>
  /^GET \/api\/v1\/(users|clients|clinics|doctors|services|resources|appointments|notifications|notifications\/log|scans|faqs|ai\/conversations)$/.test(
    route,
  ),
);

/** ADMIN sees everything but images. */
const tokenFor = (path: string): string =>
  FOR_PATIENTS.test(path) ? patient : FOR_DOCTORS.test(path) ? doctor : admin;

async function answerTo(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; code?: string; fields: string[]; text: string }> {
  const answer = await app.call(method, path, { token: tokenFor(path), ...(body !== undefined && { body }) });
  const details = answer.body?.error?.details;
  return {
    status: answer.status,
    code: answer.code,
    fields: Array.isArray(details) ? details.map(({ field }: { field: string }) => field) : [],
    text: JSON.stringify(answer.body),
  };
}

const LEAKS = /node_modules|\bat \/|SELECT |INSERT |relation "|23P01|22P02|syntax error/;

function assertRefused(what: string, answer: { status: number; code?: string; text: string }): void {
  expect({ what, refused: ALLOWED.has(answer.status), status: answer.status }).toMatchObject({ refused: true });
  expect(answer.text).not.toMatch(LEAKS);
}

describe('a body', () => {
  for (const { route, method, row } of withBody) {
    it(`${route} refuses what is not right, and names it`, async () => {
      const path = row.path(anything);
      const good = row.body?.(anything) as Record<string, unknown>;
      expect(await answerTo(method, path, '{"a":')).toMatchObject({ status: 400, code: 'MALFORMED_JSON' });
      for (const body of [[], [good], '"text"', '7', 'null'])
        assertRefused(JSON.stringify(body), await answerTo(method, path, body));
      const unknown = await answerTo(method, path, { ...good, isAdmin: true });
      expect(unknown).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
      expect(unknown.fields).toContain('isAdmin');
      for (const field of Object.keys(good)) {
        for (const wrong of [{ $ne: null }, ['a'], { toString: 'x' }, true, Number.MAX_SAFE_INTEGER, 'x\u0000y']) {
          const answer = await answerTo(method, path, { ...good, [field]: wrong });
          assertRefused(`${field}: ${JSON.stringify(wrong)}`, answer);
          if (answer.code === 'VALIDATION_ERROR')
            expect(answer.fields.some((name) => name.startsWith(field))).toBe(true);
        }
      }
      for (const name of OF_EVERY_OBJECT) {
        const answer = await answerTo(method, path, `{"${name}":{"x":1}}`);
        expect({ name, ...answer }).toMatchObject({ name, status: 400, code: 'VALIDATION_ERROR', fields: [name] });
      }
      assertRefused('deep', await answerTo(method, path, `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`));
      assertRefused(
        'many keys',
        await answerTo(
          method,
          path,
          JSON.stringify(Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 1]))),
        ),
      );
    });
  }

  it('names a field that is called like what every object has, also deep inside', async () => {
    const send = (body: string) => answerTo('POST', '/api/v1/clinics', body);
    const clinic = `"name":"A","timeZone":"UTC"`;
    for (const name of OF_EVERY_OBJECT) {
      expect(await send(`{${clinic},"policy":{"${name}":1}}`)).toMatchObject({
        status: 400,
        fields: [`policy.${name}`],
      });
      expect(await send(`{${clinic},"x":[1,{"${name}":null}]}`)).toMatchObject({
        status: 400,
        fields: [`x[1].${name}`],
      });
    }
  });

  it('of 10 MB is 413, of another type 415, and the prototype of objects stays clean', async () => {
    const path = '/api/v1/auth/login';
    expect(await answerTo('POST', path, JSON.stringify({ email: 'x'.repeat(10_000_000) }))).toMatchObject({
      status: 413,
      code: 'PAYLOAD_TOO_LARGE',
    });
    const form = await app.call('POST', path, {
      body: 'a=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});

describe('a bare route', () => {
  async function refuses(method: string, path: string, body?: unknown): Promise<string> {
    const answer = await app.call(method, path, { token: tokenFor(path), ...(body !== undefined && { body }) });
    expect({ path, body, refused: [400, 404].includes(answer.status), status: answer.status }).toMatchObject({
      refused: true,
    });
    expect(answer.body).toEqual({ error: expect.stringMatching(/^[^{}]{5,2000}$/), message: answer.body.error });
    expect(answer.body.error).not.toMatch(LEAKS);
    return answer.body.error as string;
  }

  for (const { route, method, row } of bareRoutes.filter(({ row }) => row.body)) {
    it(`${route} refuses a body that is not right, and names the field`, async () => {
      const path = row.path(anything);
      const good = row.body?.(anything) as Record<string, unknown>;
      for (const body of ['{"a":', [], [good], '"text"', '7', 'null', '{"__proto__":{"x":1}}'])
        await refuses(method, path, body);
      await refuses(method, path, `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
      expect(await refuses(method, path, { ...good, isAdmin: true })).toContain('isAdmin is not a field');
      for (const field of Object.keys(good)) {
        for (const wrong of [{ $ne: null }, ['a'], { toString: 'x' }, true, Number.MAX_SAFE_INTEGER, 'x\u0000y'])
          await refuses(method, path, { ...good, [field]: wrong });
      }
    });
  }

  for (const { route, method, row } of bareRoutes.filter(({ route }) => route.includes(':id'))) {
    it(`${route} refuses what is no id, and does not know a random one`, async () => {
      const pattern = (id: string): string => (route.split(' ')[1] as string).replace(/:id/, id);
      for (const id of ['7', '0', '-1', '1.5', "x'--", '%27%20or%201=1', 'undefined', '%00', randomUUID()])
        await refuses(method, pattern(id), row.body?.(anything));
    });
  }

  for (const { route, row } of bareRoutes.filter(({ route }) => /^GET .*s$/.test(route))) {
    it(`${route} refuses limits, cursors, sorts and fields that it does not have`, async () => {
      const path = row.path(anything);
      for (const query of ['limit=101', 'limit=0', 'limit=1&limit=2', 'nope=1', 'sort=id;select', 'cursor=x'])
        await refuses('GET', `${path}?${query}`);
    });
  }
});

describe('an id in the path', () => {
  for (const { route, method, row } of withId) {
    it(`${route} refuses what is not a UUID, and does not know a random one`, async () => {
      const pattern = (id: string): string =>
        (route.split(' ')[1] as string).replace(/:id/, id).replace(/:exceptionId/, randomUUID());
      for (const id of ['7', "x'--", '%27%20or%201=1', 'undefined', 'null', `${randomUUID()}x`, '%00']) {
        expect(await answerTo(method, pattern(id), row.body?.(anything))).toMatchObject({
          status: 400,
          code: 'VALIDATION_ERROR',
        });
      }
      expect((await answerTo(method, pattern(randomUUID()), row.body?.(anything))).status).toBe(404);
    });
  }
});

describe('the query of a list', () => {
  for (const { route, method, row } of lists) {
    it(`${route} refuses limits, cursors, sorts and fields that it does not have`, async () => {
      const path = row.path(anything);
      for (const query of [
        'limit=1e9',
        'limit=-1',
        'limit=0',
        'limit=101',
        'limit=NaN',
        'limit=1.5',
        'limit[]=1',
        'limit=1&limit=2',
        'withTotal=maybe',
        'nope=1',
        'sort=id;select pg_sleep(5)',
        'sort=(case when 1=1 then id end)',
        'page=1',
      ]) {
        expect({ query, ...(await answerTo(method, `${path}?${query}`)) }).toMatchObject({
          query,
          status: 400,
          code: 'VALIDATION_ERROR',
        });
      }
      for (const cursor of [
        'x',
        'e30',
        Buffer.from('["createdAt","x","y"]').toString('base64url'),
        Buffer.from(`["createdAt","${randomUUID()}","' or 1=1"]`).toString('base64url'),
      ]) {
        expect(await answerTo(method, `${path}?cursor=${cursor}`)).toMatchObject({ status: 400, code: 'BAD_CURSOR' });
      }
      expect((await answerTo(method, `${path}?limit=1&withTotal=true`)).status).toBe(200);
    });
  }

  it('knows no field that is called like what every object has', async () => {
    for (const name of OF_EVERY_OBJECT) {
      const answer = await answerTo('GET', `/api/v1/clinics?${name}=1`);
      expect({ name, ...answer }).toMatchObject({ name, status: 400, fields: [name] });
    }
  });

  it('takes % and _ and quotes of a search as they are', async () => {
    for (const q of ['%', '_', "'", '\\', ':*', '& | !', '"a', "l'a", 'a:b']) {
      for (const path of ['doctors', 'services', 'clients', 'users']) {
        expect({
          q,
          path,
          status: (await answerTo('GET', `/api/v1/${path}?q=${encodeURIComponent(q)}`)).status,
        }).toEqual({ q, path, status: 200 });
      }
    }
  });
});

describe('availability', () => {
  it('names what is wrong with the window', async () => {
    const ask = (query: string) => answerTo('GET', `/api/v1/availability?${query}`);
    const id = randomUUID();
    expect((await ask('')).fields.sort()).toEqual(['from', 'serviceId', 'to']);
    expect((await ask(`serviceId=${id}&from=2026-02-30&to=2026-03-01`)).fields).toEqual(['from']);
    expect((await ask(`serviceId=${id}&from=2026-03-02&to=2026-03-01`)).fields).toEqual(['to']);
    expect((await ask(`serviceId=${id}&from=2026-03-01&to=2026-05-02`)).fields).toEqual(['to']);
    expect((await ask(`serviceId=${id}&from=2026-03-01&to=2031-03-01`)).status).toBe(400);
    for (const far of ['0000-01-01', '0001-01-01', '9999-12-31']) {
      expect((await ask(`serviceId=${id}&from=${far}&to=${far}`)).fields).toEqual(['from', 'to']);
      expect((await answerTo('GET', `/api/v1/appointments?from=${far}`)).fields).toEqual(['from']);
    }
    expect((await ask(`serviceId=${id}&from=2026-03-01&to=2026-03-02&timeZone=Mars/Base`)).fields).toEqual([
      'timeZone',
    ]);
    expect((await ask(`serviceId=${id}&from=2026-03-01&to=2026-05-01`)).status).toBe(404);
  });

  it('of more than 50,000 times is refused, and says how to ask for less', async () => {
    // Every five minutes, day and night: 288 times a day.
    const clinic = await openClinic(app, { doctors: 4, policy: { slotStepMinutes: 5 } });
    const serviceId = await aService(app, clinic, { durationMinutes: 5 });
    const ask = (days: number, more = '') =>
      app.call<object[]>(
        'GET',
        `/api/v1/availability?serviceId=${serviceId}&from=${day(2)}&to=${day(1 + days)}${more}`,
      );
    const refused = await ask(62);
    expect(refused).toMatchObject({ status: 400, code: 'VALIDATION_ERROR' });
    expect(refused.body.error.details).toEqual([
      { field: 'to', error: 'contains more than 50000 free times: request fewer days, or one doctor (doctorId)' },
    ]);
    expect((await ask(62, `&doctorId=${clinic.doctorIds[0]}`)).data).toHaveLength(62 * 288);
    expect((await ask(43)).data).toHaveLength(43 * 288 * 4);
    expect((await ask(44)).status).toBe(400);
  });
});

describe('a path', () => {
  it('that is not there is a 404 in the envelope; a method that is not used a 405', async () => {
    for (const path of ['/nope', '/api/v1/nope', '/api/v2/doctors', '/api/v1/doctors/x/y/z', '/%E0%A4%A']) {
      expect(await answerTo('GET', path)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    expect((await app.call('PATCH', '/api/v1/doctors')).status).toBe(405);
  });
});
