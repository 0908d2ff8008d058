import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AnswerCache } from '../../src/core/cache/answer-cache.js';
import { newId } from '../../src/core/kernel/id.js';
import { registry } from '../../src/core/metrics/registry.js';
import { RedisHealth } from '../../src/core/redis/redis-health.js';
import { startRedis, type RunningRedis } from '../../tools/services/redis.js';
import { TestApp, type Answer } from '../support/app.js';
import { aService, openClinic, type TestClinic } from '../support/clinic.js';
import { eventually, within } from '../support/eventually.js';
import { rounds } from '../support/long-form.js';
import { secondApp, type SecondApp } from '../support/second-app.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** Two applications on one database and one Redis, as in two processes. Changes are made by `app`, and `other` reads. */

/** Another process sees a change after at most a second; the rest is for a busy machine. A cached answer is kept for a minute. */
const VISIBLE_WITHIN_MILLISECONDS = 3_000;

let app: TestApp;
let other: SecondApp;
let postgres: TcpProxy;
let redis: RunningRedis;
let redisProxy: TcpProxy;
let folder: string;
let clinic: TestClinic;
let serviceId: string;
let faqId: string;
let cache: AnswerCache;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'careslot-cache-'));
  redis = await startRedis({ dataDir: folder, log: () => undefined, ephemeral: true });
  redisProxy = await TcpProxy.start(redis.url);
  app = await TestApp.start({ REDIS_URL: redisProxy.url });
  cache = app.app.get(AnswerCache);
  postgres = await TcpProxy.start(app.environment.DATABASE_URL as string);
  other = await secondApp(app, {
    DATABASE_TIMEOUT_SECONDS: '4',
    DATABASE_URL: postgres.url,
    REDIS_URL: redisProxy.url,
  });
  clinic = await openClinic(app, { doctors: 3 });
  serviceId = await aService(app, clinic);
  faqId = (await created('faqs', { locale: 'en', question: 'Where may I park?', answer: 'Behind the house.' })).id;
});

afterAll(async () => {
  redis?.resume();
  postgres?.resume();
  await other?.close();
  await app?.close();
  await Promise.all([postgres?.close(), redisProxy?.close()]);
  await redis?.kill();
  await rm(folder, { recursive: true, force: true });
});

async function created(path: string, body: object): Promise<{ id: string }> {
  const answer = await app.call('POST', `/api/v1/${path}`, { token: clinic.admin, body });
  expect(answer.status).toBe(201);
  return answer.data as { id: string };
}

const get = (path: string, token?: string): Promise<Answer> => app.call('GET', `/api/v1/${path}`, { token });
const getFromOther = (path: string): Promise<Answer> => app.call('GET', `${other.url}/api/v1/${path}`);

async function change(path: string, body: object): Promise<Answer> {
  const answer = await app.call('PUT', `/api/v1/${path}`, { token: clinic.admin, body });
  expect(answer.status).toBe(200);
  return answer;
}

/** Returns how many reads a level of the caches of both applications has answered (hit) or not (miss). */
async function count(level: string, outcome: string): Promise<number> {
  const text = await registry.getSingleMetricAsString('careslot_cache_requests_total');
  const name = `careslot_cache_requests_total{level="${level}",outcome="${outcome}"} `;
  return Number(
    text
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.slice(name.length),
  );
}

/** Reads until the answer comes from memory. */
async function warmUp(url: string, path: string): Promise<void> {
  await eventually(async () => {
    const before = await count('memory', 'hit');
    expect((await app.call('GET', `${url}/api/v1/${path}`)).status).toBe(200);
    expect(await count('memory', 'hit')).toBeGreaterThan(before);
  });
}

const KINDS: [kind: string, path: () => string, list: () => string, field: string][] = [
  ['a clinic', () => `clinics/${clinic.id}`, () => 'clinics?limit=100', 'name'],
  ['a doctor', () => `doctors/${clinic.doctorIds[0]}`, () => `doctors?clinicId=${clinic.id}`, 'bio'],
  ['a service', () => `services/${serviceId}`, () => `services?clinicId=${clinic.id.toUpperCase()}`, 'name'],
  ['a question', () => `faqs/${faqId}`, () => 'faqs?limit=100', 'answer'],
];

