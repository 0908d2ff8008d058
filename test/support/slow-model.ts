import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

const WORDS = ['[[INFO]]\n', 'You ', 'can ', 'cancel ', 'in ', 'the ', 'app', '.'];
const PAUSE_MILLISECONDS = 250;

/** A chat model that takes two seconds for an answer, so that processes stop in the middle of streams. */
export async function startSlowModel(): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    void (async () => {
      for (const content of WORDS) {
        response.write(toChunk({ content }, null));
        await sleep(PAUSE_MILLISECONDS);
      }
      response.end(`${toChunk({}, 'stop')}data: [DONE]\n\n`);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const toChunk = (delta: object, reason: string | null): string =>
  `data: ${JSON.stringify({ object: 'chat.completion.chunk', model: 'slow', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`;
