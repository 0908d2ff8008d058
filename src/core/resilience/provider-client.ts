import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import CircuitBreaker from 'opossum';
import type { Logger } from 'pino';
import { Semaphore, type Release } from '../concurrency/semaphore.js';
import { Deadline } from './deadline.js';
import { observeCall } from './observed-call.js';
import { ProviderError, ProviderUnavailable, toProviderError } from './provider-error.js';
import { CIRCUIT, circuitState } from './provider-metrics.js';
import { StreamCall } from './stream-call.js';

/** One attempt of a call. Its signal aborts at the deadline, or when the caller disconnects. */
export type Attempt<T> = (signal: AbortSignal) => T;

export interface ProviderLimits {
  /** The maximum time of a call, with all attempts. Infinity: only the limits of the transport apply. */
  timeoutMilliseconds: number;
  /** The maximum number of concurrent calls of this process. */
  maxConcurrent: number;
  /** The maximum time that a call waits for a permit. After that, it fails without being made. */
  maxWaitMilliseconds: number;
  circuit: {
    /** The circuit opens if at least this number of calls were made in the window and more than half of them failed. */
    volume: number;
    windowMilliseconds: number;
    /** After this time, an open circuit lets one call through. */
    resetMilliseconds: number;
  };
  /** The maximum pause after a Retry-After. 0: Retry-After is ignored. */
  maxPauseMilliseconds: number;
  /** Whether the error counts as a failure of the provider, which can open the circuit. Default: all errors do. */
  isProviderFailure?: (error: ProviderError) => boolean;
  /** Default: no retries. */
  retry?: RetryOptions;
}

export interface ProviderOptions extends ProviderLimits {
  /** The provider's name in log lines, metrics and traces. */
  name: string;
  /** The provider's address, whose host is in traces. */
  url?: string | undefined;
  /** Logs the state of the circuit. */
  logger?: Logger;
}

export interface RetryOptions {
  /** Attempts after the first one. */
  retries: number;
  isTransient: (error: ProviderError) => boolean;
  /** The pause before the second attempt. Doubles with each attempt, and is reduced by a random part of up to a half. */
  backoffMilliseconds: number;
  /** If the provider asks for a longer pause than this, the call fails instead of waiting. */
  maxRetryAfterMilliseconds: number;
}

/**
 * Calls a provider (mail, SMS, push, models, object storage) with a limit on concurrent calls, a circuit breaker, a deadline,
 * retries, and the pause that the provider requests by Retry-After.
 */
export class ProviderClient {
  private readonly circuit: CircuitBreaker<[Attempt<Promise<unknown>>, AbortSignal], unknown>;
  private readonly permits: Semaphore;
  private openUntil = 0;
  private pausedUntil = 0;

  constructor(private readonly options: ProviderOptions) {
    const { name, logger, circuit, maxConcurrent, isProviderFailure = () => true } = options;
    this.permits = new Semaphore({ total: maxConcurrent });
    this.circuit = new CircuitBreaker((run, signal) => run(signal), {
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: circuit.volume,
      rollingCountTimeout: circuit.windowMilliseconds,
      resetTimeout: circuit.resetMilliseconds,
      rollingPercentilesEnabled: false,
      errorFilter: (error: unknown) => error instanceof ProviderError && !isProviderFailure(error),
    });
    this.circuit.on('open', () => {
      this.openUntil = performance.now() + circuit.resetMilliseconds;
      circuitState.set({ provider: name }, CIRCUIT.open);
      logger?.warn({ provider: name }, 'circuit opened');
    });
    this.circuit.on('halfOpen', () => {
      circuitState.set({ provider: name }, CIRCUIT.halfOpen);
      logger?.info({ provider: name }, 'circuit half-open');
    });
    this.circuit.on('close', () => {
      circuitState.set({ provider: name }, CIRCUIT.closed);
      logger?.info({ provider: name }, 'circuit closed');
    });
    circuitState.set({ provider: name }, CIRCUIT.closed);
  }

  /** @throws ProviderError; ProviderUnavailable if the call was not made */
  async call<T>(attempt: Attempt<Promise<T>>): Promise<T> {
    const observed = observeCall(this.options);
    try {
      const result = await this.callOnce(attempt);
      observed();
      return result;
    } catch (error) {
      observed(toProviderError(error));
      throw error;
    }
  }

  private async callOnce<T>(attempt: Attempt<Promise<T>>): Promise<T> {
    const release = await this.acquirePermit();
    const deadline = new Deadline(this.options.timeoutMilliseconds);
    // The permit is released when the attempt ends, which may be after the deadline.
    const run = (signal: AbortSignal): Promise<T> => {
      const running = this.callWithRetries(attempt, signal).finally(release);
      return Promise.race([running, deadline.rejectOnAbort()]);
    };
    try {
      return (await this.circuit.fire(run, deadline.signal)) as T;
    } catch (error) {
      // Then `run` was not called, which would release the permit.
      if (isCircuitOpen(error)) release();
      throw this.recordFailure(error, deadline.signal);
    } finally {
      deadline.clear();
    }
  }

