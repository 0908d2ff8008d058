import { createReadStream } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { invalid } from '../../../core/kernel/domain-error.js';
import { Fields, isRecord } from '../fields.js';
import type { ItemKind } from '../legacy-data.js';
import type { SourceRow, UnknownList } from './source.js';

/** A named list of records. */
export interface Collection {
  file: string;
  name: string;
  rows(): AsyncIterable<SourceRow>;
}

const JSON_EXTENSIONS = new Set(['.json', '.jsonl', '.ndjson']);
const HEAD_BYTES = 64 * 1024;

/** The files with these extensions in the folder and its folder `data`, sorted. */
export async function listFiles(folder: string, extensions: ReadonlySet<string>): Promise<string[]> {
  const list = async (path: string): Promise<string[]> =>
    (await readdir(path, { withFileTypes: true }))
      .filter((entry) => entry.isFile() && extensions.has(extname(entry.name).toLowerCase()))
      .map((entry) => join(path, entry.name))
      .sort();
  return [...(await list(folder)), ...(await list(join(folder, 'data')).catch(() => []))];
}

/** The report of an earlier run may be in the folder of the data. */
export const REPORT_NAME = 'migration-report';

export async function listJsonFiles(folder: string): Promise<string[]> {
  const files = await listFiles(folder, JSON_EXTENSIONS);
  return files.filter((file) => !basename(file).startsWith(REPORT_NAME));
}

/** The beginning of a file, to recognise its format. */
export async function readHead(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
  } finally {
    await handle.close();
  }
}

/** The lists of a JSON file: the file itself, the answer of an API (`{ data: [] }`), or each member that is a list. */
export async function readCollections(
  file: string,
  decode: (value: unknown) => unknown = (value) => value,
): Promise<Collection[]> {
  const content = decode(parse(await readFile(file, 'utf8'), basename(file)));
  if (Array.isArray(content)) return [toCollection(file, toName(file), content)];
  if (!isRecord(content)) return [];
  if (Array.isArray(content.data)) return [toCollection(file, toName(file), content.data)];
  return Object.entries(content).flatMap(([name, value]) =>
    Array.isArray(value) ? [toCollection(file, name, value)] : [],
  );
}

/** A function that reads the collections of all files at its first call. @param open reads those of one file */
export function readOnce(
  files: readonly string[],
  open: (file: string) => Promise<Collection[]> = (file) => readCollections(file),
): () => Promise<Collection[]> {
  let collections: Promise<Collection[]> | null = null;
  return () => (collections ??= Promise.all(files.map(open)).then((all) => all.flat()));
}

/** A file with one JSON value on each line. */
export function readLines(file: string, decode: (value: unknown) => unknown): Collection {
  return { file, name: toName(file), rows: () => parseLines(file, decode) };
}

async function* parseLines(file: string, decode: (value: unknown) => unknown): AsyncGenerator<SourceRow> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line += 1;
    const json = text.replace(/^\uFEFF/, '').trim();
    if (json === '') continue;
    yield { file: basename(file), line, ...readRow(json, decode) };
  }
}

function readRow(json: string, decode: (value: unknown) => unknown): Pick<SourceRow, 'fields' | 'error'> {
  try {
    return toRow(decode(JSON.parse(json)));
  } catch {
    return { fields: null, error: 'is not valid JSON' };
  }
}

const toRow = (value: unknown): Pick<SourceRow, 'fields' | 'error'> =>
  isRecord(value) ? { fields: new Fields(value) } : { fields: null, error: 'is not an object' };

function toCollection(file: string, name: string, items: readonly unknown[]): Collection {
  return {
    file,
    name,
    async *rows() {
      for (const item of items) yield { file: basename(file), line: null, ...toRow(item) };
    },
  };
}

function parse(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw invalid({ field: name, error: 'is not valid JSON' });
  }
}

/** `clinic.users.json`, as mongoexport and MongoDB Compass name it, is the collection `users`. */
const toName = (file: string): string => basename(file, extname(file)).split('.').at(-1) ?? '';

const KIND_BY_NAME: Readonly<Record<string, ItemKind>> = {
  user: 'user',
  users: 'user',
  doctor: 'doctor',
  doctors: 'doctor',
  service: 'service',
  services: 'service',
  booking: 'visit',
  bookings: 'visit',
  appointment: 'visit',
  appointments: 'visit',
  scan: 'scan',
  scans: 'scan',
  favorite: 'favorite',
  favorites: 'favorite',
  favourite: 'favorite',
  favourites: 'favorite',
  faq: 'faq',
  faqs: 'faq',
};

/** The kind of a list by its name, such as `users` and `Appointment`. */
export const toKind = (name: string): ItemKind | undefined => KIND_BY_NAME[name.toLowerCase().replace(/[_-]/g, '')];

/** The rows of all collections of a kind. */
export async function* readRows(
  collections: readonly Collection[],
  kind: ItemKind,
  getKind: (name: string) => ItemKind | undefined = toKind,
): AsyncGenerator<SourceRow> {
  for (const collection of collections) if (getKind(collection.name) === kind) yield* collection.rows();
}

/** The collections without a kind. */
export async function findUnknownLists(
  collections: readonly Collection[],
  isKnown: (name: string) => boolean = (name) => toKind(name) !== undefined,
): Promise<UnknownList[]> {
  const unknown: UnknownList[] = [];
  for (const collection of collections) {
    if (isKnown(collection.name)) continue;
    let rows = 0;
    for await (const _ of collection.rows()) rows += 1;
    if (rows > 0) unknown.push({ file: basename(collection.file), name: collection.name, rows });
  }
  return unknown;
}
