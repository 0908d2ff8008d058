import { AsyncLocalStorage } from 'node:async_hooks';
import type { PendingAnswer } from './pending-answer.js';
import type { Actor } from '../kernel/actor.js';
import type { TraceSpan } from '../kernel/trace-span.js';

/** The context of a request or job in asynchronous code: id, caller, address and transaction. */
export interface RequestContext {
  requestId: string | null;
  /** The caller's address; null for a job. */
  ip: string | null;
  /** The caller's User-Agent, as `toDevice` returns it; null for a job. */
  device: string | null;
  actor: Actor | null;
  /** A `Transaction` of core/database, which alone uses it. */
  transaction: object | null;
  /** The route (`POST /api/v1/things`) or the background task; a label of metrics, so from a bounded set. */
  useCase: string | null;
  /** The current span; null unless tracing is on. */
  span: TraceSpan | null;
  /** Set if the use case itself stores the answer for an Idempotency-Key. */
  pendingAnswer: PendingAnswer | null;
  /** Whether `ReplicaReads` of core/database may return rows that are some seconds old. */
  allowsOldRows: boolean;
}

const storage = new AsyncLocalStorage<RequestContext>();
const EMPTY_CONTEXT: RequestContext = Object.freeze({
  requestId: null,
  ip: null,
  device: null,
  actor: null,
  transaction: null,
  useCase: null,
  span: null,
  pendingAnswer: null,
  allowsOldRows: false,
});

export const currentContext = (): RequestContext => storage.getStore() ?? EMPTY_CONTEXT;

export const runInContext = <T>(context: RequestContext, work: () => T): T => storage.run(context, work);

/** A new context that inherits nothing from the current one. */
export const newContext = (fields: Partial<RequestContext> = {}): RequestContext => ({ ...EMPTY_CONTEXT, ...fields });