  /**
   * A call whose answer is a stream of items. It ends after the last item, with an error, or when the reader stops. It is retried only
   * before the first item.
   * @param caller aborts when the client disconnects; if its reason is a ProviderError, that is thrown
   * @param firstItemMilliseconds the maximum time until the first item, with all attempts
   * @throws ProviderError; ProviderUnavailable if the call was not made
   */
  async *stream<T>(
    attempt: Attempt<AsyncIterable<T>>,
    caller: AbortSignal,
    firstItemMilliseconds: number,
  ): AsyncGenerator<T, void> {
    const observed = observeCall(this.options);
    try {
      yield* this.streamOnce(attempt, caller, firstItemMilliseconds);
    } catch (error) {
      observed(toProviderError(error));
      throw error;
    } finally {
      observed();
    }
  }

  private async *streamOnce<T>(
    attempt: Attempt<AsyncIterable<T>>,
    caller: AbortSignal,
    firstItemMilliseconds: number,
  ): AsyncGenerator<T, void> {
    const release = await this.acquirePermit();
    const deadline = new Deadline(this.options.timeoutMilliseconds, firstItemMilliseconds, caller);
    const call = new StreamCall(this.circuit, deadline.signal);
    try {
      await call.assertAdmitted();
      for await (const item of this.streamWithRetries(attempt, deadline.signal)) {
        deadline.firstItemArrived();
        yield item;
      }
    } catch (error) {
      const failure = this.recordFailure(error, deadline.signal);
      call.fail(failure);
      throw failure;
    } finally {
      call.succeed();
      deadline.clear();
      release();
    }
  }

  /** Seconds until the provider may be called again; 0 if it may be called now. */
  pausedSeconds(): number {
    return Math.max(secondsUntil(this.pausedUntil), this.circuit.opened ? secondsUntil(this.openUntil) : 0);
  }

  close(): void {
    this.circuit.shutdown();
  }

  private async acquirePermit(): Promise<Release> {
    const paused = this.pausedSeconds();
    if (paused > 0) {
      throw new ProviderUnavailable(this.circuit.opened ? 'CIRCUIT_OPEN' : 'PROVIDER_ASKED_TO_WAIT', paused);
    }
    const release = await this.permits.acquireWithin(this.options.maxWaitMilliseconds);
    if (!release) throw new ProviderUnavailable('BUSY', 1);
    return release;
  }

  private async callWithRetries<T>(attempt: Attempt<Promise<T>>, signal: AbortSignal): Promise<T> {
    for (let attempts = 1; ; attempts += 1) {
      signal.throwIfAborted();
      try {
        return await attempt(signal);
      } catch (error) {
        await this.pauseBeforeRetry(toProviderError(error, signal), attempts, signal);
      }
    }
  }

  private async *streamWithRetries<T>(
    attempt: Attempt<AsyncIterable<T>>,
    signal: AbortSignal,
  ): AsyncGenerator<T, void> {
    for (let attempts = 1; ; attempts += 1) {
      let hasStarted = false;
      signal.throwIfAborted();
      try {
        for await (const item of attempt(signal)) {
          hasStarted = true;
          yield item;
        }
        return;
      } catch (error) {
        const failure = toProviderError(error, signal);
        if (hasStarted) throw failure;
        await this.pauseBeforeRetry(failure, attempts, signal);
      }
    }
  }

  /** @throws the failure if it is final */
  private async pauseBeforeRetry(failure: ProviderError, attempts: number, signal: AbortSignal): Promise<void> {
    const { retry } = this.options;
    const requested = (failure.retryAfterSeconds ?? 0) * 1_000;
    const mayRetry = retry && attempts <= retry.retries && requested <= retry.maxRetryAfterMilliseconds;
    if (!mayRetry || signal.aborted || !retry.isTransient(failure)) throw failure;
    const backoff = retry.backoffMilliseconds * 2 ** (attempts - 1) * (0.5 + Math.random() / 2);
    await sleep(Math.max(requested, backoff), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw toProviderError(failure, signal);
  }

  /** Starts the pause that the provider requested. @returns the error for the caller */
  private recordFailure(error: unknown, signal: AbortSignal): ProviderError {
    // At least a second: another call is testing the half-open circuit.
    if (isCircuitOpen(error)) return new ProviderUnavailable('CIRCUIT_OPEN', secondsUntil(this.openUntil) || 1);
    const failure = toProviderError(error, signal);
    const pause = Math.min((failure.retryAfterSeconds ?? 0) * 1_000, this.options.maxPauseMilliseconds);
    if (pause > 0) this.pausedUntil = Math.max(this.pausedUntil, performance.now() + pause);
    return failure;
  }
}

/** Whether opossum refused the call because the circuit is open. */
const isCircuitOpen = (error: unknown): boolean => CircuitBreaker.isOurError(error as Error);

const secondsUntil = (instant: number): number => Math.max(0, Math.ceil((instant - performance.now()) / 1_000));
