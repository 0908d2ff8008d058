import { AsyncLocalStorage } from 'node:async_hooks';
import type { PendingAnswer } from './pending-answer.js';
import type { Actor } from '../kernel/actor.js';

/** What follows one request (or job) through every await: who asks, from where, under which id, in which transaction. */
export interface RequestContext {
  requestId: string | null;
  /** The caller's address; null for a job. */
  ip: string | null;
  actor: Actor | null;
  /** A `Transaction` of core/database, which alone uses it. */
  transaction: object | null;
  /** The route (`POST /api/v1/appointments`) or the background task; a label of metrics, so from a bounded set. */
  useCase: string | null;
  /** Set where the use case stores the answer to an Idempotency-Key itself. */
  pendingAnswer: PendingAnswer | null;
}

const storage = new AsyncLocalStorage<RequestContext>();
const NOBODY: RequestContext = Object.freeze({
  requestId: null,
  ip: null,
  actor: null,
  transaction: null,
  useCase: null,
  pendingAnswer: null,
});

export const currentContext = (): RequestContext => storage.getStore() ?? NOBODY;

export const runInContext = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);

/** A context that takes over nothing from the one around it. */
export const newContext = (known: Partial<RequestContext> = {}): RequestContext => ({ ...NOBODY, ...known });
