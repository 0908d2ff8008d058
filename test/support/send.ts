import { Contract } from './contract.js';

const ANSWER_WITHIN_MILLISECONDS = 15_000;
const contract = Contract.fromFile();

export interface Request {
  method: string;
  /** After /api/v1/. */
  path: string;
  token?: string;
  key?: string;
  /** JSON, or a text that is sent unchanged. */
  body?: object | string;
  form?: FormData;
  headers?: Record<string, string>;
}

export interface Reply {
  status: number;
  code: string | undefined;
  data: any;
  isReplayed: boolean;
  retryAfter: string | null;
}

/**
 * Sends a request to an API that may be killed or unreachable, and compares the answer with openapi.json.
 * @param onProblem gets what is wrong with the answer: it is not in openapi.json, or it is an unexpected error
 * @returns null if there was no complete answer
 */
export async function send(
  api: { url: string },
  { method, path, token, key, body, form, headers }: Request,
  onProblem: (problem: string) => void,
): Promise<Reply | null> {
  const url = `${api.url}/api/v1/${path}`;
  try {
    const response = await fetch(url, {
      method,
      signal: AbortSignal.timeout(ANSWER_WITHIN_MILLISECONDS),
      headers: {
        ...(typeof body === 'object' && { 'content-type': 'application/json' }),
        ...(token && { authorization: `Bearer ${token}` }),
        ...(key && { 'idempotency-key': key }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      ...(form && { body: form }),
    });
    const json: any = await response.json();
    const contentType = response.headers.get('content-type');
    const exchange = { method, url, status: response.status, contentType, body: json };
    for (const problem of contract.problems(exchange)) onProblem(`${method} ${path}: ${problem}`);
    const code: string | undefined = json.error?.code;
    if (response.status === 500) onProblem(`${method} ${path} returned 500 ${code}`);
    const isReplayed = response.headers.get('idempotency-replayed') === 'true';
    return {
      status: response.status,
      code,
      data: json.data,
      isReplayed,
      retryAfter: response.headers.get('retry-after'),
    };
  } catch {
    return null;
  }
}

/** Books an appointment. @param key its Idempotency-Key */
export const toBooking = (
  token: string,
  key: string,
  body: { serviceId: string; doctorId: string; startDateTime: string },
): Request => ({ method: 'POST', path: 'appointments', token, key, body });

/** Whether nothing was done, and repeating the request would not help. */
export const isRefusal = ({ status, code }: Reply): boolean =>
  status >= 400 && status < 500 && ![408, 429].includes(status) && code !== 'IDEMPOTENCY_IN_PROGRESS';
