import type CircuitBreaker from 'opossum';
import type { ProviderError } from './provider-error.js';

/** Represents a stream as a promise, so that opossum counts its result. */
export class StreamCall {
  succeed!: () => void;
  fail!: (error: ProviderError) => void;
  private readonly outcome: Promise<unknown>;
  private isAdmitted = false;

  constructor(
    circuit: CircuitBreaker<[(signal: AbortSignal) => Promise<unknown>, AbortSignal], unknown>,
    signal: AbortSignal,
  ) {
    const ended = new Promise<void>((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    // opossum runs the function synchronously, or not at all if the circuit is open.
    const start = (): Promise<void> => {
      this.isAdmitted = true;
      return ended;
    };
    this.outcome = circuit.fire(start, signal);
    this.outcome.catch(() => undefined);
    ended.catch(() => undefined);
  }

  /** @throws opossum's error if the circuit is open */
  async assertAdmitted(): Promise<void> {
    if (!this.isAdmitted) await this.outcome;
  }
}
