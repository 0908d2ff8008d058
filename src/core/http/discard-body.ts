import type { IncomingMessage } from 'node:http';

const MAX_DISCARD_MILLISECONDS = 5_000;
const MAX_DISCARD_BYTES = 16 * 1024 * 1024;

/**
 * Discards the rest of a body that is not needed, and closes the connection if it is too long. Closing at once would prevent a
 * client that is still sending from reading the response.
 */
export function discardBody(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  let bytes = 0;
  const timer = setTimeout(() => request.destroy(), MAX_DISCARD_MILLISECONDS).unref();
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_DISCARD_BYTES) request.destroy();
  });
  request.once('close', () => clearTimeout(timer));
  request.resume();
}
