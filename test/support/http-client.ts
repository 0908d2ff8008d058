import { Agent, request, type IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Keeps connections open between the requests of a worker. */
const agent = new Agent({ keepAlive: true });

export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** Sends a request with a small body. Costs half as much CPU as `fetch`, which counts with tens of thousands of requests. */
export async function send(
  method: string,
  url: string,
  headers: Record<string, string>,
  body?: string,
): Promise<HttpAnswer> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const framing = body !== undefined && { 'content-length': Buffer.byteLength(body) };
    const sent = request(url, { method, headers: { 'user-agent': 'node', ...headers, ...framing }, agent }, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
  // Removes a byte order mark, as `fetch` does.
  const text = new TextDecoder().decode(await buffer(response));
  return { status: response.statusCode as number, headers: toHeaders(response), text };
}

export async function upload(
  method: string,
  url: string,
  headers: Record<string, string>,
  form: FormData,
): Promise<HttpAnswer> {
  const response = await fetch(url, { method, redirect: 'manual', headers, body: form });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

function toHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let n = 0; n < rawHeaders.length; n += 2) headers.append(rawHeaders[n] as string, rawHeaders[n + 1] as string);
  return headers;
}
