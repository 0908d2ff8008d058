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
import { eventually } from '../support/eventually.js';
import { SocketClient } from '../support/sockets.js';

let app: TestApp;
const raws: Raw[] = [];

beforeAll(async () => {
  app = await TestApp.start({ JOBS_IN_PROCESS: 'false' });
});
afterEach(() => raws.splice(0).forEach((raw) => raw.close()));
afterAll(() => app.close());

const patient = async () => (await app.patients(1))[0] as { clientId: string; userId: string; token: string };

/** A client that keeps to no protocol but engine.io's. */
class Raw {
  readonly heard: string[] = [];
  closed = false;

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => this.heard.push((data as Buffer).toString()));
    socket.on('close', () => (this.closed = true));
    socket.on('error', () => undefined);
    raws.push(this);
  }

  static async open(): Promise<Raw> {
    const raw = new Raw(new WebSocket(`${app.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`));
    await once(raw.socket, 'open');
    return raw;
  }

  static async signedIn(token: string): Promise<Raw> {
    const raw = await Raw.open();
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
      const found = this.heard.find(matches);
      return found === undefined ? Promise.reject(new Error(this.heard.join('\n'))) : Promise.resolve(found);
    });
  }

  ended(): Promise<void> {
    return eventually(() => (this.closed ? Promise.resolve() : Promise.reject(new Error('still open'))));
  }
}

const alive = async (): Promise<void> => {
  const { token } = await patient();
  const client = await SocketClient.connected(app.url, token, { transports: ['websocket'] });
  expect(await client.sync(undefined)).toMatchObject({ count: 0 });
  client.close();
};

describe('packets that nobody should send', () => {
  const deep = (n: number): string => `${'['.repeat(n)}${']'.repeat(n)}`;
  it.each([
    ['no JSON', '42{'],
    ['a very deep list', `42["sync",${deep(7_000)}]`],
    ['no name', '42[]'],
    ['a number for a name', '42[1,2]'],
    ['a reserved name', '42["disconnect"]'],
    ['a name of every object', '42["__proto__",1]'],
    ['another', '42["constructor",{"__proto__":{"actor":{"role":"ADMIN"}}}]'],
    ['an ack that nobody asked for', '43999["x"]'],
    ['an ack with a number without end', `42${'9'.repeat(400)}["sync",1]`],
    ['half a binary packet', '451-["sync",{"_placeholder":true,"num":0}]'],
    ['a thousand attachments', '451000-["sync",{"_placeholder":true,"num":0}]'],
    ['an attachment of a prototype', '451-["sync",{"_placeholder":true,"num":"constructor"}]'],
    ['another namespace', '40/admin,{"token":"x"}'],
    ['a namespace of every object', '40/__proto__,{}'],
    ['a packet of no type', '49'],
    ['an engine packet of no type', '9'],
    ['a ping, as version 3 had it', '2'],
    ['a second hello', '40{"token":"x"}'],
    ['an error of its own', '44{"message":"x"}'],
    ['nothing', ''],
  ])('%s: at most that client is closed', async (_, packet) => {
    const raw = await Raw.signedIn((await patient()).token);
    raw.send(packet);
    raw.send('42["sync"]');
    raw.send(Buffer.from([0, 1, 2, 0xff]));
    raw.send('420["sync"]');
    await eventually(() =>
      raw.closed || raw.heard.some((text) => text.startsWith('430'))
        ? Promise.resolve()
        : Promise.reject(new Error(raw.heard.join('\n'))),
    );
    expect(raw.heard.join('')).not.toMatch(/TypeError|node_modules|at Object/);
    await alive();
  });
});

