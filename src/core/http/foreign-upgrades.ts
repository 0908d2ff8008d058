import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';

const CRLF = '\r\n';
/** Hop-by-hop headers of an upgrade; `http2-settings` comes with `h2c` (RFC 7540, 3.2). */
const UPGRADE_HEADERS = new Set(['upgrade', 'http2-settings']);

/**
 * Ignores upgrade offers to other protocols than Socket.io's WebSocket, as RFC 9110 (7.8) allows: `curl --http2` and Java's
 * HttpClient offer `h2c` with every request. Because Socket.io has an `upgrade` listener, Node passes such requests to the
 * listeners instead of answering them. So the request is rebuilt without the offer, and parsed again.
 */
export function answerForeignUpgrades(server: Server, ownPath: string): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (isSocketUpgrade(request, ownPath)) return;
    socket.unshift(Buffer.concat([Buffer.from(withoutUpgrade(request), 'latin1'), head]));
    server.emit('connection', socket);
  });
}

const isSocketUpgrade = ({ url = '', headers }: IncomingMessage, ownPath: string): boolean =>
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

/** Keeps the other options of the Connection header, such as `close`. */
const withoutUpgradeOptions = (options: string): string =>
  options
    .split(',')
    .map((option) => option.trim())
    .filter((option) => !UPGRADE_HEADERS.has(option.toLowerCase()))
    .join(', ');
