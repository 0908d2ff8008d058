import type { SocketServer } from './socket-server.js';
import { endSocket, type CareSlotSocket } from './socket-types.js';

type Connection = CareSlotSocket['conn'];

/** Clients send one `sync` per reconnect, and an answer to each ping. */
const BURST = 50;
const PER_SECOND = 5;

/**
 * Counts every packet of a connection, whatever is in it: answers to pings that nobody sent, messages to namespaces that
 * do not exist, and those that can't be read. A connection that sends too many is told so and closed.
 */
export function limitMessages(server: SocketServer): void {
  server.io.engine.on('connection', (connection: Connection) => {
    let left = BURST;
    let last = performance.now();
    connection.on('packet', () => {
      const now = performance.now();
      left = Math.min(BURST, left + ((now - last) / 1000) * PER_SECOND) - 1;
      last = now;
      if (left < 0) refuse(server, connection);
    });
  });
}

function refuse(server: SocketServer, connection: Connection): void {
  connection.removeAllListeners('packet');
  // What is in the packet itself is not looked at any more.
  connection.removeAllListeners('data');
  for (const socket of server.io.sockets.sockets.values()) {
    if (socket.conn === connection) endSocket(socket, { code: 'RATE_LIMITED', message: 'Too many messages.' });
  }
  connection.close();
}
