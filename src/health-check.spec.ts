import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { isReady } from './health-check.js';

it('a process is healthy if it answers /health/ready with 200', async () => {
  let status = 200;
  const server = createServer(({ url }, response) => response.writeHead(url === '/health/ready' ? status : 404).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = String((server.address() as AddressInfo).port);
  expect(await isReady(port)).toBe(true);
  status = 503;
  expect(await isReady(port)).toBe(false);
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  expect(await isReady(port)).toBe(false);
});
