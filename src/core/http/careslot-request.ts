import type { Request } from 'express';
import type { Actor } from '../kernel/actor.js';
import type { DomainError } from '../kernel/domain-error.js';
import type { OperationOptions } from './operation-options.js';

/** A request with what the pipeline has found out about it. */
export interface CareSlotRequest extends Request {
  actor?: Actor | null;
  operation?: OperationOptions;
  /** Why the body was not read. The guard throws it, after the router has found the route. */
  bodyRefusal?: DomainError;
  /** The bytes of a JSON body, on routes with `rawBody`. */
  rawBody?: Buffer;
  /** The fields of a streamed form and the hash of its file, which are compared if an Idempotency-Key is used again. */
  formContent?: object;
}