describe('a client that sends without end', () => {
  it.each([
    ['answers to pings that nobody sent', '3'],
    ['empty packets', '6'],
    ['hellos to namespaces', '40/x,{}'],
    ['messages', '42["x"]'],
  ])('%s is closed', async (_, packet) => {
    const raw = await Raw.signedIn((await patient()).token);
    for (let n = 0; n < 500; n += 1) raw.send(packet);
    await raw.ended();
  });

  it('and never says who it is opens no socket by trying', async () => {
    const raw = await Raw.open();
    for (let n = 0; n < 500; n += 1) raw.send('40{"token":"x"}');
    await raw.ended();
    expect(raw.heard.some((text) => text.startsWith('40'))).toBe(false);
  });
});

it('a socket that leaves and comes back on the same connection is who its new token says', async () => {
  const [first, second] = [await patient(), await patient()];
  const raw = await Raw.signedIn(first.token);
  raw.send('41');
  raw.send(`40${JSON.stringify({ token: second.token })}`);
  const rooms = app.app.get(SocketServer).io.sockets.adapter.rooms;
  await eventually(() =>
    rooms.has(`user:${second.userId}`) || raw.closed || raw.heard.some((text) => text.startsWith('44'))
      ? Promise.resolve()
      : Promise.reject(new Error('waits')),
  );
  expect(rooms.has(`user:${first.userId}`)).toBe(false);
});

it('syncs that wait their turn do not pile up', async () => {
  const client = await SocketClient.connected(app.url, (await patient()).token, { transports: ['websocket'] });
  const { sequence } = await client.sync(undefined);
  const answers = await Promise.all(Array.from({ length: 40 }, () => client.sync(Math.max(0, sequence - 1))));
  const codes = answers.map(({ code }: { code?: string }) => code ?? 'DONE');
  expect(codes).toContain('RATE_LIMITED');
  expect(codes[0]).not.toBe('RATE_LIMITED');
  expect(await client.sync(undefined)).toMatchObject({ count: 0 });
  client.close();
});

describe('with another process on the same database', () => {
  let second: NestExpressApplication;

  beforeAll(async () => {
    second = await createApp(loadConfig({ ...app.environment, JOBS_IN_PROCESS: 'false' }));
    await second.listen(0, '127.0.0.1');
  });
  afterAll(() => second.close());

  it('a session that is ended there ends the socket here, and so does a change of its role', async () => {
    const url = `http://127.0.0.1:${(second.getHttpServer().address() as { port: number }).port}`;
    const token = await app.login('staff2@careslot.test');
    const client = await SocketClient.connected(app.url, token);
    await app.call('POST', `${url}/api/v1/auth/logout`, { token });
    await client.disconnected();
    expect(client.endedBecause?.code).toBe('TOKEN_REVOKED');

    const again = await SocketClient.connected(app.url, await app.login('staff2@careslot.test'));
    const { rows } = await app.db.query(`SELECT id FROM user_account WHERE email = 'staff2@careslot.test'`);
    const admin = await app.login('admin@careslot.test');
    const changed = await app.call('PUT', `${url}/api/v1/users/${rows[0].id}`, {
      token: admin,
      body: { role: 'MANAGER' },
    });
    expect(changed.status).toBe(200);
    await again.disconnected();
    expect(again.endedBecause?.code).toBe('TOKEN_REVOKED');
  });
});

it('a user who is deleted hears no more', async () => {
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

it('a token that nobody gave out, or for another purpose, opens nothing', async () => {
  const jwt = app.app.get(JwtService);
  const actor = { userId: (await patient()).userId, sessionId: 's', role: 'ADMIN' as const };
  const claims = { ...toClaims({ ...actor, clientId: null, doctorId: null, clinicIds: [] }) };
  const [head, body, mark] = jwt.sign(claims).split('.') as [string, string, string];
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  for (const token of [
    `${none}.${body}.`,
    `${head}.${body}.${mark.startsWith('x') ? 'y' : 'x'}${mark.slice(1)}`,
    jwt.sign({ ...claims, typ: 'refresh' }),
    '',
    'x'.repeat(9_000),
  ]) {
    const client = SocketClient.open(app.url, token, { transports: ['websocket'] });
    expect((await client.outcome())?.data?.code).toBe('UNAUTHENTICATED');
    client.close();
  }
});
