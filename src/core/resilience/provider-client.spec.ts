import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../../../test/support/eventually.js';
import { ProviderClient, type ProviderLimits } from './provider-client.js';
import { ProviderError, ProviderUnavailable } from './provider-error.js';

const LIMITS: ProviderLimits = {
  timeoutMilliseconds: 2_000,
  maxConcurrent: 2,
  maxWaitMilliseconds: 0,
  maxPauseMilliseconds: 60_000,
  circuit: { volume: 3, windowMilliseconds: 10_000, resetMilliseconds: 50 },
};
const OPEN_FOR_A_MINUTE = { circuit: { ...LIMITS.circuit, resetMilliseconds: 60_000 } };
const RETRY = { retries: 1, isTransient: () => true, backoffMilliseconds: 1, maxRetryAfterMilliseconds: 0 };
const NEVER_ABORTED = new AbortController().signal;

const clients: ProviderClient[] = [];
const clientWith = (limits: Partial<ProviderLimits> = {}): ProviderClient => {
  const client = new ProviderClient({ name: 'test', ...LIMITS, ...limits });
  clients.push(client);
  return client;
};
afterEach(() => clients.splice(0).forEach((client) => client.close()));

const fail =
  (reason = 'FAILED', retryAfterSeconds?: number) =>
  (): Promise<never> =>
    Promise.reject(new ProviderError(reason, { retryAfterSeconds }));
const hang = (): Promise<never> => new Promise(() => undefined);
const getReason = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'none',
    (error: ProviderError) => error.reason,
  );

/** Yields the parts, then throws, hangs until it is aborted, or ends. */
async function* parts(signal: AbortSignal, texts: string[], then?: 'FAIL' | 'HANG'): AsyncGenerator<string> {
  yield* texts;
  if (then === 'FAIL' || signal.aborted) throw new ProviderError('FAILED');
  if (then === 'HANG') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('x'))));
}

async function read(stream: AsyncIterable<string>): Promise<{ texts: string[]; reason?: string }> {
  const texts: string[] = [];
  try {
    for await (const text of stream) texts.push(text);
    return { texts };
  } catch (error) {
    return { texts, reason: (error as ProviderError).reason };
  }
}

describe('a call', () => {
  it('fails at its deadline, even if the attempt does not end', async () => {
    const client = clientWith({ timeoutMilliseconds: 20 });
    expect(await getReason(client.call(hang))).toBe('TIMEOUT');
  });

  it('holds its permit until its attempt ends', async () => {
    const client = clientWith({ timeoutMilliseconds: 20, maxConcurrent: 1 });
    let end: () => void = () => undefined;
    expect(await getReason(client.call(() => new Promise<void>((resolve) => (end = resolve))))).toBe('TIMEOUT');
    expect(await getReason(client.call(() => Promise.resolve()))).toBe('BUSY');
    end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await getReason(client.call(() => Promise.resolve()))).toBe('none');
  });

  it('is retried after a transient failure, but not after another failure', async () => {
    const client = clientWith({ retry: { ...RETRY, isTransient: ({ reason }) => reason === 'FAILED' } });
    let attempts = 0;
    const failOnce = (reason: string) => (): Promise<string> => (attempts++ ? Promise.resolve('ok') : fail(reason)());
    expect(await client.call(failOnce('FAILED'))).toBe('ok');
    attempts = 0;
    expect(await getReason(client.call(failOnce('REFUSED')))).toBe('REFUSED');
    expect(attempts).toBe(1);
  });

  it('is not made during a pause that the provider requested', async () => {
    const client = clientWith();
    expect(await getReason(client.call(fail('BUSY', 30)))).toBe('BUSY');
    const second = client.call(() => Promise.reject(new Error('must not be called')));
    const error: unknown = await second.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ProviderUnavailable);
    expect(error).toMatchObject({ reason: 'PROVIDER_ASKED_TO_WAIT' });
    for (const seconds of [(error as ProviderUnavailable).retryAfterSeconds, client.pausedSeconds()]) {
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(30);
    }
  });

  it('is not made while the circuit is open', async () => {
    const client = clientWith(OPEN_FOR_A_MINUTE);
    for (let n = 0; n < 3; n += 1) expect(await getReason(client.call(fail()))).toBe('FAILED');
    const call = client.call(() => Promise.reject(new Error('must not be called')));
    expect(await getReason(call)).toBe('CIRCUIT_OPEN');
  });

  it('closes the circuit if it succeeds after the reset time', async () => {
    const client = clientWith();
    for (let n = 0; n < 3; n += 1) expect(await getReason(client.call(fail()))).toBe('FAILED');
    let calls = 0;
    const succeed = (): Promise<number> => Promise.resolve((calls += 1));
    await eventually(async () => expect(await getReason(client.call(succeed))).toBe('none'));
    expect(calls).toBe(1);
    expect(await client.call(succeed)).toBe(2);
  });

  it('that fails without a fault of the provider does not open the circuit', async () => {
    const client = clientWith({ isProviderFailure: ({ reason }) => reason !== 'REFUSED' });
    for (let n = 0; n < 6; n += 1) expect(await getReason(client.call(fail('REFUSED')))).toBe('REFUSED');
    expect(await getReason(client.call(fail()))).toBe('FAILED');
  });
});

