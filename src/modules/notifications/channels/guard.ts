import CircuitBreaker from 'opossum';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { ChannelName, SendOutcome } from './channel.js';
import { NotAsked, ProviderTrouble } from './provider-trouble.js';
import { Slots } from './slots.js';

export interface GuardOptions {
  /** From the request to its answer. Half as long may be spent in line before it: then it is not begun at all. */
  timeoutMilliseconds: number;
  /** Requests to the provider at once, from this process. */
  concurrency: number;
  /** The circuit opens when so many were asked within the window and more than half met trouble. */
  volume: number;
  windowMilliseconds: number;
  /** How long an open circuit stays open before one message tries it. */
  resetMilliseconds: number;
}

export const GUARD_OPTIONS: GuardOptions = {
  timeoutMilliseconds: 9_000,
  concurrency: 5,
  volume: 5,
  windowMilliseconds: 30_000,
  resetMilliseconds: 3_000,
};

const MOST_PAUSE_SECONDS = 3_600;

type Work<T> = (signal: AbortSignal) => Promise<T>;

/**
 * What stands between CareSlot and a provider: a deadline, a bound on requests at once, a circuit breaker, and the
 * pause that a provider asked for by Retry-After. Each request is made once: sending again is the delivery table's
 * work, which knows the attempts, so that nothing is sent behind its back.
 */
export class Guard {
  private readonly circuit: CircuitBreaker<[Work<unknown>], unknown>;
  private readonly slots: Slots;
  private openUntil = 0;
  private pausedUntil = 0;

  constructor(
    name: ChannelName,
    logger: Logger,
    private readonly options: GuardOptions = GUARD_OPTIONS,
  ) {
    this.slots = new Slots(options.concurrency);
    this.circuit = new CircuitBreaker((work) => this.inTime(work), {
      timeout: false,
      errorThresholdPercentage: 50,
      volumeThreshold: options.volume,
      rollingCountTimeout: options.windowMilliseconds,
      resetTimeout: options.resetMilliseconds,
      rollingPercentilesEnabled: false,
    });
    this.circuit.on('open', () => {
      this.openUntil = performance.now() + options.resetMilliseconds;
      logger.warn({ channel: name }, 'circuit opened');
    });
    this.circuit.on('close', () => logger.info({ channel: name }, 'circuit closed'));
  }

  /** Sends. What the provider said of the message is the work's answer; what it throws is the provider's trouble. */
  async send(work: Work<SendOutcome>): Promise<SendOutcome> {
    try {
      return await this.ask(work);
    } catch (error) {
      return outcomeOfTrouble(error);
    }
  }

  /** @throws ProviderTrouble */
  async ask<T>(work: Work<T>): Promise<T> {
    const paused = this.pausedSeconds();
    if (paused > 0) throw new NotAsked(this.circuit.opened ? 'CIRCUIT_OPEN' : 'PROVIDER_ASKED_TO_WAIT', paused);
    await this.slots.take(this.options.timeoutMilliseconds / 2);
    try {
      return (await this.circuit.fire(work)) as T;
    } catch (error) {
      if (!CircuitBreaker.isOurError(error as Error)) throw this.noted(asTrouble(error));
      this.slots.give();
      // While a single message tries the circuit, the others wait for what it finds out.
      throw new NotAsked('CIRCUIT_OPEN', secondsUntil(this.openUntil) || 1);
    }
  }

  /** Seconds until the provider may be asked again; 0: now. */
  pausedSeconds(): number {
    return Math.max(secondsUntil(this.pausedUntil), this.circuit.opened ? secondsUntil(this.openUntil) : 0);
  }

  close(): void {
    this.circuit.shutdown();
  }

  /** A provider that says when to come again is not asked before, for any message. */
  private noted(trouble: ProviderTrouble): ProviderTrouble {
    const seconds = Math.min(trouble.retryAfterSeconds ?? 0, MOST_PAUSE_SECONDS);
    if (seconds > 0) this.pausedUntil = Math.max(this.pausedUntil, performance.now() + seconds * 1_000);
    return trouble;
  }

  private async inTime(work: Work<unknown>): Promise<unknown> {
    const deadline = new Deadline(this.options.timeoutMilliseconds);
    // A slot is free again when its request has ended, not when we stopped waiting for it.
    const running = work(deadline.signal).finally(() => this.slots.give());
    running.catch(() => undefined);
    return Promise.race([running, deadline.passed]).finally(() => deadline.clear());
  }
}

/** Not AbortSignal.timeout(): that can't be cleared, and would hold and fire a timer for every message of the last seconds. */
class Deadline {
  readonly signal: AbortSignal;
  readonly passed: Promise<never>;
  readonly clear: () => void;

  constructor(milliseconds: number) {
    const controller = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    this.signal = controller.signal;
    this.passed = new Promise((_, reject) => {
      timer = setTimeout(() => {
        reject(new ProviderTrouble('TIMEOUT'));
        controller.abort();
      }, milliseconds);
    });
    this.clear = () => clearTimeout(timer);
  }
}

const secondsUntil = (instant: number): number => Math.max(0, Math.ceil((instant - performance.now()) / 1_000));

/** What a message is told of a provider in trouble. */
export function outcomeOfTrouble(error: unknown): SendOutcome {
  const { reason, retryAfterSeconds } = asTrouble(error);
  if (error instanceof NotAsked) return { kind: 'NOT_ASKED', reason, retryAfterSeconds: retryAfterSeconds ?? 1 };
  return { kind: 'RETRY', reason, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

function asTrouble(error: unknown): ProviderTrouble {
  if (error instanceof ProviderTrouble) return error;
  const { name, code, cause } = error as { name?: string; code?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError' || name === 'AbortError') return new ProviderTrouble('TIMEOUT');
  const detail = [code, cause?.code].find((value) => typeof value === 'string');
  return new ProviderTrouble(detail ? `NETWORK_${String(detail)}` : 'NETWORK');
}
