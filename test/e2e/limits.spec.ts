import { expect, test } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { code, enrol, login, signInMember } from '../support/second-factor.js';
import { SettableClock } from '../support/settable-clock.js';
import { freeStarts, findBookableService } from '../support/slots.js';

const NO_REDIS = 'redis://127.0.0.1:1';

const from = (address: number) => ({ headers: { 'x-forwarded-for': `203.0.113.${address % 250}` } });

async function countStatuses(app: TestApp, count: number): Promise<Record<number, number>> {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, index) => app.call('GET', '/health/live', from(index))),
  );
  const refused = answers.find(({ status }) => status === 429);
  if (refused) {
    expect(refused.code).toBe('RATE_LIMITED');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-limit')).toBe('40');
    expect(refused.headers.get('ratelimit-remaining')).toBe('0');
  }
  return answers.reduce<Record<number, number>>((n, { status }) => ({ ...n, [status]: (n[status] ?? 0) + 1 }), {});
}

test('an address above the limit gets 429, also with different X-Forwarded-For headers (R-01, R-02)', async () => {
  // The clock stands still, so that all requests are in the same minute.
  const clock = new SettableClock();
  const app = await TestApp.start({ RATE_LIMIT_PER_MINUTE: '40' }, undefined, clock);
  expect(await countStatuses(app, 200)).toEqual({ 200: 40, 429: 160 });
  await app.close();
});

test('behind a trusted proxy each client has its own limit (R-02)', async () => {
  const app = await TestApp.start({ RATE_LIMIT_PER_MINUTE: '40', TRUST_PROXY: '1' });
  expect(await countStatuses(app, 200)).toEqual({ 200: 200 });
  await app.close();
});

test('without Redis the limits of wrong passwords, codes and resets are the same, and everything else works (R-03)', async () => {
  const app = await TestApp.start({ REDIS_URL: NO_REDIS });
  const [patient] = await app.patients(1);
  const guess = (email: string) =>
    app.call('POST', '/api/v1/auth/login', { body: { email, password: 'wrong-wrong-wrong' } });
  const answers: number[] = [];
  for (let attempt = 0; attempt < 11; attempt += 1) answers.push((await guess('doctor@careslot.test')).status);
  expect(answers).toEqual([...Array<number>(10).fill(401), 429]);
  const forgotten: number[] = [];
  for (let attempt = 0; attempt < 6; attempt += 1) {
    const body = { email: 'doctor@careslot.test' };
    forgotten.push((await app.call('POST', '/api/v1/auth/password/forgot', { body })).status);
  }
  expect(forgotten).toEqual([202, 202, 202, 202, 202, 429]);
  const { email, token } = await signInMember(app, 'STAFF');
  const { secret } = await enrol(app, token);
  const codes: (string | undefined)[] = [];
  for (let attempt = 0; attempt < 10; attempt += 1) codes.push((await login(app, email, '000000x')).code);
  codes.push((await login(app, email, code(secret))).code);
  expect(codes).toEqual([...Array<string>(10).fill('MFA_INVALID'), 'RATE_LIMITED']);
  expect(await app.login('staff@careslot.test')).toEqual(expect.any(String));
  const video = await findBookableService(app, 'Video visit');
  const [startDateTime] = await freeStarts(app, video);
  const { serviceId, doctorId } = video;
  const booked = await app.call('POST', '/api/v1/appointments', {
    token: patient?.token,
    body: { serviceId, doctorId, startDateTime },
    headers: { 'idempotency-key': 'without-redis' },
  });
  expect(booked.status).toBe(201);
  expect((await app.call('GET', '/health/ready')).status).toBe(200);
  const admin = await app.login('admin@careslot.test');
  const { status, body } = await app.call('GET', '/health/detailed', { token: admin });
  expect(status).toBe(503);
  expect(body.error).toMatchObject({
    message: 'Down: Redis.',
    details: { status: 'degraded', redisReachable: false, database: { reachable: true } },
  });
  await app.close();
});

test('after a hundred wrong passwords from a hundred addresses a new address gets 429, and the address of the owner does not (A-06)', async () => {
  const app = await TestApp.start({ TRUST_PROXY: '1' });
  const [email, password] = ['doctor@careslot.test', 'careslot-demo-1'];
  const signIn = (word: string, address: string) =>
    app.call('POST', '/api/v1/auth/login', {
      body: { email, password: word },
      headers: { 'x-forwarded-for': address },
    });
  const home = '198.51.100.7';
  expect((await signIn(password, home)).status).toBe(200);
  const guesses = await Promise.all(
    Array.from({ length: 100 }, (_, index) => signIn('wrong-wrong-wrong', `203.0.113.${index}`)),
  );
  expect(new Set(guesses.map(({ status }) => status))).toEqual(new Set([401]));
  const refused = await signIn(password, '203.0.113.200');
  expect([refused.status, refused.code]).toEqual([429, 'RATE_LIMITED']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect((await signIn(password, home)).status).toBe(200);
  await app.close();
});

test.each([
  ['with Redis', {}],
  ['without Redis', { REDIS_URL: NO_REDIS }],
])(
  'requests that were rejected by the limit of one address do not count against the account, %s',
  async (_, redis) => {
    const app = await TestApp.start({ TRUST_PROXY: '1', ...redis });
    const signIn = (password: string, address: string) =>
      app.call('POST', '/api/v1/auth/login', {
        body: { email: 'doctor@careslot.test', password },
        headers: { 'x-forwarded-for': address },
      });
    const statuses: number[] = [];
    // More than the account's own limit of a hundred.
    for (let attempt = 0; attempt < 120; attempt += 1) {
      statuses.push((await signIn('wrong-wrong-wrong', '203.0.113.1')).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(401), ...Array<number>(110).fill(429)]);
    expect((await signIn('careslot-demo-1', '203.0.113.2')).status).toBe(200);
    await app.close();
  },
  60_000,
);
