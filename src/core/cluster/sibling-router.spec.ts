import { createServer, type Server as HttpServer } from 'node:http';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { Balancer } from '../../../test/support/balancer.js';
import { eventually, within } from '../../../test/support/eventually.js';
import { SiblingRouter } from './sibling-router.js';

/** Two servers that stand for two processes, behind a balancer that takes them in turn for each request. */
const servers: { http: HttpServer; inner: HttpServer; sockets: Server; router: SiblingRouter }[] = [];
let base: string;
let balancer: Balancer;
const clients: Socket[] = [];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'careslot-siblings-'));
  const folder = join(base, 'sockets');
  await mkdir(folder);
  for (const id of [1, 2]) {
    const http = createServer((_request, response) => void response.end('ok'));
    const sockets = new Server(http);
    sockets.on('connection', (socket) => socket.on('ping', (text: string, answer) => answer(`${id} ${text}`)));
    const router = new SiblingRouter(folder, id);
    router.attach(sockets.engine);
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    servers.push({ http, sockets, router, inner: await router.listen(http) });
  }
  balancer = await Balancer.start(
    servers.map(({ http }) => (http.address() as AddressInfo).port),
    { sticky: false },
  );
});

afterAll(async () => {
  for (const client of clients) client.disconnect();
  await balancer.close();
  for (const { http, inner, sockets, router } of servers) {
    router.close();
    await sockets.close();
    inner.close();
    http.closeAllConnections();
  }
  await rm(base, { recursive: true, force: true });
});

async function connected(transports: string[]): Promise<Socket> {
  const socket = io(balancer.url, { transports, forceNew: true, reconnection: false });
  clients.push(socket);
  await within(
    'a connection',
    new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject)),
  );
  return socket;
}

it.each(['polling', 'websocket'])('keeps the session of a client that uses only %s', async (transport) => {
  const socket = await connected([transport]);
  const answers = new Set<string>();
  for (let n = 0; n < 6; n += 1) answers.add((await socket.emitWithAck('ping', 'x'.repeat(30_000))) as string);
  expect(answers.size).toBe(1);
  expect(socket.connected).toBe(true);
});

it('passes on the upgrade of a polling session to WebSocket', async () => {
  for (let n = 0; n < 3; n += 1) {
    const socket = await connected(['polling', 'websocket']);
    await eventually(async () => expect(socket.io.engine.transport.name).toBe('websocket'));
    expect(await socket.emitWithAck('ping', 'hello')).toMatch(/^[12] hello$/);
  }
});

it('answers that the session is unknown if its process is gone, so that the client starts a new one', async () => {
  const answer = await fetch(`${balancer.url}/socket.io/?EIO=4&transport=polling&sid=w77-AAAAAAAAAAAAAAAAAAAA`);
  expect([answer.status, await answer.json()]).toEqual([400, { code: 1, message: 'Session ID unknown' }]);
});

it('reads no path from a session id', async () => {
  let requests = 0;
  const outside = createServer((_request, response) => {
    requests += 1;
    response.end();
  });
  await new Promise<void>((resolve) => outside.listen(join(base, 'outside.sock'), resolve));
  // Relative to the folder of the sockets, `1/../../outside.sock` is the socket of that server.
  const answer = await fetch(`${balancer.url}/socket.io/?EIO=4&transport=polling&sid=w1%2F..%2F..%2Foutside-x`);
  expect([answer.status, requests]).toEqual([400, 0]);
  outside.close();
});
