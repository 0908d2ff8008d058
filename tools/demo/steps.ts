import { randomUUID } from 'node:crypto';

export interface Answer<T = any> {
  status: number;
  body: { success: boolean; data: T; error?: { code: string; message: string; details: unknown } };
}

export type Call = <T = any>(method: string, path: string, body?: object, token?: string) => Promise<Answer<T>>;

/** The result of a step, with a note to print. */
interface Noted<T> {
  note: string;
  value: T;
}

const NAME_WIDTH = 44;

export const log = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs one step, prints its name and duration, and returns its value. */
export async function step<T>(what: string, work: () => Promise<T | Noted<T>>): Promise<T> {
  const start = performance.now();
  try {
    const result = await work();
    const noted = isNoted(result);
    const note = noted ? ` – ${result.note}` : '';
    log(`✓ ${what.padEnd(NAME_WIDTH)} ${(performance.now() - start).toFixed(0).padStart(5)} ms${note}`);
    return noted ? result.value : result;
  } catch (error) {
    log(`✗ ${what}: ${error instanceof Error ? error.message : String(error)}`);
    throw error;
  }
}

const isNoted = <T>(result: T | Noted<T>): result is Noted<T> =>
  typeof result === 'object' && result !== null && 'note' in result && 'value' in result;

/** Returns a function that calls the API at a base URL. */
export const caller =
  (base: string): Call =>
  async <T = any>(method: string, path: string, body?: object, token?: string): Promise<Answer<T>> => {
    const headers: Record<string, string> = {};
    if (body) headers['content-type'] = 'application/json';
    if (token) headers.authorization = `Bearer ${token}`;
    if (method === 'POST') headers['idempotency-key'] = randomUUID();
    const response = await fetch(`${base}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: response.status, body: (await response.json()) as Answer<T>['body'] };
  };

export function expectStatus<T>({ status, body }: Answer<T>, expected: number): T {
  if (status !== expected)
    throw new Error(`status ${status} ${body.error?.code ?? ''} instead of ${expected}: ${body.error?.message ?? ''}`);
  return body.data;
}

export function ensure<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
