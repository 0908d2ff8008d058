import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import CircuitBreaker from 'opossum';
import type { Logger } from 'pino';
import { Semaphore, type Release } from '../concurrency/semaphore.js';
import { Deadline } from './deadline.js';
import { ProviderError, ProviderUnavailable, toProviderError } from './provider-error.js';

export interface ProviderLimits {
  /** From the start of a call to its end, with all attempts. Infinity: only the limits of the transport hold. */
  timeoutMilliseconds: number;
  /** Calls of this process that run at the same time. */
  maxConcurrent: number;
  /** How long a call may wait until it can start; after that it is not made. */
  maxWaitMilliseconds: number;
  circuit: {
    /** The circuit opens if at least so many calls were made within the window and more than half of them failed. */
    volume: number;
    windowMilliseconds: number;
    /** After this time one call tries an open circuit. */
    resetMilliseconds: number;
  };
  /** The longest pause that a Retry-After is granted. 0: it is ignored. */
  maxPauseMilliseconds: number;
  /** Failures that show that the provider is in trouble: the others do not open the circuit. All if left out. */
  isProviderFailure?: (error: ProviderError) => boolean;
  /** No second attempt if left out. */
  retry?: RetryOptions;
}

export interface ProviderOptions extends ProviderLimits {
  /** In log lines. */
  name: string;
  /** The state of the circuit is logged here. */
  logger?: Logger;
}

export interface RetryOptions {
  /** Attempts after the first one. */
  retries: number;
  isTransient: (error: ProviderError) => boolean;
  /** Before the second attempt. Doubles with each one; up to half of it is taken off at random. */
  backoffMilliseconds: number;
  /** If the provider asks for a longer pause than this, the call fails instead of waiting. */
  maxRetryAfterMilliseconds: number;
}

/** Ends an attempt early when it aborts: at the deadline, or when the caller has left. */
export type Attempt<T> = (signal: AbortSignal) => T;

/**
 * The way to call a provider (mail, SMS, push, models, object storage): a limit on concurrent calls, a circuit breaker, a
 * deadline, retries, and the pause that the provider asked for by Retry-After.
 */
export class ProviderClient {
  private readonly circuit: CircuitBreaker<[Attempt<Promise<unknown>>, AbortSignal], unknown>;
  private readonly bulkhead: Semaphore;
  private openUntil = 0;
  private pausedUntil = 0;

