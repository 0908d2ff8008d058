import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';

/** The process with the sockets of many clients, separate from the server. */
export type Command =
  | { kind: 'open'; url: string; patients: string[]; dashboards: string[] }
  | { kind: 'clear-latencies' }
  | { kind: 'report-latencies' };

export type Report =
  | { kind: 'complete'; at: number }
  | { kind: 'latencies'; milliseconds: number[] }
  | { kind: 'fault'; message: string };

const MAX_CONNECTING = 100;
const SYNC_WITHIN_MILLISECONDS = 10_000;
/** Only the websocket transport, as apps must use it if several processes are behind a load balancer (docs/realtime.md). */
const OPTIONS = { transports: ['websocket'], forceNew: true };

const report = (message: Report): void => void process.send?.(message);

let expected = 0;
const ready = new Set<Socket>();
let latencies: number[] = [];

/** Connects one client. As documented for clients, it sends `sync` after each connection. Resolves when it is in sync. */
function connect(url: string, token: string, isDashboard: boolean): Promise<void> {
  const socket = io(url, { ...OPTIONS, auth: { token } });
  let last: number | null = null;
  socket.onAny((event: string, _data: unknown, meta?: { occurredAt: string; sequence: number }) => {
    if (!meta) return;
    last = Math.max(last ?? 0, meta.sequence);
    if (isDashboard && event === 'appointment:created') latencies.push(Date.now() - Date.parse(meta.occurredAt));
  });
  socket.on('disconnect', () => ready.delete(socket));
  return new Promise((resolve) => {
    socket.on('connect', () => {
      void sync(socket, last).then((sequence) => {
        last = sequence ?? last;
        if (sequence === null) return;
        ready.add(socket);
        resolve();
        if (ready.size === expected) report({ kind: 'complete', at: Date.now() });
      });
    });
  });
}

/** Sends `sync` until it is acknowledged. @returns the client's position; null if the socket was disconnected */
async function sync(socket: Socket, last: number | null): Promise<number | null> {
  while (socket.connected) {
    const ask = socket.timeout(SYNC_WITHIN_MILLISECONDS).emitWithAck('sync', last) as Promise<{ sequence?: number }>;
    const { sequence } = await ask.catch(() => ({ sequence: undefined }));
    if (sequence !== undefined) return sequence;
    await sleep(1_000 * Math.random());
  }
  return null;
}

async function open({ url, patients, dashboards }: Extract<Command, { kind: 'open' }>): Promise<void> {
  expected += patients.length + dashboards.length;
  const toClients = (tokens: string[], isDashboard: boolean) => tokens.map((token) => ({ token, isDashboard }));
  const all = [...toClients(patients, false), ...toClients(dashboards, true)];
  for (let n = 0; n < all.length; n += MAX_CONNECTING) {
    await Promise.all(
      all.slice(n, n + MAX_CONNECTING).map(({ token, isDashboard }) => connect(url, token, isDashboard)),
    );
    await sleep(0);
  }
}

process.on('message', (command: Command) => {
  if (command.kind === 'clear-latencies') latencies = [];
  else if (command.kind === 'report-latencies') report({ kind: 'latencies', milliseconds: latencies });
  else open(command).catch((error: unknown) => report({ kind: 'fault', message: String(error) }));
});
process.on('disconnect', () => process.exit(0));
