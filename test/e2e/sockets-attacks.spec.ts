import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { JwtService } from '@nestjs/jwt';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { WebSocket } from 'ws';
import { createApp } from '../../src/app.js';
import { loadConfig } from '../../src/core/config/config.js';
import { SocketServer } from '../../src/core/realtime/socket-server.js';
import { toClaims } from '../../src/core/security/tokens.js';
import { TestApp } from '../support/app.js';
import { eventually, within } from '../support/eventually.js';
import { SocketClient } from '../support/sockets.js';
import { findUserId } from '../support/encrypted.js';

let app: TestApp;
const rawClients: RawClient[] = [];

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
});
afterEach(() => rawClients.splice(0).forEach((client) => client.close()));
afterAll(() => app.close());

const patient = async () => (await app.patients(1))[0] as { clientId: string; userId: string; token: string };

/** A WebSocket of Engine.IO that sends any packet, valid or not. */
class RawClient {
  readonly received: string[] = [];
  closed = false;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.received.push((data as Buffer).toString()));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => undefined);
    rawClients.push(this);
  }

  static async open(): Promise<RawClient> {
    const raw = new RawClient(new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`));
    await within('a connection', once(raw.socket, 'open'));
    return raw;
  }

  static async signedIn(token: string): Promise<RawClient> {
    const raw = await RawClient.open();
    raw.send(`40${JSON.stringify({ token })}`);
    await raw.until((text) => text.startsWith('40'));
    return raw;
  }

  send(data: string | Buffer): void {
    this.socket.send(data);
  }

  close(): void {
    this.socket.terminate();
  }

  async until(matches: (text: string) => boolean): Promise<string> {
    return eventually(() => {
      const found = this.received.find(matches);
      return found === undefined ? Promise.reject(new Error(this.received.join('\n'))) : Promise.resolve(found);
    });
  }

  untilClosed(): Promise<void> {
    return eventually(() => (this.closed ? Promise.resolve() : Promise.reject(new Error('still open'))));
  }
}

const expectServing = async (): Promise<void> => {
  const { token } = await patient();
  const client = await SocketClient.connected(app.url, token, { transports: ['websocket'] });
  expect(await client.sync(undefined)).toMatchObject({ count: 0 });
  client.close();
};

describe('an invalid packet', () => {
  const deep = (n: number): string => `${'['.repeat(n)}${']'.repeat(n)}`;
  it.each([
    ['invalid JSON', '42{'],
    ['a deeply nested list', `42["sync",${deep(7_000)}]`],
    ['an event without a name', '42[]'],
    ['a number as the name of an event', '42[1,2]'],
    ['a reserved name of an event', '42["disconnect"]'],
    ['an event named like an inherited property', '42["__proto__",1]'],
    ['an argument with an inherited property', '42["constructor",{"__proto__":{"actor":{"role":"ADMIN"}}}]'],
    ['an ack without a request', '43999["x"]'],
    ['a very long ack number', `42${'9'.repeat(400)}["sync",1]`],
    ['a binary packet without its attachment', '451-["sync",{"_placeholder":true,"num":0}]'],
    ['a thousand attachments', '451000-["sync",{"_placeholder":true,"num":0}]'],
    ['an attachment number that is an inherited property', '451-["sync",{"_placeholder":true,"num":"constructor"}]'],
    ['another namespace', '40/admin,{"token":"x"}'],
    ['a namespace named like an inherited property', '40/__proto__,{}'],
    ['an unknown type of packet', '49'],
    ['an unknown type of Engine.IO packet', '9'],
    ['a ping of Engine.IO 3', '2'],
    ['a second CONNECT', '40{"token":"x"}'],
    ['a CONNECT_ERROR', '44{"message":"x"}'],
    ['an empty packet', ''],
  ])('closes at most its own connection: %s (W-05)', async (_, packet) => {
    const raw = await RawClient.signedIn((await patient()).token);
    raw.send(packet);
    raw.send('42["sync"]');
    raw.send(Buffer.from([0, 1, 2, 0xff]));
    raw.send('420["sync"]');
    await eventually(() =>
      raw.closed || raw.received.some((text) => text.startsWith('430'))
        ? Promise.resolve()
        : Promise.reject(new Error(raw.received.join('\n'))),
    );
    expect(raw.received.join('')).not.toMatch(/TypeError|node_modules|at Object/);
    await expectServing();
  });
});

describe('a client that sends hundreds of packets', () => {
  it.each([
    ['pongs without a ping', '3'],
    ['no-op packets', '6'],
    ['CONNECTs to an unknown namespace', '40/x,{}'],
    ['events', '42["x"]'],
  ])('is disconnected: %s (W-05)', async (_, packet) => {
    const raw = await RawClient.signedIn((await patient()).token);
    for (let n = 0; n < 500; n += 1) raw.send(packet);
    await raw.untilClosed();
  });

  it('is disconnected without a socket if none of them has a valid token', async () => {
    const raw = await RawClient.open();
    for (let n = 0; n < 500; n += 1) raw.send('40{"token":"x"}');
    await raw.untilClosed();
    expect(raw.received.some((text) => text.startsWith('40'))).toBe(false);
  });
});

it('a socket that reconnects with the token of another user leaves the rooms of the first one', async () => {
  const [first, second] = [await patient(), await patient()];
  const raw = await RawClient.signedIn(first.token);
  raw.send('41');
  raw.send(`40${JSON.stringify({ token: second.token })}`);
  const rooms = app.app.get(SocketServer).io.sockets.adapter.rooms;
  await eventually(() =>
    rooms.has(`user:${second.userId}`) || raw.closed || raw.received.some((text) => text.startsWith('44'))
      ? Promise.resolve()
      : Promise.reject(new Error('waits')),
  );
  expect(rooms.has(`user:${first.userId}`)).toBe(false);
});

it('too many concurrent syncs are refused, and a later one is answered', async () => {
  const client = await SocketClient.connected(app.url, (await patient()).token, { transports: ['websocket'] });
  const { sequence } = await client.sync(undefined);
  const answers = await Promise.all(Array.from({ length: 40 }, () => client.sync(Math.max(0, sequence - 1))));
  const codes = answers.map(({ code }: { code?: string }) => code ?? 'DONE');
  expect(codes).toContain('RATE_LIMITED');
  expect(codes[0]).not.toBe('RATE_LIMITED');
  expect(await client.sync(undefined)).toMatchObject({ count: 0 });
  client.close();
});

describe('a socket with another process on the same database', () => {
  let second: NestExpressApplication;

  beforeAll(async () => {
    second = await createApp(loadConfig({ ...app.environment, JOBS_IN_PROCESS: 'false' }));
    await second.listen(0, '127.0.0.1');
  });
  afterAll(() => second.close());

  it('is closed when its session ends, or the role of its user changes, in the other process (W-03)', async () => {
    const url = `http://127.0.0.1:${(second.getHttpServer().address() as { port: number }).port}`;
    const token = await app.login('staff2@careslot.test');
    const client = await SocketClient.connected(app.url, token);
    await app.call('POST', `${url}/api/v1/auth/logout`, { token });
    await client.disconnected();
    expect(client.endedBecause?.code).toBe('TOKEN_REVOKED');

    const again = await SocketClient.connected(app.url, await app.login('staff2@careslot.test'));
    const id = await findUserId(app, 'staff2@careslot.test');
    const admin = await app.login('admin@careslot.test');
    const changed = await app.call('PUT', `${url}/api/v1/users/${id}`, {
      token: admin,
      body: { role: 'MANAGER' },
    });
    expect(changed.status).toBe(200);
    await again.disconnected();
    expect(again.endedBecause?.code).toBe('TOKEN_REVOKED');
  });
});

