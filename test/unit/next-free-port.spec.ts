import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { nextFreePort } from '../../tools/start-demo.js';

const LOCALHOST = '127.0.0.1';
/** An address of the documentation block TEST-NET-1 (RFC 5737), which no machine has. */
const FOREIGN_ADDRESS = '192.0.2.1';
const ignore = (): void => undefined;

it('skips a port that is in use', async () => {
  const server = createServer();
  await once(server.listen(0, LOCALHOST), 'listening');
  const { port } = server.address() as AddressInfo;
  const lines: string[] = [];
  expect(await nextFreePort(port, LOCALHOST, (line) => lines.push(line))).toBeGreaterThan(port);
  expect(lines[0]).toBe(`port ${port} is in use; trying ${port + 1}`);
  await once(server.close(), 'close');
});

it('fails at once if the host is not an address of this machine', async () => {
  await expect(nextFreePort(3000, FOREIGN_ADDRESS, ignore)).rejects.toThrow('EADDRNOTAVAIL');
});
