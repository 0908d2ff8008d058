/** The queue with a job for each payment and refund that is due. */
export const PAYMENTS_QUEUE = 'payments';

/** The ids of jobs name the kind of work, because a queue has one list of ids. */
export const toPaymentWork = (id: string): string => `payment ${id}`;
export const toRefundWork = (id: string): string => `refund ${id}`;

export function parseWork(work: string): { kind: 'payment' | 'refund'; id: string } {
  const [kind = '', id = ''] = work.split(' ');
  return { kind: kind === 'refund' ? 'refund' : 'payment', id };
}

const MINUTE = 60_000;
/** How long work is claimed: longer than the calls of one attempt can take. */
export const LEASE = MINUTE;
const MAX_BACKOFF = 120 * MINUTE;

/** Doubles with each attempt, from two minutes on. */
export const backoff = (attempts: number): number => Math.min(MINUTE * 2 ** Math.min(attempts, 10), MAX_BACKOFF);
