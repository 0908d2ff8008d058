import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** The maximum number of connections that wait in the kernel for Node (its `backlog`, 511). */
const MAX_TURNS = 512;

/**
 * Closes a listener, but not its connections. First accepts the connections that wait in the kernel, because closing would reset
 * them. libuv accepts one connection in each turn of the event loop.
 */
export async function stopListening(server: Server): Promise<void> {
  let accepted: boolean;
  const onConnection = (): void => void (accepted = true);
  server.on('connection', onConnection);
  // Waits for two turns without a new connection: the first one may have started after the poll for connections.
  for (let turn = 0, quiet = 0; turn < MAX_TURNS && quiet < 2; turn += 1) {
    accepted = false;
    await nextTurn();
    quiet = accepted ? 0 : quiet + 1;
  }
  server.off('connection', onConnection);
  server.close();
}