/** Changes an object, and expects the change in the object and its list in both processes. */
async function expectVisibleChange(path: string, list: string, field: string): Promise<void> {
  const id = path.split('/')[1];
  const text = `Changed ${newId()}`;
  const listed = ({ data }: Answer): string => data.find((item: { id: string }) => item.id === id)[field];
  await change(path, { [field]: text });
  expect((await get(path)).data[field]).toBe(text);
  expect(listed(await get(list))).toBe(text);
  await eventually(async () => {
    expect((await getFromOther(path)).data[field]).toBe(text);
    expect(listed(await getFromOther(list))).toBe(text);
  }, VISIBLE_WITHIN_MILLISECONDS);
}

class Signal {
  send = (): void => undefined;
  readonly sent = new Promise<void>((resolve) => (this.send = resolve));
}

describe('a change', () => {
  it.each(KINDS)(
    'of %s is visible at once in its own process, and soon in the other process',
    async (_, path, list, field) => {
      for (const url of [app.url, other.url]) for (const each of [path(), list()]) await warmUp(url, each);
      await expectVisibleChange(path(), list(), field);
    },
  );

  it('in SQL is visible in both processes', async () => {
    const path = `doctors/${clinic.doctorIds[0]}`;
    for (const url of [app.url, other.url]) await warmUp(url, path);
    await app.db.query(`UPDATE doctor SET bio = 'By hand' WHERE id = $1`, [clinic.doctorIds[0]]);
    for (const read of [get, getFromOther]) {
      await eventually(async () => expect((await read(path)).data.bio).toBe('By hand'), VISIBLE_WITHIN_MILLISECONDS);
    }
  });

  it("of a doctor's services is visible at the doctor, and a deleted doctor is removed from the service", async () => {
    const doctor = await created('doctors', {
      clinicId: clinic.id,
      firstName: 'Ada',
      lastName: 'Lamarr',
      speciality: 'Neurology',
    });
    await warmUp(app.url, `doctors/${doctor.id}`);
    await change(`services/${serviceId}`, { doctorIds: [...clinic.doctorIds, doctor.id] });
    expect((await get(`doctors/${doctor.id}`)).data.serviceIds).toEqual([serviceId]);
    await warmUp(app.url, `services/${serviceId}`);
    await app.call('DELETE', `/api/v1/doctors/${doctor.id}`, { token: clinic.admin });
    expect((await get(`services/${serviceId}`)).data.doctorIds).toEqual([...clinic.doctorIds].sort());
    expect((await get(`doctors/${doctor.id}`)).status).toBe(404);
  });

  it('is never followed by an older answer in its own process', async () => {
    const path = `doctors/${clinic.doctorIds[1]}`;
    let confirmed = (await get(path)).data.version as number;
    let isDone = false;
    const older: string[] = [];
    const reader = async (): Promise<void> => {
      while (!isDone) {
        const least = confirmed;
        const { version } = (await get(path)).data;
        if (version < least) older.push(`${version} after ${least}`);
      }
    };
    const readers = Array.from({ length: 4 }, reader);
    try {
      for (let n = 0; n < rounds(10, 50); n += 1) {
        confirmed = (await change(path, { bio: `Version ${n}` })).data.version;
        expect((await get(path)).data.bio).toBe(`Version ${n}`);
      }
    } finally {
      isDone = true;
      await Promise.all(readers);
    }
    expect(older).toEqual([]);
  });

  it('discards an answer whose read started before the change and ended after it', async () => {
    await warmUp(app.url, `clinics/${clinic.id}`);
    const name = async (): Promise<{ name: string }> => {
      const { rows } = await app.db.query<{ name: string }>('SELECT name FROM clinic WHERE id = $1', [clinic.id]);
      return rows[0] as { name: string };
    };
    const ask = async (load: () => Promise<{ name: string }>): Promise<string> => {
      const answer = await cache.answer({ key: 'a slow read', scope: clinic.id, load });
      return (JSON.parse(answer.text.data) as { name: string }).name;
    };
    const [hasRead, mayAnswer] = [new Signal(), new Signal()];
    const slow = ask(async () => {
      const value = await name();
      hasRead.send();
      await mayAnswer.sent;
      return value;
    });
    const { name: before } = await name();
    await within('the slow read', hasRead.sent);
    await change(`clinics/${clinic.id}`, { name: 'After the slow read' });
    // It does not share the read that started before the change.
    expect(await ask(name)).toBe('After the slow read');
    mayAnswer.send();
    expect(await slow).toBe(before);
    expect(await ask(name)).toBe('After the slow read');
  });
});

