import { sendRequests, type LoadResult } from './http-load.js';
import { runJob } from './load-process.js';
import { Calls, type Call } from './workloads.js';

/** A slot that is held: its number and the hold. */
export type HeldSlot = [slot: number, holdId: string];

/** One run in which the front desks book free slots, hold them, or book all slots that are held. */
export interface HoldJob {
  kind: 'book' | 'hold' | 'convert';
  url: string;
  /** Seconds of a run that books or holds. */
  seconds: number;
  connections: number;
  secret: string;
  today: string;
  /** Clients in the database. */
  clients: number;
  /** The first slot that no earlier run has taken. */
  first: number;
  /** For `convert`: the slots to book. */
  held: HeldSlot[];
}

export interface HoldOutcome extends LoadResult {
  /** The slots of the responses, with the ids of the holds or appointments. */
  answered: HeldSlot[];
  /** The first slot for the next run. */
  next: number;
}

async function run({ kind, url, seconds, connections, held, ...job }: HoldJob): Promise<HoldOutcome> {
  const calls = new Calls(job.secret, job.today, job.clients).slots();
  const answered: HeldSlot[] = [];
  let next = job.first;
  let converted = 0;
  const nextCall = (): [slot: number, call: Call] => {
    if (kind === 'convert') {
      const [slot, holdId] = held[converted++ % held.length] as HeldSlot;
      return [slot, calls.book(slot, holdId)];
    }
    const slot = next++;
    return [slot, calls[kind](slot)];
  };
  const outcome = await sendRequests({
    url,
    connections: Math.min(connections, kind === 'convert' ? held.length : connections),
    timeout: 30,
    ...(kind === 'convert' ? { amount: held.length } : { duration: seconds }),
    requests: [
      {
        setupRequest: (request, context: { slot?: number }) => {
          const [slot, call] = nextCall();
          context.slot = slot;
          return { ...request, ...call };
        },
        onResponse: (status, body, context: { slot?: number }) => {
          if (status === 201) answered.push([context.slot as number, toId(body)]);
        },
      },
    ],
  });
  return { ...outcome, answered, next };
}

const toId = (body: string): string => (JSON.parse(body) as { data: { id: string } }).data.id;

runJob(run);
