import { createServer, type ServerResponse } from 'node:http';

/**
 * A language model that only keeps time: it says PIECES words, one every PACE_MILLISECONDS, or all at once to who asks
 * for it. Takes OpenAI's request and, to be measured itself, CareSlot's.
 */
const PIECES = 40;
const PACE_MILLISECONDS = 5;
const WORDS = ['[[INFO]]\n', ...Array.from({ length: PIECES - 1 }, (_, n) => `word${n} `)];

const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'bench', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;

const CHUNKS = [...WORDS.map((content) => chunk({ content })), `${chunk({}, 'stop')}data: [DONE]\n\n`];

function atPace(response: ServerResponse): void {
  let said = 0;
  const timer = setInterval(() => {
    response.write(CHUNKS[said]);
    said += 1;
    if (said < CHUNKS.length) return;
    clearInterval(timer);
    response.end();
  }, PACE_MILLISECONDS);
  response.once('close', () => clearInterval(timer));
}

createServer((request, response) => {
  if (request.method === 'GET') return void response.end('ok');
  let text = '';
  request.on('data', (part: Buffer) => (text += part.toString()));
  request.once('end', () => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (text.includes('no pause')) response.end(CHUNKS.join(''));
    else atPace(response);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');