  constructor(private readonly options: ProviderOptions) {
    const { name, logger, circuit, maxConcurrent, isProviderFailure = () => true } = options;
    this.bulkhead = new Semaphore({ total: maxConcurrent });
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
      logger?.warn({ provider: name }, 'circuit opened');
    });
    this.circuit.on('halfOpen', () => logger?.info({ provider: name }, 'circuit half-open'));
    this.circuit.on('close', () => logger?.info({ provider: name }, 'circuit closed'));
  }

  /** @throws ProviderError; ProviderUnavailable if the call was not made */
  async call<T>(attempt: Attempt<Promise<T>>): Promise<T> {
    const release = await this.enter();
    const deadline = new Deadline(this.options.timeoutMilliseconds);
    // The permit is free again when the attempt has ended, not when we stopped waiting for it.
    const run = (signal: AbortSignal): Promise<T> => {
      const running = this.retried(attempt, signal).finally(release);
      return Promise.race([running, deadline.passed()]);
    };
    try {
      return (await this.circuit.fire(run, deadline.signal)) as T;
    } catch (error) {
      throw this.failure(error, deadline.signal, release);
    } finally {
      deadline.clear();
    }
  }

  /**
   * A call whose answer comes in parts. It ends with its last part, with an error, or when the reader stops. Retried only
   * before the first part.
   * @param caller aborts when the client has disconnected; a ProviderError as its reason is thrown as it is
   * @param firstItemMilliseconds until the first part, with all attempts
   * @throws ProviderError; ProviderUnavailable if the call was not made
   */
  async *stream<T>(
    attempt: Attempt<AsyncIterable<T>>,
    caller: AbortSignal,
    firstItemMilliseconds: number,
  ): AsyncGenerator<T, void> {
    const release = await this.enter();
    const deadline = new Deadline(this.options.timeoutMilliseconds, firstItemMilliseconds, caller);
    const call = new MeasuredCall(this.circuit, deadline.signal);
    try {
      await call.admitted();
      for await (const item of this.retriedStream(attempt, deadline.signal)) {
        deadline.firstItemArrived();
        yield item;
      }
    } catch (error) {
      const failure = this.failure(error, deadline.signal, release);
      call.fail(failure);
      throw failure;
    } finally {
      call.succeed();
      deadline.clear();
      release();
    }
  }

  /** Seconds until the provider may be called again; 0: now. */
  pausedSeconds(): number {
    return Math.max(secondsUntil(this.pausedUntil), this.circuit.opened ? secondsUntil(this.openUntil) : 0);
  }

  close(): void {
    this.circuit.shutdown();
  }

  private async enter(): Promise<Release> {
    const paused = this.pausedSeconds();
    if (paused > 0)
      throw new ProviderUnavailable(this.circuit.opened ? 'CIRCUIT_OPEN' : 'PROVIDER_ASKED_TO_WAIT', paused);
    const release = await this.bulkhead.acquireWithin(this.options.maxWaitMilliseconds);
    if (!release) throw new ProviderUnavailable('BUSY', 1);
    return release;
  }

  private async retried<T>(attempt: Attempt<Promise<T>>, signal: AbortSignal): Promise<T> {
    for (let attempts = 1; ; attempts += 1) {
      signal.throwIfAborted();
      try {
        return await attempt(signal);
      } catch (error) {
        await this.pauseBeforeRetry(toProviderError(error, signal), attempts, signal);
      }
    }
  }

  private async *retriedStream<T>(attempt: Attempt<AsyncIterable<T>>, signal: AbortSignal): AsyncGenerator<T, void> {
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
    const asked = (failure.retryAfterSeconds ?? 0) * 1_000;
    const mayRetry = retry && attempts <= retry.retries && asked <= retry.maxRetryAfterMilliseconds;
    if (!mayRetry || signal.aborted || !retry.isTransient(failure)) throw failure;
    const backoff = retry.backoffMilliseconds * 2 ** (attempts - 1) * (0.5 + Math.random() / 2);
    await sleep(Math.max(asked, backoff), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) throw toProviderError(failure, signal);
  }

  private failure(error: unknown, signal: AbortSignal, release: Release): ProviderError {
    if (CircuitBreaker.isOurError(error as Error)) {
      release();
      // While one call tries the circuit, the others wait for its result.
      return new ProviderUnavailable('CIRCUIT_OPEN', secondsUntil(this.openUntil) || 1);
    }
    const failure = toProviderError(error, signal);
    const pause = Math.min((failure.retryAfterSeconds ?? 0) * 1_000, this.options.maxPauseMilliseconds);
    if (pause > 0) this.pausedUntil = Math.max(this.pausedUntil, performance.now() + pause);
    return failure;
  }
}

/** opossum measures promises; this one lasts as long as a stream. */
class MeasuredCall {
  succeed!: () => void;
  fail!: (error: ProviderError) => void;
  private readonly outcome: Promise<unknown>;
  private isAdmitted = false;

  constructor(circuit: CircuitBreaker<[Attempt<Promise<unknown>>, AbortSignal], unknown>, signal: AbortSignal) {
    const ended = new Promise<void>((resolve, reject) => {
      this.succeed = resolve;
      this.fail = reject;
    });
    // opossum starts a call at once, or not at all.
    const start = (): Promise<void> => {
      this.isAdmitted = true;
      return ended;
    };
    this.outcome = circuit.fire(start, signal);
    this.outcome.catch(() => undefined);
    ended.catch(() => undefined);
  }

  /** @throws opossum's error if the circuit is open */
  async admitted(): Promise<void> {
    if (!this.isAdmitted) await this.outcome;
  }
}

const secondsUntil = (instant: number): number => Math.max(0, Math.ceil((instant - performance.now()) / 1_000));
