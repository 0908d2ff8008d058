import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bull';

/** A queue's connections, which Bull's types leave out. */
interface Connected {
  client: { ping(): Promise<string>; status: string };
  clients: { disconnect(): void; status: string }[];
}

const ANSWER_MILLISECONDS = 500;
const FINISH_MILLISECONDS = 3_000;
const CLOSE_MILLISECONDS = 1_000;

const connected = (queue: Queue): Connected => queue;

/**
 * Stops pulling at once, waits a little for what runs, and closes. Nest's own hook, and Bull, would wait without end for
 * a Redis that is gone, or is there and answers nothing. What was cut off is claimed again after its lease.
 */
export async function closeQueues(queues: Queue[]): Promise<void> {
  await Promise.all(
    queues.map(async (queue) => {
      Object.assign(queue, { onApplicationShutdown: () => Promise.resolve() });
      if (await answers(queue)) await within(FINISH_MILLISECONDS, finish(queue));
      await within(CLOSE_MILLISECONDS, queue.close(true));
      // One that has ended already would keep the process for the two seconds that ioredis gives it to end.
      for (const client of connected(queue).clients) if (client.status !== 'end') client.disconnect();
    }),
  );
}

async function finish(queue: Queue): Promise<void> {
  await queue.pause(true, true);
  await queue.whenCurrentJobsFinished();
}

async function answers(queue: Queue): Promise<boolean> {
  const { client } = connected(queue);
  return client.status === 'ready' && within(ANSWER_MILLISECONDS, client.ping());
}

/** @returns whether the work was done by then */
const within = (milliseconds: number, work: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    work.then(
      () => true,
      () => false,
    ),
    sleep(milliseconds, false, { ref: false }),
  ]);
