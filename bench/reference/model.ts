import { createServer, type ServerResponse } from 'node:http';

/**
 * A fake language model. It sends WORD_COUNT words, one every WORD_MILLISECONDS, or all at once if the question contains
 * "no pause". It accepts OpenAI's request, and also CareSlot's, so that it can be measured itself.
 */
const WORD_COUNT = 40;
const WORD_MILLISECONDS = 5;
const WORDS = ['[[INFO]]\n', ...Array.from({ length: WORD_COUNT - 1 }, (_, n) => `word${n} `)];

const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'bench', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

const CHUNKS = [...WORDS.map((content) => chunk({ content })), `${chunk({}, 'stop')}data: [DONE]\n\n`];

function sendSlowly(response: ServerResponse): void {
  let sent = 0;
  const timer = setInterval(() => {
    response.write(CHUNKS[sent]);
    sent += 1;
    if (sent < CHUNKS.length) return;
    clearInterval(timer);
    response.end();
  }, WORD_MILLISECONDS);
  response.once('close', () => clearInterval(timer));
}

createServer((request, response) => {
  if (request.method === 'GET') return void response.end('ok');
  let text = '';
  request.on('data', (part: Buffer) => (text += part.toString()));
  request.once('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (text.includes('no pause')) response.end(CHUNKS.join(''));
    else sendSlowly(response);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
