import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isUnversioned } from '../../src/core/http/bare.js';
import { TestApp } from '../support/app.js';
import { aService, at, openClinic } from '../support/clinic.js';
import { rounds } from '../support/long-form.js';
import { TABLE, type Fixture } from './route-role.table.js';

let app: TestApp;
let admin: string;
let patient: string;
let doctor: string;
/** Routes that an ADMIN may not use. */
const FOR_PATIENTS =
  /^\/api\/(?:(?:v1|main)\/)?(?:favorites|auth\/claims|clients\/[^/]+\/children|payments\/(?:orders|verify))/;
/** Routes that ask for fresh proof of identity before they look for the id. */
const NEEDS_PROOF = new Set(['DELETE /api/v1/auth/identities/:id']);
/** Images and emergency access, which are not for an ADMIN. */
const FOR_DOCTORS =
  /^\/api\/(?:(?:v1|main)\/)?(?:scans|scan-sets|ai\/(?:analyze-image|scan-image|stroke-image)|clients\/[^/]+\/break-glass)/;

beforeAll(async () => {
  app = await TestApp.start();
  admin = await app.login('admin@careslot.test');
  patient = await app.login('patient@careslot.test');
  doctor = await app.login('doctor@careslot.test');
});

afterAll(() => app.close());

const unknownIds: Fixture = {
  clinicId: randomUUID(),
  doctorId: randomUUID(),
  serviceId: randomUUID(),
  resourceId: randomUUID(),
  doctorExceptionId: randomUUID(),
  closureId: randomUUID(),
  resourceExceptionId: randomUUID(),
  clientId: randomUUID(),
  clientUserId: randomUUID(),
  staffUserId: randomUUID(),
  arrived: randomUUID(),
  confirmed: randomUUID(),
  holdId: randomUUID(),
  queueEntryId: randomUUID(),
  walkInId: randomUUID(),
  waitlistEntryId: randomUUID(),
  calendarFeedId: randomUUID(),
  paymentId: randomUUID(),
  referralId: randomUUID(),
  ownDoctorId: randomUUID(),
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
  scanSetId: randomUUID(),
  apiKeyId: randomUUID(),
  webhookId: randomUUID(),
  webhookDeliveryId: randomUUID(),
  importId: randomUUID(),
};

/** Names of properties that every object inherits: `constructor`, `__proto__`, `toString`, `hasOwnProperty` … */
const INHERITED_NAMES = [...Object.getOwnPropertyNames(Object.prototype), 'prototype'];
/**
 * Returns the next `count` of the values, in a circle, or all in the long form. All are used, because several hundred fields,
 * routes and bodies ask.
 */
function inTurns<T>(values: readonly T[], count: number): () => T[] {
  let next = 0;
  return () => Array.from({ length: rounds(count, values.length) }, () => values[next++ % values.length] as T);
}
const someWrongValues = inTurns<unknown>(
  [{ $ne: null }, ['a'], { toString: 'x' }, true, Number.MAX_SAFE_INTEGER, 'x\u0000y'],
  3,
);
const someInheritedNames = inTurns(INHERITED_NAMES, 3);
const someWrongIds = inTurns(['7', "x'--", '%27%20or%201=1', 'undefined', 'null', `${randomUUID()}x`, '%00'], 3);

const day = (ahead: number): string => at(ahead).slice(0, 10);
const everyRoute = Object.entries(TABLE).map(([route, row]) => ({ route, method: route.split(' ')[0] as string, row }));
/** Fields that may be the number of an object. */
const NUMERIC_IDS = new Set(['doctorId', 'scanId']);
const isBare = ({ route }: { route: string }): boolean => isUnversioned(route.split(' ')[1] as string);
const routes = everyRoute.filter((route) => !isBare(route));
const bareRoutes = everyRoute.filter(isBare);
/** Its bytes are signed, and checked before their content: `payment-webhooks.spec.ts`. */
const SIGNED = 'POST /api/v1/payments/webhook';
const withBody = routes.filter(({ route, row }) => row.body && route !== SIGNED);
const withId = routes.filter(({ route }) => route.includes(':id'));
const lists = routes.filter(({ route }) =>
  /^GET \/api\/v1\/(users|clients|clinics|doctors|services|resources|appointments|notifications|notifications\/log|scans|scan-sets|faqs|ai\/conversations)$/.test(
    route,
  ),
);

