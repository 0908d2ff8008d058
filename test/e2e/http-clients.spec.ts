import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestApp } from '../support/app.js';
import { within } from '../support/eventually.js';
import { SocketClient } from '../support/sockets.js';

/** Requests of proxies and of HTTP clients other than browsers, as raw bytes. */

let app: TestApp;
let patient: string;
let staff: string;

beforeAll(async () => {
  app = await TestApp.start({ TRUST_PROXY: 'loopback' });
  patient = await app.login('patient@careslot.test');
  staff = await app.login('staff@careslot.test');
});

afterAll(() => app.close());

interface Reply {
  status: number;
  head: string;
  body: any;
}

const open = async (): Promise<Socket> => {
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await within('a connection', once(socket, 'connect'));
  return socket;
};

/** Writes each text after the response to the previous one. The last one makes the server close the connection. */
async function exchange(...texts: string[]): Promise<Reply[]> {
  const socket = await open();
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const replies: string[] = [];
  socket.on('data', (data) => {
    replies.push(data.toString());
    const next = texts[replies.length];
    if (next !== undefined) socket.write(next);
  });
  socket.write(texts[0] ?? '');
  await within('the end of the connection', closed);
  return replies.map(parseReply);
}

function parseReply(text: string): Reply {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const body = rest.join('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body: body.startsWith('{') ? JSON.parse(body) : body };
}

const request = (method: string, path: string, headers: string[], body = '', token?: string): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'Host: careslot.test',
    'Connection: close',
    ...(token ? [`Authorization: Bearer ${token}`] : []),
    ...headers,
    '',
    body,
  ].join('\r\n');

const CHUNKED = 'Transfer-Encoding: chunked';
const EMPTY_CHUNKED = '0\r\n\r\n';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

async function findAppointmentId(): Promise<string> {
  const { data } = await app.call('GET', '/api/v1/appointments?status=CONFIRMED&limit=1', { token: staff });
  return data[0].id as string;
}

describe('a body', () => {
  it('that is empty is ignored, also if a proxy announced it', async () => {
    const id = await findAppointmentId();
    const calls: [string, string, string[]][] = [
      ['POST', '/api/v1/auth/logout-all', [CHUNKED]],
      ['POST', '/api/v1/auth/logout-all', [CHUNKED, 'Content-Type: text/plain']],
      ['POST', '/api/v1/auth/logout-all', [CHUNKED, 'Content-Type: application/json']],
      ['POST', '/api/v1/auth/logout-all', ['Content-Length: 0', 'Content-Type: text/plain']],
      ['DELETE', `/api/v1/appointments/${id}`, [CHUNKED]],
    ];
    for (const [method, path, headers] of calls) {
      const token = await app.login('staff@careslot.test');
      const body = headers.includes(CHUNKED) ? EMPTY_CHUNKED : '';
      const [reply] = await exchange(request(method, path, headers, body, token));
      expect({ method, path, headers, status: reply?.status }).toEqual({ method, path, headers, status: 200 });
    }
    staff = await app.login('staff@careslot.test');
  });

  it('in a later packet than its headers is read', async () => {
    const calls: [string, string[], string, number][] = [
      ['/api/v1/auth/logout-all', [CHUNKED], EMPTY_CHUNKED, 200],
      ['/api/v1/auth/logout-all', [CHUNKED, 'Trailer: X-Sum'], '0\r\nX-Sum: 1\r\n\r\n', 200],
      ['/api/v1/auth/logout-all', [CHUNKED, 'Content-Type: application/json'], chunk('{}') + EMPTY_CHUNKED, 200],
      ['/api/v1/auth/logout-all', [CHUNKED], chunk('{}') + EMPTY_CHUNKED, 415],
      ['/links/x', [CHUNKED, 'Content-Type: application/x-www-form-urlencoded'], chunk('a=b') + EMPTY_CHUNKED, 404],
    ];
    for (const [path, headers, body, status] of calls) {
      const token = await app.login('staff@careslot.test');
      // The server asks for the body only when it has read the headers.
      const [, reply] = await exchange(request('POST', path, [...headers, 'Expect: 100-continue'], '', token), body);
      expect({ path, headers, status: reply?.status }).toEqual({ path, headers, status });
    }
    staff = await app.login('staff@careslot.test');
  });

  it('without a content type is rejected if it is not empty, in one piece or in chunks', async () => {
    const path = '/api/v1/auth/logout-all';
    const whole = await exchange(request('POST', path, ['Content-Length: 2'], '{}', patient));
    const chunked = await exchange(request('POST', path, [CHUNKED], chunk('{}') + EMPTY_CHUNKED, patient));
    for (const [reply] of [whole, chunked]) {
      expect(reply).toMatchObject({ status: 415, body: { error: { code: 'UNSUPPORTED_MEDIA_TYPE' } } });
    }
  });

  it.each([
    ['application/json; charset=utf8', 200],
    ['application/json; charset="UTF-8"', 200],
    ['application/json;', 200],
    ['application/json; charset=utf-16', 415],
    ['application/json; charset=iso-8859-1', 415],
    ['application/json-patch+json', 415],
    ['application/merge-patch+json', 415],
    ['application/vnd.api+json', 415],
    ['text/plain', 415],
  ])('of type %s is answered %i', async (type, status) => {
    const body = JSON.stringify({ firstName: 'Mona' });
    const { userId } = (await app.patients(1))[0] as { userId: string };
    const token = app.tokenFor({ userId, role: 'CLIENT' });
    const answer = await app.call('PUT', `/api/v1/users/${userId}`, {
      token,
      body,
      headers: { 'content-type': type },
    });
    expect(answer.status).toBe(status);
    const { rows } = await app.db.query<{ version: number; first_name: string }>(
      'SELECT version, first_name FROM user_account WHERE id = $1',
      [userId],
    );
    expect(rows[0]?.first_name).toBe(status === 200 ? 'Mona' : 'Pat');
  });

  it('of any content type to an unknown path results in 404', async () => {
    const form = new FormData();
    form.set('file', new Blob(['x']), 'x.png');
    for (const path of ['/api/v1/nope', '/nope', '/api/nope']) {
      expect((await app.call('POST', path, { form })).status).toBe(404);
      expect((await app.call('POST', path, { body: 'x', headers: { 'content-type': 'text/plain' } })).status).toBe(404);
    }
  });

  it('as a form is read for every spelling of the path that the router accepts', async () => {
    for (const path of ['/api/v1/scans', '/API/v1/Scans/']) {
      const form = new FormData();
      form.set('modality', 'unknown');
      const answer = await app.call('POST', path, { token: patient, form });
      expect(answer.body.error).toMatchObject({ code: 'VALIDATION_ERROR', details: [{ field: 'modality' }] });
    }
  });

  const ENDLESS: [string, string, string[]][] = [
    ['POST', '/links/x', [CHUNKED, 'Content-Type: application/x-www-form-urlencoded']],
    ['POST', '/links/x', [CHUNKED, 'Content-Type: multipart/form-data; boundary=x']],
    ['POST', '/api/v1/auth/login', [CHUNKED, 'Content-Type: application/json']],
    ['POST', '/api/v1/auth/login', [CHUNKED, 'Content-Type: text/plain']],
    ['POST', '/api/v1/scans', [CHUNKED, 'Content-Type: multipart/form-data; boundary=x']],
    ['POST', '/nope', [CHUNKED, 'Content-Type: application/octet-stream']],
    ['GET', '/api/v1/doctors', [CHUNKED]],
    ['PATCH', '/api/v1/doctors', [CHUNKED]],
    ['POST', '/api/v1/auth/login', ['Content-Length: 2000000000', 'Content-Type: application/json']],
    ['GET', '/api/v1/doctors', ['Content-Length: 2000000000']],
  ];
  it.each(ENDLESS)('without end is cut off: %s %s %j (I-03)', async (method, path, headers) => {
    const socket = await open();
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.resume();
    socket.write(request(method, path, headers));
    const block = headers[0] === CHUNKED ? chunk('x'.repeat(65_536)) : 'x'.repeat(65_536);
    let sent = 0;
    const pump = (): void => {
      while (!socket.destroyed && sent < 200_000_000) {
        sent += 65_536;
        if (!socket.write(block)) return void socket.once('drain', pump);
      }
    };
    pump();
    await within('the end of the connection', closed);
    expect(sent).toBeLessThan(100_000_000);
  });
});

describe('an upgrade', () => {
  const H2C = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA'];
  const upgrading = (method: string, path: string, headers: string[], body = ''): string =>
    [`${method} ${path} HTTP/1.1`, 'Host: careslot.test', ...headers, '', body].join('\r\n');

  it('to HTTP/2 is ignored, with a body and without, and the connection stays usable', async () => {
    const login = JSON.stringify({ email: 'patient@careslot.test', password: 'careslot-demo-1' });
    const length = `Content-Length: ${login.length}`;
    const replies = await exchange(
      upgrading('GET', '/api/v1/doctors?limit=1', H2C),
      upgrading('POST', '/api/v1/auth/login', [...H2C, 'Content-Type: application/json', length], login),
      upgrading('GET', '/api/v1/doctors?limit=1', ['Connection: close']),
    );
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  it('with "Connection: close" is answered, and the connection is closed', async () => {
    const headers = ['Connection: close, Upgrade, HTTP2-Settings', ...H2C.slice(1)];
    const [reply] = await exchange(upgrading('GET', '/health/live', headers));
    expect(reply?.status).toBe(200);
    expect(reply?.head).toMatch(/^connection: close$/im);
  });

  it('to another protocol, or to a WebSocket on another path, is answered by HTTP', async () => {
    for (const [path, upgrade] of [
      ['/health/live', 'TLS/1.0'],
      ['/health/live', 'h2c, foo/2'],
      ['/health/live', 'websocket'],
    ] as const) {
      const [reply] = await exchange(
        upgrading('GET', path, ['Connection: upgrade', `Upgrade: ${upgrade}`]),
        upgrading('GET', path, ['Connection: close']),
      );
      expect({ upgrade, status: reply?.status }).toEqual({ upgrade, status: 200 });
    }
  });
});

describe('an unreadable request', () => {
  const CLOSE = 'Host: x\r\nConnection: close\r\n\r\n';
  it.each([
    [400, 'an absolute address without its bracket', `GET http://[::1 HTTP/1.1\r\n${CLOSE}`],
    [404, 'a path with half an escape', `GET /%zz HTTP/1.1\r\n${CLOSE}`],
    [400, 'an id with bytes that are not UTF-8', `GET /api/v1/doctors/%E0%A4%A HTTP/1.1\r\n${CLOSE}`],
    [404, 'a path with a bracket', `GET //[ HTTP/1.1\r\n${CLOSE}`],
    [400, 'a version of HTTP that does not exist', 'GET / HTTP/9.9\r\n\r\n'],
    [400, 'a line that is no request', 'nonsense\r\n\r\n'],
    [431, 'very long headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`],
  ])('gets a %i in the envelope: %s', async (status, _what, text) => {
    const [reply] = await exchange(text);
    expect(reply?.status).toBe(status);
    expect(reply?.body).toMatchObject({
      success: false,
      error: { code: expect.any(String), message: expect.any(String) },
      requestId: expect.any(String),
    });
    expect(reply?.body.message).toBe(reply?.body.error.message);
  });
});

describe('an entity tag', () => {
  it('that a proxy made weak or marked as compressed is recognized', async () => {
    const { userId } = (await app.patients(1))[0] as { userId: string };
    const token = app.tokenFor({ userId, role: 'CLIENT' });
    const path = `/api/v1/users/${userId}`;
    const { headers } = await app.call('GET', path, { token });
    const version = (headers.get('etag') ?? '').replace(/"/g, '');
    for (const tag of [`"${version}"`, `W/"${version}"`, `"${version}-gzip"`, `"0", W/"${version}--gzip"`, '*']) {
      for (const method of ['GET', 'HEAD']) {
        const { status } = await app.call(method, path, { token, headers: { 'if-none-match': tag } });
        expect({ method, tag, status }).toEqual({ method, tag, status: 304 });
      }
    }
    let current = Number(version);
    for (const write of [
      (v: number) => `"${v}-gzip"`,
      (v: number) => `W/"${v}"`,
      (v: number) => `"${v};br"`,
      (v: number) => `"other", "${v}",`,
    ]) {
      const body = { firstName: `Mona${current}`.replace(/\d/g, 'a') };
      const { status, data } = await app.call('PUT', path, { token, body, headers: { 'if-match': write(current) } });
      expect(status).toBe(200);
      current = data.version;
    }
    const stale = await app.call('PUT', path, {
      token,
      body: { firstName: 'No' },
      headers: { 'if-match': '"1-gzip"' },
    });
    expect(stale.code).toBe('VERSION_MISMATCH');
  });
});

describe('a client behind a proxy', () => {
  it('is one client, with any port that the proxy adds to its address', async () => {
    const guesses: number[] = [];
    for (let port = 50_001; port <= 50_030; port += 1) {
      const { status } = await app.call('POST', '/api/v1/auth/login', {
        body: { email: 'manager@careslot.test', password: 'not-the-password' },
        headers: { 'x-forwarded-for': port % 2 ? `203.0.113.51:${port}` : `[::ffff:203.0.113.51]:${port}` },
      });
      guesses.push(status);
    }
    expect(guesses).toEqual([...Array<number>(10).fill(401), ...Array<number>(20).fill(429)]);
  });
});

describe('Socket.io', () => {
  it("accepts clients with the server's own origin, and rejects other origins", async () => {
    const own = await SocketClient.connected(app.url, patient, {
      transports: ['websocket'],
      extraHeaders: { origin: app.url },
    });
    expect(own.socket.connected).toBe(true);
    own.close();
    for (const origin of ['https://evil.test', `${app.url}.evil.test`, 'null', app.url.replace('://', '://evil@')]) {
      const { status } = await app.call('GET', '/socket.io/?EIO=4&transport=polling', { headers: { origin } });
      expect({ origin, status }).toEqual({ origin, status: 403 });
    }
  });

  it('does not serve the files of its client', async () => {
    for (const file of ['socket.io.js', 'socket.io.min.js', 'socket.io.js.map', 'socket.io.esm.min.js']) {
      const { status, body } = await app.call('GET', `/socket.io/${file}`);
      expect({ file, status, served: JSON.stringify(body).length > 200 }).toEqual({ file, status: 400, served: false });
    }
  });
});
