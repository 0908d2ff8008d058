import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import express from 'express';

/** The reference of the chat: Express and fetch pass the model's bytes on unchanged and store nothing. */
const app = express();

app.get('/health/live', (_request, response) => response.end('ok'));

app.post('/api/v1/ai/chat', express.json(), async (request, response) => {
  const { message } = request.body as { message: string };
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const answer = await fetch(`${process.env.AI_BASE_URL}/chat/completions`, {
    method: 'POST',
    signal: gone.signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'bench', messages: [{ role: 'user', content: message }], stream: true }),
  });
  response.writeHead(answer.status, { 'content-type': 'text/event-stream' });
  await pipeline(Readable.fromWeb(answer.body as ReadableStream), response).catch(() => undefined);
});

app.listen(Number(process.env.PORT), '127.0.0.1');