describe('a stream', () => {
  it('is retried before its first item, but not after it', async () => {
    const client = clientWith({ retry: RETRY });
    let attempts = 0;
    const failsFirst = (signal: AbortSignal): AsyncIterable<string> =>
      attempts++ ? parts(signal, ['a', 'b']) : parts(signal, [], 'FAIL');
    expect(await read(client.stream(failsFirst, NEVER_ABORTED, 1_000))).toEqual({ texts: ['a', 'b'] });
    const breaksOff = (signal: AbortSignal): AsyncIterable<string> => parts(signal, ['a'], 'FAIL');
    expect(await read(client.stream(breaksOff, NEVER_ABORTED, 1_000))).toEqual({ texts: ['a'], reason: 'FAILED' });
  });

  it('has a deadline for its first item and one for the whole stream', async () => {
    const client = clientWith({ timeoutMilliseconds: 1_500 });
    const silent = (signal: AbortSignal): AsyncIterable<string> => parts(signal, [], 'HANG');
    expect(await read(client.stream(silent, NEVER_ABORTED, 20))).toEqual({ texts: [], reason: 'TIMEOUT' });
    const stops = async function* (signal: AbortSignal): AsyncGenerator<string> {
      yield 'a';
      // Longer than the deadline for the first item.
      await sleep(60, undefined, { signal });
      yield* parts(signal, ['b'], 'HANG');
    };
    expect(await read(client.stream(stops, NEVER_ABORTED, 20))).toEqual({ texts: ['a', 'b'], reason: 'TIMEOUT' });
  });

  it('fails when its caller disconnects, with the reason of the caller', async () => {
    const client = clientWith();
    const hangs = (signal: AbortSignal): AsyncIterable<string> => parts(signal, ['a'], 'HANG');
    const leave = async (reason?: ProviderError): Promise<unknown> => {
      const caller = new AbortController();
      const stream = client.stream(hangs, caller.signal, 1_000);
      expect(await stream.next()).toEqual({ value: 'a', done: false });
      const rest = read(stream);
      caller.abort(reason);
      return rest;
    };
    expect(await leave()).toEqual({ texts: [], reason: 'CLIENT_DISCONNECTED' });
    expect(await leave(new ProviderError('CLOSING'))).toEqual({ texts: [], reason: 'CLOSING' });
  });

  it('fails if its caller has disconnected before it begins', async () => {
    const client = clientWith();
    const never = (signal: AbortSignal): AsyncIterable<string> => parts(signal, ['a'], 'HANG');
    expect(await read(client.stream(never, AbortSignal.abort(), 1_000))).toEqual({
      texts: [],
      reason: 'CLIENT_DISCONNECTED',
    });
  });

  it('ends its attempt, releases its permit and counts as a success when its reader stops', async () => {
    const client = clientWith({ maxConcurrent: 1 });
    for (let n = 0; n < 3; n += 1) expect(await getReason(client.call(fail()))).toBe('FAILED');
    // The circuit is open. After the reset time, the second stream starts only if the first one was a success.
    await eventually(async () => expect(client.pausedSeconds()).toBe(0));
    for (let n = 0; n < 5; n += 1) {
      let isClosed = false;
      const endless = async function* (): AsyncGenerator<string> {
        try {
          for (;;) yield 'more';
        } finally {
          isClosed = true;
        }
      };
      for await (const text of client.stream(endless, NEVER_ABORTED, 1_000)) if (text === 'more') break;
      expect(isClosed).toBe(true);
    }
    expect(client.pausedSeconds()).toBe(0);
  });

  it('that breaks off counts as a failure, and no stream starts while the circuit is open', async () => {
    const client = clientWith(OPEN_FOR_A_MINUTE);
    const breaksOff = (signal: AbortSignal): AsyncIterable<string> => parts(signal, ['a'], 'FAIL');
    for (let n = 0; n < 3; n += 1) await read(client.stream(breaksOff, NEVER_ABORTED, 1_000));
    expect(await read(client.stream(breaksOff, NEVER_ABORTED, 1_000))).toEqual({ texts: [], reason: 'CIRCUIT_OPEN' });
  });
});
