import type { IncomingMessage } from 'node:http';

const LINGER_MILLISECONDS = 5_000;

/**
 * For a body that is not wanted any more: goes on reading for a moment, so that a client that is still sending gets to
 * see the answer, then ends the connection.
 */
export function cutOff(request: IncomingMessage): void {
  if (request.complete || request.destroyed) return;
  request.resume();
  const timer = setTimeout(() => request.destroy(), LINGER_MILLISECONDS).unref();
  request.once('end', () => clearTimeout(timer));
}