/** An ADMIN may use all routes except those of FOR_PATIENTS and FOR_DOCTORS. */
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

/** Internals that must not be in an error. */
const INTERNALS = /node_modules|\bat \/|SELECT |INSERT |relation "|23P01|22P02|syntax error/;

async function expectError(
  status: number,
  code: string,
  method: string,
  path: string,
  body: unknown,
): Promise<string[]> {
  const answer = await answerTo(method, path, body);
  const sent = JSON.stringify(body).slice(0, 200);
  expect({ sent, status: answer.status, code: answer.code }).toEqual({ sent, status, code });
  expect(answer.text).not.toMatch(INTERNALS);
  return answer.fields;
}

describe('a body', () => {
  for (const { route, method, row } of withBody) {
    it(`${route} rejects invalid bodies, and names the field (I-03, I-04, I-05, L-01)`, async () => {
      const path = row.path(unknownIds);
      const good = row.body?.(unknownIds) as Record<string, unknown>;
      for (const body of ['{"a":', '"text"', '7', 'null']) await expectError(400, 'MALFORMED_JSON', method, path, body);
      for (const body of [[], [good]]) await expectError(400, 'VALIDATION_ERROR', method, path, body);
      const unknown = { ...good, isAdmin: true };
      expect(await expectError(400, 'VALIDATION_ERROR', method, path, unknown)).toContain('isAdmin');
      for (const field of Object.keys(good)) {
        for (const wrong of someWrongValues()) {
          // `true` is right for a field that is a boolean.
          if (good[field] === wrong || (wrong === true && typeof good[field] === 'boolean')) continue;
          const body = { ...good, [field]: wrong };
          const fields = await expectError(400, 'VALIDATION_ERROR', method, path, body);
          expect(fields.filter((name) => name.startsWith(field))).not.toEqual([]);
        }
      }
      for (const name of someInheritedNames()) {
        const answer = await answerTo(method, path, `{"${name}":{"x":1}}`);
        expect({ name, ...answer }).toMatchObject({ name, status: 400, code: 'VALIDATION_ERROR', fields: [name] });
      }
      const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
      await expectError(400, 'VALIDATION_ERROR', method, path, deep);
      const manyKeys = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 1]));
      await expectError(413, 'PAYLOAD_TOO_LARGE', method, path, manyKeys);
    });
  }

  it('with a field named like an inherited property is rejected with its name, also inside other fields (I-04)', async () => {
    const send = (body: string) => answerTo('POST', '/api/v1/clinics', body);
    const clinic = `"name":"A","timeZone":"UTC"`;
    for (const name of INHERITED_NAMES) {
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

  it('of 10 MB results in 413, of another content type in 415, and does not change the prototype of objects (I-03, I-04)', async () => {
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

describe('a route without an envelope', () => {
  async function expectFailure(status: number, method: string, path: string, body?: unknown): Promise<string> {
    const answer = await app.call(method, path, { token: tokenFor(path), ...(body !== undefined && { body }) });
    expect({ path, body, status: answer.status }).toEqual({ path, body, status });
    expect(answer.body).toEqual({ error: expect.stringMatching(/^[^{}]{5,2000}$/), message: answer.body.error });
    expect(answer.body.error).not.toMatch(INTERNALS);
    return answer.body.error as string;
  }

  for (const { route, method, row } of bareRoutes.filter(({ row }) => row.body)) {
    it(`${route} rejects invalid bodies, and names the field (I-03, I-04, I-05, L-01)`, async () => {
      const path = row.path(unknownIds);
      const good = row.body?.(unknownIds) as Record<string, unknown>;
      for (const body of ['{"a":', [], [good], '"text"', '7', 'null', '{"__proto__":{"x":1}}'])
        await expectFailure(400, method, path, body);
      await expectFailure(400, method, path, `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`);
      expect(await expectFailure(400, method, path, { ...good, isAdmin: true })).toContain('isAdmin is not a field');
      for (const field of Object.keys(good)) {
        for (const wrong of [{ $ne: null }, ['a'], { toString: 'x' }, true, 'x\u0000y'])
          await expectFailure(400, method, path, { ...good, [field]: wrong });
        // A number is a valid id, but nothing has this one.
        const status = NUMERIC_IDS.has(field) ? 404 : 400;
        await expectFailure(status, method, path, { ...good, [field]: Number.MAX_SAFE_INTEGER });
      }
    });
  }

  for (const { route, method, row } of bareRoutes.filter(({ route }) => route.includes(':id'))) {
    it(`${route} rejects invalid ids with 400, and unknown ids with 404`, async () => {
      const pattern = (id: string): string => (route.split(' ')[1] as string).replace(/:id/, id);
      for (const id of ['0', '-1', '1.5', "x'--", '%27%20or%201=1', 'undefined', '%00'])
        await expectFailure(400, method, pattern(id), row.body?.(unknownIds));
      for (const id of ['7', randomUUID()]) await expectFailure(404, method, pattern(id), row.body?.(unknownIds));
    });
  }

  for (const { route, row } of bareRoutes.filter(({ route }) => /^GET .*s$/.test(route))) {
    it(`${route} rejects invalid limits, cursors, sorts and unknown parameters`, async () => {
      const path = row.path(unknownIds);
      for (const query of ['limit=101', 'limit=0', 'limit=1&limit=2', 'nope=1', 'sort=id;select', 'cursor=x'])
        await expectFailure(400, 'GET', `${path}?${query}`);
    });
  }
});

describe('an id in the path', () => {
  for (const { route, method, row } of withId) {
    it(`${route} rejects invalid ids with 400, and an unknown id with 404 (I-05, I-06)`, async () => {
      const pattern = (id: string): string =>
        (route.split(' ')[1] as string)
          .replace(/:id/, id)
          .replace(/:(exception|clinic|guardian|closure|delivery)Id/, randomUUID());
      for (const id of someWrongIds()) {
        expect(await answerTo(method, pattern(id), row.body?.(unknownIds))).toMatchObject({
          status: 400,
          code: 'VALIDATION_ERROR',
        });
      }
      const { status } = await answerTo(method, pattern(randomUUID()), row.body?.(unknownIds));
      expect(status).toBe(NEEDS_PROOF.has(route) ? 403 : 404);
    });
  }
});

describe('the query of a list (I-01, I-02)', () => {
  for (const { route, method, row } of lists) {
    it(`${route} rejects invalid limits, cursors, sorts and unknown parameters`, async () => {
      const path = row.path(unknownIds);
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

  it('with a parameter named like an inherited property is rejected (I-04)', async () => {
    for (const name of INHERITED_NAMES) {
      const answer = await answerTo('GET', `/api/v1/clinics?${name}=1`);
      expect({ name, ...answer }).toMatchObject({ name, status: 400, fields: [name] });
    }
  });

  it('may contain %, _ and quotes in a search', async () => {
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
  it('names the invalid parameter', async () => {
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

  it('of more than 50,000 times is rejected with advice how to request fewer', async () => {
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
  it('that is unknown results in 404 in the envelope, and an unknown method in 405', async () => {
    for (const path of ['/nope', '/api/v1/nope', '/api/v2/doctors', '/api/v1/doctors/x/y/z', '/%E0%A4%A']) {
      expect(await answerTo('GET', path)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
    }
    expect((await app.call('PATCH', '/api/v1/doctors')).status).toBe(405);
  });
});