it('the socket of a user who is deleted is closed', async () => {
  const { clientId } = await patient();
  const answer = await app.call('POST', '/api/v1/auth/register', {
    body: {
      email: `gone-${clientId}@mail.test`,
      password: 'a long password of mine',
      firstName: 'Gone',
      lastName: 'Soon',
    },
  });
  expect(answer.status).toBe(201);
  const client = await SocketClient.connected(app.url, answer.data.accessToken);
  const admin = await app.login('admin@careslot.test');
  const deleted = await app.call('DELETE', `/api/v1/users/${answer.data.user.id}`, { token: admin });
  expect(deleted.status).toBe(200);
  await client.disconnected();
  expect(client.endedBecause?.code).toBe('TOKEN_REVOKED');
});

it('a forged, empty or very long token, or one of another type, is refused (W-01)', async () => {
  const jwt = app.app.get(JwtService);
  const actor = { userId: (await patient()).userId, sessionId: 's', role: 'ADMIN' as const };
  const claims = { ...toClaims({ ...actor, clientId: null, doctorId: null, clinicIds: [] }) };
  const [head, body, signature] = jwt.sign(claims).split('.') as [string, string, string];
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  for (const token of [
    `${none}.${body}.`,
    `${head}.${body}.${signature.startsWith('x') ? 'y' : 'x'}${signature.slice(1)}`,
    jwt.sign({ ...claims, typ: 'refresh' }),
    '',
    'x'.repeat(9_000),
  ]) {
    const client = SocketClient.open(app.url, token, { transports: ['websocket'] });
    expect((await client.outcome())?.data?.code).toBe('UNAUTHENTICATED');
    client.close();
  }
});
