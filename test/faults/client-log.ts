import { newId } from '../../src/core/kernel/id.js';

export type OperationKind = 'book' | 'move' | 'cancel' | 'upload' | 'message' | 'pay';

/**
 * What the client knows at the end. `unknown`: no call was answered, or one was not and a later one was refused, so that it may have taken
 * effect or not.
 */
export type Outcome = 'acknowledged' | 'refused' | 'unknown';

/** What a client asked for. */
export interface RequestedChange {
  clientId: string;
  doctorId?: string;
  /** Epoch milliseconds. */
  start?: number;
  /** The visit that is moved or cancelled. */
  visitId?: string;
  /** The account that gets a message. */
  userId?: string;
  /** The provider's id of a payment that was made. */
  providerPaymentId?: string;
}

/** One request of a client with all of its repetitions, which have the same Idempotency-Key. */
export interface Operation {
  kind: OperationKind;
  key: string;
  requested: RequestedChange;
  outcome: Outcome;
  /** The ids of all successful answers: the first and the repeated ones must be equal. */
  ids: string[];
  /** Calls without a usable answer: none, or 503. */
  unanswered: number;
}

/** What clients asked for and were answered, in the order of the requests. It knows nothing of the database. */
export class ClientLog {
  readonly operations: Operation[] = [];

  begin(kind: OperationKind, requested: RequestedChange, key = newId()): Operation {
    const operation: Operation = { kind, key, requested, outcome: 'unknown', ids: [], unanswered: 0 };
    this.operations.push(operation);
    return operation;
  }

  acknowledge(operation: Operation, id: string): void {
    operation.ids.push(id);
    operation.outcome = 'acknowledged';
  }

  /** A definite refusal: if no earlier call was left without an answer, nothing has happened. */
  refuse(operation: Operation): void {
    if (operation.outcome !== 'acknowledged') operation.outcome = operation.unanswered > 0 ? 'unknown' : 'refused';
  }

  countAcknowledged(since = 0): number {
    return this.operations.slice(since).filter(({ outcome }) => outcome === 'acknowledged').length;
  }
}
