import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { receiveForm } from './multipart.js';

const HOUR = 3_600;
const server = createServer();

afterEach(() => void server.close());

test('a form whose client disconnected before it was read is refused at once', async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.write(
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n--b\r\n',
  );
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  const left = once(request, 'close').catch(() => undefined);
  client.destroy();
  await left;
  const limits = { maxBytes: 1_000, stallSeconds: HOUR };
  const options = { path: join(tmpdir(), 'never-written'), ...limits, fileFields: ['file'], fields: [] };
  await expect(receiveForm(request, options)).rejects.toMatchObject({ code: 'REQUEST_TIMEOUT' });
});
