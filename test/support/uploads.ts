import type { Answer, TestApp } from './app.js';

export interface Upload {
  token: string;
  bytes: Uint8Array;
  name?: string;
  type?: string;
  fields?: Record<string, string>;
  headers?: Record<string, string>;
}

/** Posts a form like a browser. */
export async function upload(app: TestApp, { token, bytes, name, type, fields, headers }: Upload): Promise<Answer> {
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
