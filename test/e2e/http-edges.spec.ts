import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp, type Answer } from '../support/app.js';
import { within } from '../support/eventually.js';
import { TABLE } from './route-role.table.js';

/** The headers of every answer, requests of other origins, and unusual spellings of requests. */

const ALLOWED = 'https://app.careslot.test';
/** A regular expression that backtracks would take minutes. */
const MAX_CPU_MICROSECONDS = 3_000_000;

let app: TestApp;
let patient: string;
let admin: string;

beforeAll(async () => {
  app = await TestApp.start({ FRONTEND_WEB_URL: ALLOWED });
  patient = await app.login('patient@careslot.test');
  admin = await app.login('admin@careslot.test');
});

afterAll(() => app.close());

/** Sends raw bytes, because fetch would correct the request. @returns the status line */
const sendRaw = (text: string): Promise<string> =>
  within(
    'a response',
    new Promise<string>((resolve, reject) => {
      const { hostname, port } = new URL(app.url);
      const socket = connect(Number(port), hostname, () => socket.write(text));
      let answer = '';
      socket.on('data', (data) => (answer += data.toString()));
      socket.on('end', () => resolve(answer.split('\r\n')[0] ?? ''));
      socket.on('error', reject);
    }),
  );

/** Sends the path as it is written, because fetch would normalize it. @returns the status */
const requestStatus = (method: string, path: string): Promise<number> =>
  within(
    'a response',
    new Promise<number>((resolve, reject) => {
      const { hostname, port } = new URL(app.url);
      const request = httpRequest({ hostname, port, method, path }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.on('error', reject);
      request.end();
    }),
  );

describe('the headers', () => {
  it('for browsers are in every answer, including errors, files and pages (I-10)', async () => {
    const doctor = (await app.call('GET', '/api/v1/doctors?limit=1')).data[0].id;
    const answers: Record<string, Answer> = {
      ok: await app.call('GET', '/api/v1/doctors'),
      own: await app.call('GET', '/api/v1/auth/profile', { token: patient }),
      login: await app.call('POST', '/api/v1/auth/login', {
        body: { email: 'patient@careslot.test', password: 'careslot-demo-1' },
      }),
      400: await app.call('POST', '/api/v1/auth/login', { body: '{"a"' }),
      401: await app.call('GET', '/api/v1/auth/profile'),
      403: await app.call('GET', '/api/v1/users', { token: patient }),
      404: await app.call('GET', '/nope'),
      405: await app.call('PATCH', '/api/v1/doctors'),
      413: await app.call('POST', '/api/v1/auth/login', { body: { email: 'x'.repeat(300_000) } }),
      415: await app.call('POST', '/api/v1/auth/login', { body: 'a', headers: { 'content-type': 'text/plain' } }),
      photo: await app.call('GET', `/api/v1/doctors/${doctor}/photo`),
      page: await app.call('GET', '/links/not.ours'),
      metrics: await app.call('GET', '/metrics', { token: admin }),
      probe: await app.call('GET', '/health/live'),
      preflight: await app.call('OPTIONS', '/api/v1/doctors', {
        headers: { origin: ALLOWED, 'access-control-request-method': 'POST' },
      }),
    };
    for (const [what, { headers, status }] of Object.entries(answers)) {
      const shown = {
        what,
        status,
        hsts: /max-age=(\d+)/.exec(headers.get('strict-transport-security') ?? '')?.[1],
        sniff: headers.get('x-content-type-options'),
        referrer: headers.get('referrer-policy'),
        framed: /frame-ancestors 'none'|sandbox/.test(headers.get('content-security-policy') ?? ''),
        poweredBy: headers.get('x-powered-by'),
        requestId: headers.get('x-request-id')?.length,
      };
      expect(shown).toMatchObject({
        hsts: '31536000',
        sniff: 'nosniff',
        referrer: 'no-referrer',
        framed: true,
        poweredBy: null,
        requestId: 36,
      });
      expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    }
    // Answers with personal data or tokens must not be cached (RFC 6749, 5.1).
    for (const what of ['own', 'login', '401', '403', '404', 'page'])
      expect([what, answers[what]?.headers.get('cache-control')]).toEqual([what, 'no-store']);
  });

  it('do not allow other origins to read (I-09)', async () => {
    for (const origin of ['https://evil.test', 'null', `${ALLOWED}.evil.test`, 'https://x.app.careslot.test']) {
      for (const method of ['GET', 'OPTIONS']) {
        const { headers } = await app.call(method, '/api/v1/doctors', {
          headers: { origin, 'access-control-request-method': 'GET' },
        });
        expect([origin, headers.get('access-control-allow-origin')]).toEqual([origin, null]);
      }
    }
    const { headers } = await app.call('GET', '/api/v1/doctors', { headers: { origin: ALLOWED } });
    expect(headers.get('access-control-allow-origin')).toBe(ALLOWED);
    expect(headers.get('vary')).toMatch(/origin/i);
  });
});

describe('an unusual request', () => {
  const closed = Object.entries(TABLE).filter(
    ([
      route,
      {
        expect: [first],
      },
    ]) => route.startsWith('GET ') && first === 401,
  );
  const ID = '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10';

  it('by another spelling of its path does not bypass authentication (Z-08)', async () => {
    expect(closed.length).toBeGreaterThan(20);
    for (const [route] of closed) {
      const path = (route.split(' ')[1] as string).replace(/:\w+/g, ID);
      const spellings = [
        `${path}/`,
        path.toUpperCase(),
        path.replace('/api', '//api'),
        path.replace('/v1/', '/v1/./'),
        path.replace('/v1/', '/v1/%2e/'),
        path.replace('/v1/', '/v1//'),
        path.replace('v1', '%761'),
        path.replace('/v1', ''),
        `${path}?access_token=${admin}&token=${admin}`,
        `${path};jsessionid=1`,
      ];
      for (const spelling of spellings) {
        const status = await requestStatus('GET', spelling);
        expect({ spelling, open: status < 400 }).toEqual({ spelling, open: false });
      }
      expect(await requestStatus('HEAD', path)).toBe(401);
    }
  });

  it('with a header or parameter for another method does not use that method (Z-08)', async () => {
    const id = (await app.call('GET', '/api/v1/appointments?limit=1', { token: admin })).data[0].id;
    const before = (await app.call('GET', `/api/v1/appointments/${id}`, { token: admin })).data;
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const headers = { [name]: 'DELETE' };
      await app.call('GET', `/api/v1/appointments/${id}?_method=DELETE`, { token: admin, headers });
      await app.call('POST', `/api/v1/appointments/${id}?_method=DELETE`, { token: admin, headers, body: {} });
    }
    expect((await app.call('GET', `/api/v1/appointments/${id}`, { token: admin })).data).toEqual(before);
    expect(await requestStatus('TRACE', '/api/v1/doctors')).toBe(405);
  });

  it('with ambiguous framing (request smuggling) is rejected (I-03)', async () => {
    const head = 'POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    expect(await sendRaw(`${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`)).toContain(' 400 ');
    expect(await sendRaw(`${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`)).toContain(' 400 ');
    expect(await sendRaw(`${head}Content-Length: 2\r\n Folded: x\r\n\r\n{}`)).toContain(' 400 ');
  });

  it('with text that makes regular expressions slow needs little CPU time (I-07)', async () => {
    const long = 240_000;
    const hostile = [
      `${'a.'.repeat(long / 2)}@`,
      `${'a@'.repeat(long / 2)}`,
      `"${'\\'.repeat(long / 2)}@x.y`,
      `+${'1 '.repeat(long / 2)}x`,
      '0'.repeat(long),
      `2026-01-01T${'0'.repeat(long)}`,
      `en-${'a-'.repeat(long / 2)}`,
    ];
    const fields = { email: 'a@b.test', password: 'a-long-and-quiet-river', firstName: 'A', lastName: 'B' };
    for (const text of hostile) {
      for (const field of ['email', 'password', 'firstName', 'phone', 'timeZone', 'locale']) {
        // CPU time, which does not depend on other processes.
        const start = process.cpuUsage();
        const { status } = await app.call('POST', '/api/v1/auth/register', { body: { ...fields, [field]: text } });
        expect({ field, status }).toEqual({ field, status: 400 });
        expect({ field, slow: process.cpuUsage(start).user > MAX_CPU_MICROSECONDS }).toEqual({ field, slow: false });
      }
      const query = encodeURIComponent(text.slice(0, 4_000));
      expect((await app.call('GET', `/api/v1/appointments?from=${query}`, { token: patient })).status).toBe(400);
      expect((await app.call('GET', `/api/v1/doctors?q=${query}`)).status).toBe(400);
    }
  });

  it('that decompresses to more than the limit is rejected without holding it in memory (I-03)', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024, 0x20));
    const before = process.memoryUsage().rss;
    const response = await fetch(`${app.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: bomb,
    });
    expect(response.status).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * 1024 * 1024);
  });
});
