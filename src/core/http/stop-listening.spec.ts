import { createServer, get } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { stopListening } from './stop-listening.js';

it('answers the connections that wait in the queue of the kernel, and refuses those that come later', async () => {
  const server = createServer((_request, response) => response.setHeader('Connection', 'close').end('answered'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const call = (): Promise<number | string> =>
    new Promise((resolve) => {
      get({ host: '127.0.0.1', port, agent: false }, (response) => resolve(response.statusCode ?? 0)).on(
        'error',
        (error: NodeJS.ErrnoException) => resolve(error.code ?? ''),
      );
    });
  const waiting = Array.from({ length: 50 }, call);
  // They connect in this turn of the event loop, and the process accepts none of them before the next one.
  await new Promise((resolve) => process.nextTick(resolve));
  const closed = once(server, 'close');
  await stopListening(server);
  expect(await call()).toBe('ECONNREFUSED');
  expect(await Promise.all(waiting)).toEqual(Array(50).fill(200));
  await closed;
});
