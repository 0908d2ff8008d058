import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import CircuitBreaker from 'opossum';
import type { Logger } from 'pino';
import { Config } from '../../../core/config/config.js';
import { Clock } from '../../../core/kernel/clock.js';
import { LOGGER } from '../../../core/logging/logger.js';
import { type Asking, ChatModel, type Completion, type Fault, ModelError } from './chat-model.js';
import { OpenAiChatClient } from './openai-chat.client.js';

const BREAKER = { errorThresholdPercentage: 50, volumeThreshold: 5, rollingCountTimeout: 30_000, capacity: 200 };
const BACKOFF_MILLISECONDS = 200;
/** A server that wants more patience than this is left alone for as long as it says. */
const MOST_PATIENCE_MILLISECONDS = 1_000;

/** The model behind deadlines, a few retries before its first word, and a circuit breaker with a half-open probe. */
@Injectable()
export class ReliableChatModel extends ChatModel implements OnModuleDestroy {
  readonly name: string | null;
  private readonly breaker: CircuitBreaker<[Asking], Completion>;
  private restUntil = 0;

  constructor(
    private readonly client: OpenAiChatClient,
    private readonly config: Config,
    private readonly clock: Clock,
    @Inject(LOGGER) logger: Logger,
  ) {
    super();
    this.name = config.AI_ENABLED && config.AI_BASE_URL ? config.AI_MODEL : null;
    this.breaker = new CircuitBreaker((asking: Asking) => this.persistently(asking), {
      ...BREAKER,
      timeout: false,
      resetTimeout: config.AI_BREAKER_RESET_MILLISECONDS,
      errorFilter: isNotItsFault,
    });
    const tell = (state: string) => () => logger.warn({ state }, 'the circuit to the chat model');
    this.breaker.on('open', tell('open'));
    this.breaker.on('halfOpen', tell('half-open'));
    this.breaker.on('close', tell('closed'));
  }

  onModuleDestroy(): void {
    this.breaker.shutdown();
  }

  async complete({ messages, signal, onText }: Asking): Promise<Completion> {
    const ending = new AbortController();
    const end = (): void => ending.abort(new ModelError('TIMEOUT'));
    const first = setTimeout(end, this.config.AI_FIRST_TOKEN_MILLISECONDS);
    const total = setTimeout(end, this.config.AI_TOTAL_MILLISECONDS);
    const forward = (): void =>
      ending.abort(signal.reason instanceof ModelError ? signal.reason : new ModelError('CLIENT_GONE'));
    signal.addEventListener('abort', forward);
    if (signal.aborted) forward();
    try {
      return await this.breaker.fire({
        messages,
        signal: ending.signal,
        onText: (text) => {
          clearTimeout(first);
          return onText(text);
        },
      });
    } catch (error) {
      // What opossum throws itself: the circuit is open, or too many calls are under way.
      throw error instanceof ModelError ? error : new ModelError('CIRCUIT_OPEN');
    } finally {
      clearTimeout(first);
      clearTimeout(total);
      signal.removeEventListener('abort', forward);
    }
  }

  private async persistently(asking: Asking): Promise<Completion> {
    for (let attempt = 0; ; attempt += 1) {
      if (this.clock.now() < this.restUntil) throw new ModelError('BUSY');
      try {
        return await this.client.attempt(asking);
      } catch (error) {
        const fault = error as ModelError;
        const pause = this.pauseAfter(fault, attempt);
        if (pause === null) throw fault;
        await sleep(pause, undefined, { signal: asking.signal }).catch(() => undefined);
        if (asking.signal.aborted) throw asking.signal.reason instanceof ModelError ? asking.signal.reason : fault;
      }
    }
  }

  /** Milliseconds until the next attempt, or null where there is none. */
  private pauseAfter({ mayBeRetried, retryAfterMilliseconds }: ModelError, attempt: number): number | null {
    if (retryAfterMilliseconds !== null && retryAfterMilliseconds > MOST_PATIENCE_MILLISECONDS) {
      this.restUntil = this.clock.now() + Math.min(retryAfterMilliseconds, this.config.AI_BREAKER_RESET_MILLISECONDS);
      return null;
    }
    if (!mayBeRetried || attempt >= this.config.AI_RETRIES) return null;
    const jitter = 0.5 + Math.random() / 2;
    return Math.max(retryAfterMilliseconds ?? 0, BACKOFF_MILLISECONDS * 2 ** attempt * jitter);
  }
}

/** None of these may open the circuit: one person's questions would take the model away from everybody. */
const NOT_ITS_FAULT: ReadonlySet<Fault> = new Set(['CLIENT_GONE', 'CLOSING', 'ENOUGH', 'DECLINED']);

const isNotItsFault = (error: unknown): boolean => error instanceof ModelError && NOT_ITS_FAULT.has(error.fault);