describe('Redis', () => {
  const doctor = (): string => `doctors/${clinic.doctorIds[2]}`;

  it('provides answers that another process read', async () => {
    let limit = 20;
    // On a busy machine Redis may be too slow, and then it is not used.
    await eventually(async () => {
      const path = `doctors?limit=${(limit += 1)}`;
      await warmUp(app.url, path);
      const before = await count('redis', 'hit');
      expect((await getFromOther(path)).data.length).toBeGreaterThan(0);
      expect(await count('redis', 'hit')).toBe(before + 1);
    });
  });

  it('never provides answers from before a change', async () => {
    for (let n = 0; n < rounds(4, 10); n += 1) {
      // The process that reads first writes the answer to Redis.
      await warmUp(other.url, doctor());
      await change(doctor(), { bio: `Round ${n}` });
      expect((await get(doctor())).data.bio).toBe(`Round ${n}`);
      await eventually(
        async () => expect((await getFromOther(doctor())).data.bio).toBe(`Round ${n}`),
        VISIBLE_WITHIN_MILLISECONDS,
      );
    }
  });

  it('contains nothing that can be read or forged', async () => {
    await warmUp(app.url, doctor());
    const { connection } = app.app.get(RedisHealth);
    const keys = await connection.keys('*answers*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(await connection.get(key)).not.toContain('speciality');
    const stolen = await connection.getBuffer(keys[0] as string);
    for (const key of keys.slice(1)) await connection.set(key, stolen as Buffer);
    expect((await getFromOther(doctor())).data.id).toBe(clinic.doctorIds[2]);
  });

  it.each([
    ['frozen', () => redis.pause(), () => redis.resume()],
    ['gone', () => redisProxy.refuse(), () => redisProxy.accept()],
  ])('is not needed when it is %s', async (_, stop, restore) => {
    stop();
    try {
      for (const [, path, list, field] of KINDS) {
        for (const url of [app.url, other.url]) await warmUp(url, path());
        await expectVisibleChange(path(), list(), field);
      }
    } finally {
      restore();
    }
  });
});

describe('an inactive object', () => {
  it('is visible to managers, and does not become visible to others by caching', async () => {
    const { id } = await created('doctors', {
      clinicId: clinic.id,
      firstName: 'In',
      lastName: 'Active',
      speciality: 'Rest',
      isActive: false,
    });
    const service = await aService(app, clinic, { isActive: false });
    const [patient] = await app.patients(1);
    const others = [undefined, patient?.token, clinic.staff];
    for (let round = 0; round < 3; round += 1) {
      for (const [kind, hidden] of [
        ['doctors', id],
        ['services', service],
      ] as const) {
        const path = `${kind}?isActive=false&clinicId=${clinic.id}`;
        const ids = async (token?: string): Promise<string[]> =>
          (await get(path, token)).data.map((item: { id: string }) => item.id);
        expect(await ids(clinic.manager)).toEqual([hidden]);
        for (const token of others) expect(await ids(token)).toEqual([]);
      }
      expect((await get(`doctors/${id}`, clinic.manager)).status).toBe(200);
      for (const token of others) expect((await get(`doctors/${id}`, token)).status).toBe(404);
    }
  });

  it('is hidden from others as soon as it becomes inactive', async () => {
    const path = `doctors/${clinic.doctorIds[0]}`;
    await warmUp(app.url, path);
    await change(path, { isActive: false });
    expect((await get(path)).status).toBe(404);
    expect((await get(path, clinic.manager)).data.isActive).toBe(false);
    await change(path, { isActive: true });
    expect((await get(path)).status).toBe(200);
  });
});

describe('a cached answer', () => {
  interface RawResponse {
    status: number;
    headers: NodeJS.Dict<string | string[]>;
    body: string;
  }
  const rawRequest = (method: string, path: string, headers: Record<string, string>): Promise<RawResponse> =>
    within(
      'a response',
      new Promise<RawResponse>((resolve, reject) => {
        const sent = request(`${app.url}/api/v1/${path}`, { method, headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            });
          });
        });
        sent.on('error', reject);
        sent.end();
      }),
    );
  const TIMESTAMP = /"timestamp":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/;

  it('is identical to the first answer, except for the time', async () => {
    const name = 'عيادة "النيل" \u2028 \\ </script> \u{1F9E0}';
    await change(`clinics/${clinic.id}`, { address: name });
    for (const path of [`clinics/${clinic.id}`, 'clinics?limit=1', 'doctors?limit=1&withTotal=true']) {
      await warmUp(app.url, path);
      const cached = await rawRequest('GET', path, {});
      expect(cached.headers['content-length']).toBe(String(Buffer.byteLength(cached.body)));
      await change(`clinics/${clinic.id}`, {});
      const read = await rawRequest('GET', path, {});
      const version = /"version":\d+|"updatedAt":"[^"]+"/g;
      const plain = (text: string): string => text.replace(TIMESTAMP, '').replace(version, '');
      expect(cached.body).toMatch(TIMESTAMP);
      expect(plain(cached.body)).toBe(plain(read.body));
      expect(Object.keys(cached.headers)).toEqual(Object.keys(read.headers));
    }
    expect((await get(`clinics/${clinic.id}`)).data.address).toBe(name);
  });

  it('supports If-None-Match, HEAD and compression', async () => {
    const path = `doctors/${clinic.doctorIds[1]}`;
    await warmUp(app.url, path);
    const whole = await rawRequest('GET', path, {});
    const etag = whole.headers.etag as string;
    expect(etag).toBe(`"${(await get(path)).data.version}"`);
    expect(await rawRequest('GET', path, { 'if-none-match': etag })).toMatchObject({ status: 304, body: '' });
    expect(await rawRequest('GET', path, { 'if-none-match': '"0"' })).toMatchObject({ status: 200 });
    const head = await rawRequest('HEAD', path, {});
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe(whole.headers['content-length']);
    await warmUp(app.url, 'doctors?limit=20');
    const packed = await rawRequest('GET', 'doctors?limit=20', { 'accept-encoding': 'gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
  });

  it('is private if the request has a token', async () => {
    const [patient] = await app.patients(1);
    const path = `doctors/${clinic.doctorIds[1]}`;
    await warmUp(app.url, path);
    expect((await get(path, patient?.token)).headers.get('cache-control')).toBe('no-store');
    expect((await get(path)).headers.get('cache-control')).toBeNull();
  });
});

