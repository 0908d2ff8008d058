import yauzl from 'yauzl';
import type { TestApp } from './app.js';

/** Downloads the export of a person. @returns the content of its files */
export async function downloadExport(app: TestApp, userId: string, token: string): Promise<Map<string, Buffer>> {
  const response = await fetch(`${app.url}/api/v1/users/${userId}/export`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const isZip = response.headers.get('content-type') === 'application/zip';
  if (response.status !== 200 || !isZip)
    throw new Error(`the export returned ${response.status}: ${await response.text()}`);
  return readZip(Buffer.from(await response.arrayBuffer()));
}

async function readZip(bytes: Buffer): Promise<Map<string, Buffer>> {
  const zip = await yauzl.fromBufferPromise(bytes);
  const files = new Map<string, Buffer>();
  for await (const entry of zip.eachEntry()) {
    const chunks: Buffer[] = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk as Buffer);
    files.set(entry.fileName, Buffer.concat(chunks));
  }
  return files;
}

/** The rows of a JSON file of an export. */
export const rowsIn = (files: Map<string, Buffer>, name: string): any[] =>
  JSON.parse(files.get(`${name}.json`)?.toString() ?? 'null') as any[];
