/** The queue with a job for each payment and refund that is due. */
export const PAYMENTS_QUEUE = 'payments';

/** The ids of jobs name the kind of work, because a queue has one list of ids. */
export const toPaymentWork = (id: string): string => `payment ${id}`;
export const toRefundWork = (id: string): string => `refund ${id}`;

export function parseWork(work: string): { kind: 'payment' | 'refund'; id: string } {
  const [kind = '', id = ''] = work.split(' ');
  return { kind: kind === 'refund' ? 'refund' : 'payment', id };
}

const MINUTE_MILLISECONDS = 60_000;
/** How long work is claimed: longer than the calls of one attempt can take. */
export const LEASE_MILLISECONDS = MINUTE_MILLISECONDS;
const MAX_BACKOFF_MILLISECONDS = 120 * MINUTE_MILLISECONDS;

/** The delay after so many attempts: two minutes after the first, doubled with each, at most two hours. */
export const backoffMilliseconds = (attempts: number): number =>
  Math.min(MINUTE_MILLISECONDS * 2 ** Math.min(attempts, 10), MAX_BACKOFF_MILLISECONDS);
