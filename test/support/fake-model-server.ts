import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export type Mood =
  | 'well'
  | 'hangs'
  | 'fails'
  | 'fails once'
  | 'refuses'
  | 'babbles'
  | 'html'
  | 'cut off'
  | 'floods'
  | 'redirects'
  | 'wrong score'
  | 'no score'
  | 'no finding'
  | 'no label';

const KSERVE_ANSWER = {
  model_name: 'stroke-ct',
  model_version: '3',
  outputs: [
    { name: 'score', datatype: 'FP32', shape: [1], data: [0.87] },
    { name: 'label', datatype: 'BYTES', shape: [1], data: ['hyperdensity'] },
  ],
};

const KSERVE_METADATA = {
  name: 'stroke-ct',
  versions: ['3'],
  platform: 'python',
  inputs: [{ name: 'image', datatype: 'BYTES', shape: [1] }],
  outputs: [],
};

const chatAnswer = (content: object): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  model: 'vision-1',
  system_fingerprint: 'fp_7',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: JSON.stringify(content) } }],
});

/** A server with KServe v2 and OpenAI's chat completions that works or fails in several ways. */
export class FakeModelServer {
  mood: Mood = 'well';
  /** The header Retry-After of the mood `fails`. */
  retryAfter: string | undefined;
  /** Requests are answered when this is resolved. */
  gate: Promise<void> | null = null;
  /** The received requests for an answer, newest last. The metadata of the model are always sent. */
  readonly asked: { path: string; headers: IncomingMessage['headers']; body: any }[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakeModelServer> {
    const server = createServer();
    const fake = new FakeModelServer(server);
    server.on('request', (request, response) => void fake.answer(request, response).catch(() => response.destroy()));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(KSERVE_METADATA));
      return;
    }
    this.asked.push({ path, headers: request.headers, body: await json(request) });
    await this.gate;
    const send = (status: number, body: string | object, type = 'application/json'): void => {
      response.writeHead(status, { 'content-type': type });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const outputs: { name: string }[] = this.asked.at(-1)?.body?.outputs ?? [];
    // Like Triton: a server refuses to send an output that the model does not have.
    if (this.mood === 'no label' && outputs.some(({ name }) => name === 'label')) {
      return send(400, { error: "unexpected inference output 'label'" });
    }
    const good = path.startsWith('/v2/')
      ? KSERVE_ANSWER
      : chatAnswer({ label: 'hyperdensity', score: 0.87, summary: 'Look.' });
    switch (this.mood) {
      case 'well':
        return send(200, good);
      case 'hangs':
        return;
      case 'fails':
        if (this.retryAfter !== undefined) response.setHeader('retry-after', this.retryAfter);
        return send(503, { error: 'overloaded' });
      case 'fails once':
        this.mood = 'well';
        return send(500, { error: 'bad luck' });
      case 'refuses':
        return send(400, { error: 'no such input' });
      case 'babbles':
        return send(200, 'it looks {"like": a');
      case 'html':
        return send(200, '<html>Sign in</html>', 'text/html');
      case 'cut off':
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '10000' });
        response.write(JSON.stringify(good).slice(0, 40));
        setImmediate(() => response.destroy());
        return;
      case 'floods':
        return this.flood(response);
      case 'redirects':
        response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' });
        response.end();
        return;
      case 'wrong score':
        return send(200, JSON.stringify(good).replaceAll('0.87', '87'));
      case 'no finding':
        return send(200, JSON.stringify(good).replaceAll('hyperdensity', 'None.'));
      case 'no score':
        return send(200, path.startsWith('/v2/') ? { ...KSERVE_ANSWER, outputs: [] } : chatAnswer({ label: 'x' }));
      case 'no label':
        return send(200, { ...KSERVE_ANSWER, outputs: KSERVE_ANSWER.outputs.slice(0, 1) });
    }
  }

  /** Sends 50 MB as fast as the client reads them. */
  private async flood(response: ServerResponse): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/json' });
    const megabyte = 'x'.repeat(1_000_000);
    for (let sent = 0; sent < 50 && !response.destroyed; sent += 1) {
      if (!response.write(megabyte)) await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
  }
}
