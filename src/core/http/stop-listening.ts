import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** As many as the kernel keeps waiting for Node (its `backlog`). */
const MAX_TURNS = 512;

/**
 * Closes a listener, not its connections. Clients whose connection the kernel has accepted and the process has not are
 * taken first: closing would reset them. libuv takes one connection per turn of the event loop.
 */
export async function stopListening(server: Server): Promise<void> {
  let accepted: boolean;
  const onConnection = (): void => void (accepted = true);
  server.on('connection', onConnection);
  // Two turns without a new connection: the first may have begun after its poll for connections.
  for (let turn = 0, quiet = 0; turn < MAX_TURNS && quiet < 2; turn += 1) {
    accepted = false;
    await nextTurn();
    quiet = accepted ? 0 : quiet + 1;
  }
  server.off('connection', onConnection);
  server.close();
}
