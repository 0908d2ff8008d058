import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pino from 'pino';
import { ormconfig } from '../../ormconfig.js';
import { createDataSource } from '../../src/core/database/data-source.js';
import { PgListener } from '../../src/core/database/pg-listener.js';
import { TestProcess } from '../support/processes.js';
import { TestApp } from '../support/app.js';
import { eventually } from '../support/eventually.js';

/** The first byte of TLS (RFC 8446, 5.1), and the message of PostgreSQL's protocol that requests TLS. */
const TLS_HANDSHAKE = 0x16;
const SSL_REQUEST = '0000000804d2162f';

let server: Server;
let port: number;
/** The first data of each connection. */
let openings: Buffer[];

beforeEach(async () => {
  openings = [];
  server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (data) => {
      openings.push(data);
      socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

test('every connection to rediss:// starts with TLS (P-08)', async () => {
  const app = await TestApp.start();
  // A separate process, so that errors of its broken connections do not affect this one.
  const worker = new TestProcess('src/worker.ts', { ...app.environment, REDIS_URL: `rediss://127.0.0.1:${port}` });
  try {
    await eventually(() => {
      expect(openings.length).toBeGreaterThan(8);
      return Promise.resolve();
    });
  } finally {
    // Jest would wait for a process that was left behind.
    await worker.kill();
    await app.close();
  }
  expect(openings.map(([first]) => first)).toEqual(openings.map(() => TLS_HANDSHAKE));
});

test('every connection to PostgreSQL with sslmode requests TLS before it sends anything else (P-08)', async () => {
  const url = `postgres://careslot:hush@127.0.0.1:${port}/careslot?sslmode=verify-full`;
  await expect(createDataSource(ormconfig, url).initialize()).rejects.toThrow();
  const channel = { name: 'channel', onMessage: () => undefined, onConnect: () => Promise.resolve() };
  const listener = new PgListener(url, channel, pino({ level: 'silent' }));
  await listener.start();
  await listener.stop();
  expect(openings.length).toBeGreaterThanOrEqual(2);
  expect(openings.map((opening) => opening.toString('hex'))).toEqual(openings.map(() => SSL_REQUEST));
});
