import type { IncomingMessage } from 'node:http';

const LINGER_MILLISECONDS = 5_000;
const LINGER_BYTES = 16 * 1024 * 1024;

/**
 * Ends a request whose body nobody reads to its end. Reads on for a moment, so that a client that is still sending gets to
 * see the response, then closes the connection.
 */
export function cutOff(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(), LINGER_MILLISECONDS).unref();
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) request.destroy();
  });
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