describe('the cache', () => {
  it('is limited: the least recently used answers are removed', async () => {
    await warmUp(app.url, `clinics/${clinic.id}`);
    const loads: string[] = [];
    const ask = (key: string) =>
      cache.answer({
        key,
        scope: clinic.id,
        load: async () => {
          loads.push(key);
          return { text: 'x'.repeat(200_000) };
        },
      });
    await ask('large 0');
    await ask('large 0');
    expect(loads).toEqual(['large 0']);
    for (let n = 1; n < 60; n += 1) await ask(`large ${n}`);
    loads.length = 0;
    // Redis may still have it.
    const { connection } = app.app.get(RedisHealth);
    await eventually(async () => {
      const keys = await connection.keys('*:large 0');
      if (keys.length > 0) await connection.del(keys);
    });
    await ask('large 59');
    await ask('large 0');
    expect(loads).toEqual(['large 0']);
  });

  it('reads answers again once if there were too many changes to track', async () => {
    await warmUp(app.url, `clinics/${clinic.id}`);
    let loads = 0;
    const load = async (): Promise<object> => ({ loads: (loads += 1) });
    const ask = (): unknown => cache.answer({ key: 'tracked', scope: clinic.id, load });
    await ask();
    await ask();
    expect(loads).toBe(1);
    await app.db.query(
      `WITH newest AS (UPDATE cache_revision SET revision = revision + 12000 WHERE scope = '' RETURNING revision)
       INSERT INTO cache_revision (scope, revision) SELECT 'other ' || n, revision - n FROM newest, generate_series(0, 11999) n`,
    );
    await eventually(async () => {
      await ask();
      expect(loads).toBe(2);
    });
    await ask();
    expect(loads).toBe(2);
  });

  it('is not used by a process that cannot poll for changes', async () => {
    const path = `clinics/${clinic.id}`;
    await warmUp(other.url, path);
    postgres.stall();
    await eventually(async () => expect((await getFromOther(path)).status).toBe(503));
    postgres.resume();
    await eventually(async () => expect((await getFromOther(path)).status).toBe(200));
  });
});
