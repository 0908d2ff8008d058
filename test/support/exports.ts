import type { TestApp } from './app.js';
import { unzip } from './zip.js';

/** Downloads the export of a person. @returns the content of its files */
export async function downloadExport(app: TestApp, userId: string, token: string): Promise<Map<string, Buffer>> {
  const response = await fetch(`${app.url}/api/v1/users/${userId}/export`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const isZip = response.headers.get('content-type') === 'application/zip';
  if (response.status !== 200 || !isZip)
    throw new Error(`the export returned ${response.status}: ${await response.text()}`);
  return unzip(await response.arrayBuffer());
}

/** The rows of a JSON file of an export. */
export const rowsIn = (files: Map<string, Buffer>, name: string): any[] =>
  JSON.parse(files.get(`${name}.json`)?.toString() ?? 'null') as any[];
