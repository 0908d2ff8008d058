import type { SocketServer } from './socket-server.js';
import { endSocket, type CareSlotSocket } from './socket-types.js';

type Connection = CareSlotSocket['conn'];

/** Packets. Clients normally send one `sync` after each reconnect, and an answer to each ping. */
const BURST = 50;
const PER_SECOND = 5;

/**
 * Limits the packets of each connection, including unsolicited pongs, messages to unknown namespaces and malformed packets. A
 * connection that exceeds the limit gets RATE_LIMITED and is closed.
 */
export function limitMessages(server: SocketServer): void {
  server.io.engine.on('connection', (connection: Connection) => {
    let tokens = BURST;
    let last = performance.now();
    connection.on('packet', () => {
      const now = performance.now();
      tokens = Math.min(BURST, tokens + ((now - last) / 1000) * PER_SECOND) - 1;
      last = now;
      if (tokens < 0) refuse(server, connection);
    });
  });
}

function refuse(server: SocketServer, connection: Connection): void {
  connection.removeAllListeners('packet');
  // Ignores the content of the current packet.
  connection.removeAllListeners('data');
  for (const socket of server.io.sockets.sockets.values()) {
    if (socket.conn === connection)
      endSocket(socket, { code: 'RATE_LIMITED', message: 'Too many messages. Connect again later.' });
  }
  connection.close();
}
