import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { API_DOCUMENT } from '../../src/api-document.js';
import { openApiDocument } from '../../src/core/http/openapi.js';
import { newId } from '../../src/core/kernel/id.js';
import { TestApp, type Answer } from '../support/app.js';
import { plantCanaries, type CanaryWorld } from '../support/canaries.js';
import { rounds } from '../support/long-form.js';
import { secondApp, type SecondApp } from '../support/second-app.js';
import { freeStarts } from '../support/slots.js';
import { CALLERS, TABLE, type Fixture } from './route-role.table.js';

/**
 * One Idempotency-Key is sent to two applications within a few milliseconds. PostgreSQL takes the lock on a key some time after
 * the statement's snapshot; this function makes that time longer, so that a rare race happens in most pairs.
 */
const SLOW_LOCK = `
  CREATE FUNCTION public.pg_try_advisory_xact_lock(key bigint) RETURNS boolean LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM pg_sleep(random() * 0.04);
    RETURN pg_catalog.pg_try_advisory_xact_lock(key);
  END $$`;

/** Routes whose own tests send them twice. */
const TESTED_ELSEWHERE = [
  // The second answer lacks the key, which is shown once: `api-keys.spec.ts`.
  'POST /api/v1/api-keys',
  // Likewise the secret: `webhooks.spec.ts`.
  'POST /api/v1/webhooks',
  'POST /api/v1/webhooks/:id/rotate-secret',
  // Likewise the link: `calendars.spec.ts`.
  'POST /api/v1/calendars',
  // It needs an identity provider: `identity-providers.spec.ts`.
  'POST /api/v1/auth/identities',
  // These people have accounts already: `people-attacks.spec.ts`.
  'POST /api/v1/clients/:id/invite',
  'POST /api/v1/users/:id/invite',
  // It needs a child and a guardian: `guardians.spec.ts`.
  'POST /api/v1/clients/:id/guardians',
  // Pairs of the other routes book the same time: `series.spec.ts`.
  'POST /api/v1/appointments/series',
  // They need a payment provider: `payments.spec.ts`.
  'POST /api/v1/payments/orders',
  'POST /api/v1/payments/:id/refund',
  // They need a file and its dry run: `imports.spec.ts`.
  'POST /api/v1/imports',
  'POST /api/v1/imports/:id/start',
  // It needs an offer: `waitlist-offers.spec.ts`.
  'POST /api/v1/waitlist/:id/accept',
  // The scan is created once (`scans-access.spec.ts`), and each answer is read from it.
  ...['', 'main/'].flatMap((prefix) =>
    ['analyze-image', 'scan-image', 'stroke-image/predict'].map((path) => `POST /api/${prefix}ai/${path}`),
  ),
];

const MAX_APART_MILLISECONDS = 16;
const PAIRS = rounds(2, 6);
/** A user can ask the chat 30 times a minute, over its three routes. */
const CHAT_PAIRS = rounds(2, 4);
const BOOKING_PAIRS = rounds(12, 40);

/** Creates the database, users and tokens; it does not serve requests. */
let app: TestApp;
let world: CanaryWorld;
let apis: [SecondApp, SecondApp];
let starts: string[];
let routes: string[];

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
  world = await plantCanaries(app);
  await app.db.query('UPDATE clinic SET max_upcoming_per_client = NULL');
  // Half an hour apart, the duration of an appointment, so that pairs do not conflict.
  starts = (await freeStarts(app, world.fixture.bookable, 20)).filter((start) => /:[03]0:00/.test(start));
  const { paths } = openApiDocument(app.app, API_DOCUMENT);
  routes = idempotentRoutes(paths).filter((route) => !TESTED_ELSEWHERE.includes(route));
  const { rows } = await app.db.query('SELECT current_database() AS name');
  await app.db.query(SLOW_LOCK);
  await app.db.query(`ALTER DATABASE ${rows[0].name} SET search_path = public, pg_catalog`);
  const env = {
    JOBS_IN_PROCESS: 'false',
    TRUST_PROXY: '1',
    PUBLIC_URL: 'http://careslot.test',
    SCAN_CLIENT_MAX_COUNT: '100000',
  };
  await app.stopServing();
  apis = [await secondApp(app, env), await secondApp(app, env)];
});

afterAll(async () => {
  await Promise.all((apis ?? []).map((api) => api.close()));
  await app?.close();
});

