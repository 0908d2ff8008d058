import { afterEach, describe, expect, it } from '@jest/globals';
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
const RETRY = { retries: 1, isTransient: () => true, backoffMilliseconds: 1, maxRetryAfterMilliseconds: 0 };
const NOBODY_LEAVES = new AbortController().signal;

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
const reasonOf = (call: Promise<unknown>): Promise<string> =>
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
  it('ends at its deadline, also where the attempt does not end', async () => {
    const client = clientWith({ timeoutMilliseconds: 20 });
    expect(await reasonOf(client.call(hang))).toBe('TIMEOUT');
  });

  it('keeps its place as long as its attempt runs', async () => {
    const client = clientWith({ timeoutMilliseconds: 20, maxConcurrent: 1 });
    let end: () => void = () => undefined;
    expect(await reasonOf(client.call(() => new Promise<void>((resolve) => (end = resolve))))).toBe('TIMEOUT');
    expect(await reasonOf(client.call(() => Promise.resolve()))).toBe('BUSY');
    end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(await reasonOf(client.call(() => Promise.resolve()))).toBe('none');
  });

  it('is made again after a transient failure, and not after another one', async () => {
    const client = clientWith({ retry: { ...RETRY, isTransient: ({ reason }) => reason === 'FAILED' } });
    let attempts = 0;
    const failOnce = (reason: string) => (): Promise<string> => (attempts++ ? Promise.resolve('ok') : fail(reason)());
    expect(await client.call(failOnce('FAILED'))).toBe('ok');
    attempts = 0;
    expect(await reasonOf(client.call(failOnce('REFUSED')))).toBe('REFUSED');
    expect(attempts).toBe(1);
  });

  it('is not made while the provider asked for a pause', async () => {
    const client = clientWith();
    expect(await reasonOf(client.call(fail('BUSY', 30)))).toBe('BUSY');
    const second = client.call(() => Promise.reject(new Error('must not be called')));
    await expect(second).rejects.toEqual(new ProviderUnavailable('PROVIDER_ASKED_TO_WAIT', 30));
    expect(client.pausedSeconds()).toBe(30);
  });

  it('is not made while the circuit is open; one call tries it later, and closes it', async () => {
    const client = clientWith();
    for (let n = 0; n < 3; n += 1) expect(await reasonOf(client.call(fail()))).toBe('FAILED');
    let calls = 0;
    const succeed = (): Promise<number> => Promise.resolve((calls += 1));
    expect(await reasonOf(client.call(succeed))).toBe('CIRCUIT_OPEN');
    expect(calls).toBe(0);
    await eventually(async () => expect(await reasonOf(client.call(succeed))).toBe('none'));
    expect(calls).toBe(1);
    expect(await client.call(succeed)).toBe(2);
  });

  it('does not open the circuit by failures that say nothing about the provider', async () => {
    const client = clientWith({ isProviderFailure: ({ reason }) => reason !== 'REFUSED' });
    for (let n = 0; n < 6; n += 1) expect(await reasonOf(client.call(fail('REFUSED')))).toBe('REFUSED');
    expect(await reasonOf(client.call(fail()))).toBe('FAILED');
  });
});

describe('a stream', () => {
  it('is retried before its first part, and never after it', async () => {
    const client = clientWith({ retry: RETRY });
    let attempts = 0;
    const failsFirst = (signal: AbortSignal): AsyncIterable<string> =>
      attempts++ ? parts(signal, ['a', 'b']) : parts(signal, [], 'FAIL');
    expect(await read(client.stream(failsFirst, NOBODY_LEAVES, 1_000))).toEqual({ texts: ['a', 'b'] });
    const breaksOff = (signal: AbortSignal): AsyncIterable<string> => parts(signal, ['a'], 'FAIL');
    expect(await read(client.stream(breaksOff, NOBODY_LEAVES, 1_000))).toEqual({ texts: ['a'], reason: 'FAILED' });
  });

  it('has a deadline for its first part and one for all', async () => {
    const client = clientWith({ timeoutMilliseconds: 200 });
    const silent = (signal: AbortSignal): AsyncIterable<string> => parts(signal, [], 'HANG');
    expect(await read(client.stream(silent, NOBODY_LEAVES, 20))).toEqual({ texts: [], reason: 'TIMEOUT' });
    const stops = (signal: AbortSignal): AsyncIterable<string> => parts(signal, ['a'], 'HANG');
    expect(await read(client.stream(stops, NOBODY_LEAVES, 100))).toEqual({ texts: ['a'], reason: 'TIMEOUT' });
  });

  it('ends when its caller leaves, with the reason that the caller gives', async () => {
    const client = clientWith();
    const hangs = (signal: AbortSignal): AsyncIterable<string> => parts(signal, ['a'], 'HANG');
    const leave = async (reason?: ProviderError): Promise<unknown> => {
      const caller = new AbortController();
      const reading = read(client.stream(hangs, caller.signal, 1_000));
      caller.abort(reason);
      return (await reading).reason;
    };
    expect(await leave()).toBe('CLIENT_GONE');
    expect(await leave(new ProviderError('CLOSING'))).toBe('CLOSING');
  });

  it('ends its attempt and gives its place back when the reader stops, and counts as a success', async () => {
    const client = clientWith({ maxConcurrent: 1 });
    for (let n = 0; n < 5; n += 1) {
      let isClosed = false;
      const endless = async function* (): AsyncGenerator<string> {
        try {
          for (;;) yield 'more';
        } finally {
          isClosed = true;
        }
      };
      for await (const text of client.stream(endless, NOBODY_LEAVES, 1_000)) if (text === 'more') break;
      expect(isClosed).toBe(true);
    }
    expect(client.pausedSeconds()).toBe(0);
  });

  it('counts for the circuit when it breaks off, and is not started while the circuit is open', async () => {
    const client = clientWith({ circuit: { ...LIMITS.circuit, resetMilliseconds: 60_000 } });
    const breaksOff = (signal: AbortSignal): AsyncIterable<string> => parts(signal, ['a'], 'FAIL');
    for (let n = 0; n < 3; n += 1) await read(client.stream(breaksOff, NOBODY_LEAVES, 1_000));
    expect(await read(client.stream(breaksOff, NOBODY_LEAVES, 1_000))).toEqual({ texts: [], reason: 'CIRCUIT_OPEN' });
  });
});
