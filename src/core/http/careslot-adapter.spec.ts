import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import compression from 'compression';
import { sendJson } from './careslot-adapter.js';

/** Hardly gets shorter by compression, so that the compressed text too is longer than the buffers on its way. */
const RANDOM = randomBytes(400_000).toString('base64');

const BODIES: Record<string, object> = {
  '/long-random': { text: RANDOM },
  '/short': { text: 'x'.repeat(10) },
  '/long': { text: 'x'.repeat(200_000) },
  '/long-arabic': { text: 'صداع '.repeat(40_000) },
};

let server: Server;
let url: string;

beforeAll(async () => {
  const compress = compression({ threshold: 1024 });
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const send = (): void => sendJson(response, BODIES[request.url as string] as object);
    if (request.headers['accept-encoding'] === 'gzip') compress(request as never, response as never, send);
    else send();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe.each(Object.keys(BODIES))('JSON of %s', (path) => {
  const text = JSON.stringify(BODIES[path]);
  const length = String(Buffer.byteLength(text));

  it('arrives whole, with its length', async () => {
    const response = await fetch(url + path, { headers: { 'accept-encoding': 'identity' } });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect([response.headers.get('content-length'), await response.text()]).toEqual([length, text]);
  });

  it('arrives whole if it is compressed', async () => {
    const response = await fetch(url + path, { headers: { 'accept-encoding': 'gzip' } });
    expect(response.headers.get('content-encoding')).toBe(path === '/short' ? null : 'gzip');
    expect(await response.text()).toBe(text);
  });

  it('has the same length without a body in the answer to HEAD', async () => {
    const response = await fetch(url + path, { method: 'HEAD', headers: { 'accept-encoding': 'identity' } });
    expect([response.headers.get('content-length'), await response.text()]).toEqual([length, '']);
  });
});
