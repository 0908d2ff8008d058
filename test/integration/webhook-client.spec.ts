import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SystemClock } from '../../src/core/kernel/clock.js';
import { WebhookAddresses } from '../../src/modules/webhooks/webhook-addresses.js';
import {
  WebhookClient,
  type WebhookClientOptions,
  type WebhookMessage,
  type WebhookOutcome,
} from '../../src/modules/webhooks/webhook-client.js';
import { eventually } from '../support/eventually.js';
import { CERTIFICATE, WebhookReceiver, type HookReply } from '../support/webhook-receiver.js';

const LOCAL = ['127.0.0.1/32'];
const PUBLIC_ADDRESS = '93.184.216.34';

let receiver: WebhookReceiver;
let secure: WebhookReceiver;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  secure = await WebhookReceiver.start({ tls: true });
});

afterEach(() => {
  receiver.reply = 200;
});

afterAll(async () => {
  await receiver.close();
  await secure.close();
});

/** Reaches servers of this machine. `hooks.test` and all other names lead to it. */
const clientWith = (options: Partial<WebhookClientOptions> = {}, allowedNetworks = LOCAL): WebhookClient =>
  new WebhookClient({
    addresses: new WebhookAddresses({ allowedNetworks, requiresTls: false }),
    resolve: () => Promise.resolve(['127.0.0.1']),
    clock: new SystemClock(),
    ...options,
  });

const message = (url: string): WebhookMessage => ({
  ...{ url, body: '{"a":1}', headers: { 'content-type': 'application/json', 'webhook-id': 'x' } },
});

const post = (url: string, client = clientWith()): Promise<WebhookOutcome> => client.post(message(url));

const postTo = (reply: HookReply, client = clientWith()): Promise<WebhookOutcome> => {
  receiver.reply = reply;
  return post(`${receiver.url}/hook?a=b`, client);
};

const SHORT = { timeoutMilliseconds: 300 };

/** Writes a byte at a time until the connection ends. */
function drip(write: () => unknown, response: ServerResponse): void {
  const timer = setInterval(write, 20);
  response.once('close', () => clearInterval(timer));
}

describe('a request to an endpoint', () => {
  it('is a POST with the given headers and body, and succeeds with any 2xx status', async () => {
    for (const status of [200, 201, 202, 204]) {
      expect(await postTo(status)).toMatchObject({ status, error: null });
    }
    const [hook] = receiver.hooks;
    expect(hook).toMatchObject({ path: '/hook?a=b', body: '{"a":1}' });
    expect(hook?.headers).toMatchObject({ 'webhook-id': 'x', 'content-length': '7', connection: 'close' });
  });

  it('fails with any other status, with the pause that the endpoint asks for', async () => {
    for (const status of [400, 401, 404, 410, 500, 503]) {
      expect(await postTo(status)).toMatchObject({ status, error: 'STATUS', retryAfterSeconds: undefined });
    }
    const busy = (pause: string) => postTo((response) => response.writeHead(429, { 'retry-after': pause }).end());
    expect(await busy('120')).toMatchObject({ status: 429, error: 'STATUS', retryAfterSeconds: 120 });
    const { retryAfterSeconds } = await busy(new Date(Date.now() + 600_000).toUTCString());
    expect(retryAfterSeconds).toBeGreaterThan(500);
    expect(retryAfterSeconds).toBeLessThanOrEqual(600);
    expect(await busy('soon')).toMatchObject({ status: 429, retryAfterSeconds: undefined });
  });

  it('does not follow redirects (S-01)', async () => {
    const canary = await WebhookReceiver.start();
    for (const status of [301, 302, 303, 307, 308]) {
      for (const location of [canary.url, 'http://169.254.169.254/latest/meta-data']) {
        const redirect = (response: ServerResponse) => response.writeHead(status, { location }).end();
        expect(await postTo(redirect)).toMatchObject({ status, error: 'REDIRECTED' });
      }
    }
    await canary.close();
    expect(canary.connections).toBe(0);
  });

  it('times out if the status does not come', async () => {
    expect(await postTo(() => undefined, clientWith(SHORT))).toMatchObject({ status: null, error: 'TIMEOUT' });
    const headers = (response: ServerResponse): void => {
      response.socket?.write('HTTP/1.1 200 OK\r\nx-slow: ');
      drip(() => response.socket?.write('a'), response);
    };
    expect(await postTo(headers, clientWith(SHORT))).toMatchObject({ status: null, error: 'TIMEOUT' });
    const hints = (response: ServerResponse): void => drip(() => response.writeProcessing(), response);
    expect(await postTo(hints, clientWith(SHORT))).toMatchObject({ status: null, error: 'TIMEOUT' });
  });

  it('succeeds by its status, whatever the body does, and ends the connection', async () => {
    let sent = 0;
    let closed = 0;
    const counted = (reply: (response: ServerResponse) => void) => (response: ServerResponse) => {
      response.once('close', () => (closed += 1));
      reply(response);
    };
    const large = counted((response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const write = (): void => {
        while (sent < 50 * 1024 * 1024 && !response.destroyed) {
          sent += chunk.length;
          if (!response.write(chunk)) return void response.once('drain', write);
        }
        response.end();
      };
      write();
    });
    const slow = counted((response) => {
      response.writeHead(200).write('{');
      drip(() => response.write(' '), response);
    });
    const broken = counted((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setImmediate(() => response.socket?.resetAndDestroy());
    });
    for (const reply of [large, slow, broken]) expect(await postTo(reply)).toMatchObject({ status: 200, error: null });
    await eventually(() => Promise.resolve(expect(closed).toBe(3)));
    expect(sent).toBeLessThan(20 * 1024 * 1024);
  });

  it('fails if the connection ends before the status', async () => {
    const reset = (response: ServerResponse) => response.socket?.resetAndDestroy();
    expect(await postTo(reset)).toMatchObject({ status: null, error: 'CONNECTION_FAILED' });
    const half = (response: ServerResponse) => response.socket?.end('HTTP/1.1 200 OK\r\nx-half');
    expect(await postTo(half)).toMatchObject({ status: null });
    const upgrade = (response: ServerResponse) =>
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: ssh\r\n\r\n');
    expect(await postTo(upgrade)).toMatchObject({ status: null, error: 'CONNECTION_FAILED' });
    const noHttp = (response: ServerResponse) => response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n');
    expect(await postTo(noHttp)).toMatchObject({ status: null, error: 'INVALID_RESPONSE' });
  });

  it('ends when the process stops', async () => {
    const stopping = new AbortController();
    receiver.reply = () => stopping.abort();
    const outcome = await clientWith().post(message(receiver.url), stopping.signal);
    expect(outcome).toMatchObject({ status: null, error: 'CONNECTION_FAILED' });
  });

  it('fails at a closed port', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await post(`http://127.0.0.1:${port}/`)).toMatchObject({ status: null, error: 'CONNECTION_FAILED' });
  });

  it('needs a certificate of a trusted authority and of the host', async () => {
    const named = `https://hooks.test:${secure.port}/`;
    expect(await post(named)).toMatchObject({ status: null, error: 'TLS_FAILED' });
    const trusting = clientWith({ ca: CERTIFICATE });
    expect(await post(named, trusting)).toMatchObject({ status: 200, error: null });
    expect(await post(`https://other.test:${secure.port}/`, trusting)).toMatchObject({ error: 'TLS_FAILED' });
    expect(await post(`https://127.0.0.1:${receiver.port}/`)).toMatchObject({ error: 'TLS_FAILED' });
  });
});

