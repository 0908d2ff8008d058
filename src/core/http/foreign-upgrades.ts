import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const CRLF = '\r\n';
/** Hop-by-hop headers of an upgrade; `http2-settings` comes with `h2c` (RFC 7540, 3.2). */
const UPGRADE_HEADERS = new Set(['upgrade', 'http2-settings']);

/**
 * Answers requests that offer an upgrade to something else than Socket.io's WebSocket, as if they offered none. A server may
 * ignore an upgrade (RFC 9110, 7.8), and `curl --http2` and Java's HttpClient offer `h2c` with every request. Node hands all
 * of them to the `upgrade` listener once there is one, so the request is written anew without the offer and read again.
 */
export function answerForeignUpgrades(server: Server, ownPath: string): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isOwn(request, ownPath)) return;
    socket.unshift(Buffer.concat([Buffer.from(withoutUpgrade(request), 'latin1'), head]));
    server.emit('connection', socket);
  });
}

const isOwn = ({ url = '', headers }: IncomingMessage, ownPath: string): boolean =>
  url.startsWith(ownPath) && headers.upgrade?.toLowerCase() === 'websocket';

function withoutUpgrade({ method, url, httpVersion, rawHeaders }: IncomingMessage): string {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    const value = rawHeaders[index + 1] ?? '';
    if (UPGRADE_HEADERS.has(name.toLowerCase())) continue;
    lines.push(`${name}: ${name.toLowerCase() === 'connection' ? withoutUpgradeOptions(value) : value}`);
  }
  return [...lines, '', ''].join(CRLF);
}

/** What else the client asks of the connection stays, such as to close it. */
const withoutUpgradeOptions = (options: string): string =>
  options
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !UPGRADE_HEADERS.has(option.toLowerCase()))
    .join(', ');