function idempotentRoutes(paths: object): string[] {
  return Object.entries(paths).flatMap(([path, operations]: [string, object]) =>
    Object.entries(operations)
      .filter(([, operation]: [string, { parameters?: unknown }]) =>
        /Idempotency/.test(JSON.stringify(operation.parameters ?? null)),
      )
      .map(([method]) => `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
  );
}

/** Creates unused objects for one pair. */
async function createFixture(): Promise<Fixture> {
  const [doctorId, resourceId, scanId, scanSetId] = [newId(), newId(), newId(), newId()];
  const { fixture } = world;
  await app.db.query(`INSERT INTO resource (id, clinic_id, kind, name) VALUES ($1, $2, 'PERSONNEL', 'New')`, [
    resourceId,
    fixture.clinicId,
  ]);
  await app.db.query(
    `INSERT INTO doctor (id, clinic_id, resource_id, first_name, last_name, speciality) VALUES ($1, $2, $3, 'A', 'B', 'C')`,
    [doctorId, fixture.clinicId, resourceId],
  );
  await app.db.query(
    `INSERT INTO scan (id, client_id, uploaded_by, format, original_bytes, original_sha256, total_bytes, renditions,
                       width, height, bit_depth, channels, frames, patient_mismatch)
     VALUES ($1, $2, $3, 'PNG', 1, '', 1, '{}', 1, 1, 8, 1, 1, 'NOT_CHECKED')`,
    [scanId, fixture.clientId, fixture.clientUserId],
  );
  await app.db.query(
    `INSERT INTO scan_set (id, client_id, uploaded_by, study_instance_uid) VALUES ($1::uuid, $2, $3, $1::text)`,
    [scanSetId, fixture.clientId, fixture.clientUserId],
  );
  const bookable = { ...fixture.bookable, startDateTime: starts.shift() as string };
  return { ...fixture, doctorId, resourceId, scanId, scanSetId, bookable, email: `${newId()}@races.test` };
}

/** For these routes the table of roles has a form that is always rejected, because no risk can be computed from it. */
const isBareAssessment = (route: string): boolean => /^POST \/api\/(main\/)?ai\/(stroke-)?assessment$/.test(route);

/** Values from which a risk can be computed. */
const ASSESSABLE = {
  prevent: {
    sex: 'FEMALE',
    age: 50,
    smoker: false,
    bpTreated: true,
    statin: false,
    totalCholesterolMgDl: 200,
    hdlMgDl: 45,
    systolic: 160,
    diabetes: true,
    egfr: 90,
  },
};

/** Returns the token of a caller who succeeds by the table of roles. */
function getCallerToken(route: string): string | undefined {
  const expected = TABLE[route]?.expect ?? [];
  const tokens: Record<string, string | undefined> = { ...world.insiders, none: undefined };
  const caller = Object.keys(tokens).find((name) => {
    const status = expected[CALLERS.findIndex((known) => known === name)] ?? 0;
    return status >= 200 && status < 300;
  });
  if (!caller) throw new Error(`nobody may ${route}`);
  return tokens[caller];
}

async function sendTwice(send: (api: SecondApp) => Promise<Answer>): Promise<[Answer, Answer]> {
  const apart = Math.random() * MAX_APART_MILLISECONDS;
  const [first, second] = Math.random() < 0.5 ? apis : ([apis[1], apis[0]] as const);
  return Promise.all([send(first), pause(apart).then(() => send(second))]);
}

const isInProgress = ({ status, code, body }: Answer): boolean =>
  code === 'IDEMPOTENCY_IN_PROGRESS' ||
  (status >= 400 && /Idempotency-Key is still running/.test(JSON.stringify(body)));

/** Expects the same answer twice, or the answer and IDEMPOTENCY_IN_PROGRESS. */
function expectOneAnswer(answers: [Answer, Answer]): void {
  const shown = answers.map(({ status, body }) => ({ status, body }));
  const done = answers.filter(({ status }) => status < 300);
  expect({ done: done.length > 0, shown }).toEqual({ done: true, shown });
  const [one, other] = done;
  if (one && other) {
    expect(withoutTime(other.body)).toEqual(withoutTime(one.body));
    expect(done.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(1);
  } else {
    const refused = answers.filter((answer) => !isInProgress(answer) && answer.status >= 300);
    expect(refused.map(({ status, body }) => ({ status, body }))).toEqual([]);
  }
}

/** Without the time of the answer, which differs. */
const withoutTime = (body: any): unknown => ('timestamp' in body ? { ...body, timestamp: null } : body);

const onApi =
  (method: string, path: string, options: Parameters<TestApp['call']>[2]) =>
  (api: SecondApp): Promise<Answer> =>
    app.call(method, `${api.url}${path}`, options);

describe('the same key at two applications at once', () => {
  it('books once: both requests get that booking, or one gets IDEMPOTENCY_IN_PROGRESS; none gets a conflict', async () => {
    const patients = await app.patients(BOOKING_PAIRS);
    let replayed = 0;
    for (const { token } of patients) {
      const { bookable } = await createFixture();
      const headers = { 'idempotency-key': newId() };
      const answers = await sendTwice(onApi('POST', '/api/v1/appointments', { token, body: bookable, headers }));
      expectOneAnswer(answers);
      replayed += answers.filter(({ headers: sent }) => sent.get('idempotency-replayed') === 'true').length;
    }
    expect(replayed).toBeGreaterThan(0);
    const { rows } = await app.db.query(
      'SELECT count(*)::int AS n FROM appointment WHERE client_id = ANY ($1::uuid[])',
      [patients.map(({ clientId }) => clientId)],
    );
    expect(rows).toEqual([{ n: BOOKING_PAIRS }]);
  });

  it('returns one answer on every route that accepts a key', async () => {
    expect(routes.length).toBeGreaterThan(15);
    for (const route of routes) {
      const row = TABLE[route];
      if (!row) throw new Error(`${route} is in no table`);
      const isAssessment = isBareAssessment(route);
      const token = isAssessment ? world.insiders.CLIENT : getCallerToken(route);
      for (let pair = 0; pair < (route.endsWith('/ai/chat') ? CHAT_PAIRS : PAIRS); pair += 1) {
        const fixture = await createFixture();
        const [method] = route.split(' ') as [string];
        const body = isAssessment ? ASSESSABLE : row.body?.(fixture);
        const form = row.form?.(fixture);
        const headers = { 'idempotency-key': newId(), 'x-forwarded-for': `203.0.113.${pair + 1}` };
        const options = { token, headers, ...(body && { body }), ...(form && { form }) };
        const answers = await sendTwice(onApi(method, row.path(fixture), options));
        // A patient can hold only three times at once.
        await app.db.query('DELETE FROM hold');
        try {
          expectOneAnswer(answers);
        } catch (error) {
          throw new Error(`${route}, pair ${pair}`, { cause: error });
        }
      }
    }
  }, 240_000);
});