describe('the address of an endpoint', () => {
  const url = (): string => `http://hooks.test:${receiver.port}/`;

  it('must be found by its name', async () => {
    const resolve = (): Promise<string[]> => Promise.reject(Object.assign(new Error(), { code: 'ENOTFOUND' }));
    const client = clientWith({ resolve });
    expect(await post(url(), client)).toMatchObject({ status: null, error: 'DNS_FAILED' });
    expect(await post(url(), clientWith({ resolve: () => Promise.resolve([]) }))).toMatchObject({
      error: 'DNS_FAILED',
    });
    expect(await client.findUrlError(url())).toBeNull();
  });

  it('is checked at each connection, so that a name cannot lead elsewhere after the check (rebinding) (S-01)', async () => {
    const canary = await WebhookReceiver.start();
    const answers = [[PUBLIC_ADDRESS], ['127.0.0.1'], ['::ffff:127.0.0.1'], ['169.254.169.254'], ['10.0.0.1']];
    const client = clientWith({ resolve: () => Promise.resolve(answers.shift() ?? ['127.0.0.1']) }, []);
    const name = `http://rebind.test:${canary.port}/`;
    expect(await client.findUrlError(name)).toBeNull();
    for (let attempt = 0; attempt < 6; attempt += 1)
      expect(await post(name, client)).toMatchObject({ status: null, error: 'ADDRESS_NOT_ALLOWED' });
    await canary.close();
    expect(canary.connections).toBe(0);
  });

  it('is looked up once for a connection, which goes to the checked address', async () => {
    let lookups = 0;
    const client = clientWith({ resolve: () => Promise.resolve([lookups++ ? '192.0.2.1' : '127.0.0.1']) });
    expect(await post(url(), client)).toMatchObject({ status: 200 });
    expect(lookups).toBe(1);
  });

  it('is refused if one of several is private (S-01)', async () => {
    const client = clientWith({ resolve: () => Promise.resolve([PUBLIC_ADDRESS, '127.0.0.1']) }, []);
    expect(await client.findUrlError(url())).toBe('must not lead to a private address');
    expect(await post(url(), client)).toMatchObject({ error: 'ADDRESS_NOT_ALLOWED' });
  });

  it('is refused as a literal at the connection too, when it is no longer allowed', async () => {
    const before = receiver.connections;
    expect(await post(receiver.url, clientWith({}, []))).toMatchObject({ error: 'ADDRESS_NOT_ALLOWED' });
    expect(receiver.connections).toBe(before);
  });
});
