import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Answer, TestApp } from './app.js';
import { within } from './eventually.js';

export interface Upload {
  token: string;
  bytes: Uint8Array;
  name?: string;
  type?: string;
  fields?: Record<string, string>;
  headers?: Record<string, string>;
}

/** Posts a form like a browser. */
export async function upload(
  app: Pick<TestApp, 'url'>,
  { token, bytes, name, type, fields, headers }: Upload,
): Promise<Answer> {
  const form = new FormData();
  for (const [key, value] of Object.entries(fields ?? {})) form.append(key, value);
  form.append('file', new Blob([bytes], { type: type ?? '' }), name ?? 'picture.png');
  return toAnswer(await fetch(`${app.url}/api/v1/scans`, post(token, form, headers)));
}

const post = (token: string, body: FormData, headers: Record<string, string> = {}): RequestInit => ({
  method: 'POST',
  headers: { authorization: `Bearer ${token}`, ...headers },
  body,
});

async function toAnswer(response: Response): Promise<Answer> {
  const body = (await response.json()) as any;
  return { status: response.status, headers: response.headers, body, data: body.data, code: body.error?.code };
}

/** Downloads a file; returns its bytes, status and headers. */
export async function download(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const response = await fetch(url, { headers });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** Starts an upload of 1 MB to /api/v1/scans on a connection of its own, and stops in the middle of the file. */
export async function startStalledUpload(port: number, token: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  await within('a connection', once(socket, 'connect'));
  const head = [
    'POST /api/v1/scans HTTP/1.1',
    'Host: x',
    `Authorization: Bearer ${token}`,
    'Content-Type: multipart/form-data; boundary=b',
    'Content-Length: 1000000',
  ];
  const part = ['--b', 'Content-Disposition: form-data; name="file"; filename="a.png"'];
  socket.write([...head, '', ...part, '', 'x'.repeat(200_000)].join('\r\n'));
  return socket;
}
