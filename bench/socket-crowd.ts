import { setTimeout as sleep } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';

/** The process with the sockets of many clients, separate from the server. */
export type Order =
  { kind: 'open'; url: string; patients: string[]; dashboards: string[] } | { kind: 'forget' } | { kind: 'tell' };

export type Report =
  { kind: 'complete'; at: number } | { kind: 'latencies'; milliseconds: number[] } | { kind: 'fault'; message: string };

const AT_ONCE = 100;
const SYNC_WITHIN_MILLISECONDS = 10_000;
/** Apps use only the websocket transport, as several processes behind a load balancer need it (docs/realtime.md). */
const OPTIONS = { transports: ['websocket'], forceNew: true };

const report = (message: Report): void => void process.send?.(message);

let expected = 0;
const ready = new Set<Socket>();
let latencies: number[] = [];

/** A client that behaves as documented: after each connection it sends `sync`. */
function client(url: string, token: string, isDashboard: boolean): Promise<void> {
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

async function open({ url, patients, dashboards }: Extract<Order, { kind: 'open' }>): Promise<void> {
  expected += patients.length + dashboards.length;
  const all = [...patients.map((token) => ({ token, is: false })), ...dashboards.map((token) => ({ token, is: true }))];
  for (let n = 0; n < all.length; n += AT_ONCE) {
    await Promise.all(all.slice(n, n + AT_ONCE).map(({ token, is }) => client(url, token, is)));
    await sleep(0);
  }
}

process.on('message', (order: Order) => {
  if (order.kind === 'forget') latencies = [];
  else if (order.kind === 'tell') report({ kind: 'latencies', milliseconds: latencies });
  else open(order).catch((error: unknown) => report({ kind: 'fault', message: String(error) }));
});
process.on('disconnect', () => process.exit(0));
