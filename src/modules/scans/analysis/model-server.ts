import CircuitBreaker from 'opossum';
import type { ModelSettings } from './model.js';

export type ModelFailure =
  'TIMEOUT' | 'UNREACHABLE' | 'UPSTREAM_ERROR' | 'REFUSED' | 'BAD_ANSWER' | 'ANSWER_TOO_LARGE' | 'CIRCUIT_OPEN';

/** A model server that gave no usable answer. The reason is for programs; nothing of its words is passed on. */
export class ModelError extends Error {
  constructor(readonly reason: ModelFailure) {
    super(`the model server: ${reason}`);
  }
}

const MOST_ANSWER_BYTES = 1024 * 1024;
/** Inference changes nothing over there, so one more try is safe where the first may have been bad luck. */
const ATTEMPTS = 2;
const WORTH_ANOTHER_TRY = new Set<ModelFailure>(['UNREACHABLE', 'UPSTREAM_ERROR']);
const BREAKER = { timeout: false, errorThresholdPercentage: 50, volumeThreshold: 5, resetTimeout: 30_000 } as const;

/** JSON to a model server and back: one time limit over all attempts, a bounded answer, a breaker. */
export class ModelServer {
  private readonly breaker: CircuitBreaker<[string, object], unknown>;

  constructor(private readonly settings: ModelSettings) {
    this.breaker = new CircuitBreaker((path: string, body: object) => this.attempt(path, body), {
      ...BREAKER,
      // A request that it refuses is our fault and says nothing of its health.
      errorFilter: (error: Error) => error instanceof ModelError && error.reason === 'REFUSED',
    });
  }

  /** @throws ModelError */
  async post(path: string, body: object): Promise<unknown> {
    try {
      return await this.breaker.fire(path, body);
    } catch (error) {
      if (error instanceof ModelError) throw error;
      throw new ModelError(this.breaker.opened ? 'CIRCUIT_OPEN' : 'UNREACHABLE');
    }
  }

  private async attempt(path: string, body: object): Promise<unknown> {
    const signal = AbortSignal.timeout(this.settings.timeoutMilliseconds);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.send(path, body, signal);
      } catch (error) {
        const failure = signal.aborted ? new ModelError('TIMEOUT') : asModelError(error);
        if (attempt === ATTEMPTS || !WORTH_ANOTHER_TRY.has(failure.reason)) throw failure;
      }
    }
  }

  private async send(path: string, body: object, signal: AbortSignal): Promise<unknown> {
    const { url, apiKey } = this.settings;
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
      body: JSON.stringify(body),
      redirect: 'error',
      signal,
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new ModelError(response.status >= 500 || response.status === 429 ? 'UPSTREAM_ERROR' : 'REFUSED');
    }
    return parse(await boundedText(response));
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the body, so the rest is never read.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) throw new ModelError('ANSWER_TOO_LARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ModelError('BAD_ANSWER');
  }
}

const asModelError = (error: unknown): ModelError =>
  error instanceof ModelError ? error : new ModelError('UNREACHABLE');
