import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createInflate, createInflateRaw, createUnzip } from 'node:zlib';
import { MAX_BODY_BYTES } from './body-limits.js';

/** The maximum size of a head, before and after decompression. */
const MAX_HEAD_BYTES = MAX_BODY_BYTES;
/** The maximum if the body is read only for its head: the request may be refused by a rate limit and must be cheap. */
const MAX_UNREAD_HEAD_BYTES = 16 * 1024;
/** The maximum time to wait for a head that has not arrived. */
const MAX_WAIT_MILLISECONDS = 1_000;

interface Head {
  chunks: Buffer[];
  /** Resolves when the head is full, the body has ended, or the client has disconnected. */
  complete: Promise<void>;
}

/** The heads of bodies that a parser reads. */
const heads = new WeakMap<IncomingMessage, Head>();

/** Stores the first part of the body (its head) while a parser reads it. Call it in the same tick as the parser. */
export function keepHead(request: IncomingMessage): void {
  heads.set(request, collectHead(request, MAX_HEAD_BYTES));
}

/** The head of the body as text: the stored one, or what arrives within a second. */
export async function readHead(request: IncomingMessage): Promise<string> {
  const head = heads.get(request) ?? collectHead(request, MAX_UNREAD_HEAD_BYTES);
  if (!request.readableEnded && !request.destroyed) {
    request.resume();
    await Promise.race([head.complete, sleep(MAX_WAIT_MILLISECONDS, undefined, { ref: false })]);
  }
  const bytes = await decompress(Buffer.concat(head.chunks), request.headers['content-encoding']);
  return decode(bytes, getCharset(request));
}

function collectHead(request: IncomingMessage, maxBytes: number): Head {
  const chunks: Buffer[] = [];
  let length = 0;
  const complete = new Promise<void>((resolve) => {
    const take = (chunk: Buffer): void => {
      chunks.push(chunk.subarray(0, maxBytes - length));
      length += chunk.length;
      if (length < maxBytes) return;
      request.off('data', take);
      resolve();
    };
    request.on('data', take);
    for (const event of ['end', 'close', 'error']) request.once(event, resolve);
  });
  return { chunks, complete };
}

const GZIP_MAGIC = 0x1f8b;
const ZLIB = { finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH };
const DECODERS = {
  gzip: [() => createUnzip(ZLIB)],
  // Some clients send raw deflate data without the zlib header (RFC 9110, 8.4.1.2).
  deflate: [() => createInflate(ZLIB), () => createInflateRaw(ZLIB)],
  br: [() => createBrotliDecompress(BROTLI)],
};
const MAX_ENCODINGS = 3;

/** Reverts the content encodings, the last one first. Data that does not have the declared encoding stays unchanged. */
async function decompress(bytes: Buffer, header = ''): Promise<Buffer> {
  const encodings = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim().replace(/^x-/, ''));
  const isZipped = bytes.length > 2 && bytes.readUInt16BE(0) === GZIP_MAGIC;
  if (isZipped && !encodings.includes('gzip')) encodings.push('gzip');
  let plain = bytes;
  for (const encoding of encodings.slice(-MAX_ENCODINGS).reverse()) {
    for (const make of DECODERS[encoding as keyof typeof DECODERS] ?? []) {
      const decoded = await decompressPart(make(), plain);
      if (decoded.length === 0) continue;
      plain = decoded;
      break;
    }
  }
  return plain;
}

/** Decompresses as much as possible: a head is only a part of the stream, so it usually ends with an error. */
async function decompressPart(stream: Transform, bytes: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of Readable.from([bytes]).pipe(stream) as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      if (length > MAX_HEAD_BYTES) break;
    }
  } catch {
    // The parts before the error are returned.
  }
  return Buffer.concat(parts).subarray(0, MAX_HEAD_BYTES);
}

const getCharset = ({ headers }: IncomingMessage): string =>
  /charset\s*=\s*"?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';

/** Decodes text, as UTF-8 if the charset is unknown. Removes NUL characters, so that undeclared UTF-16 can be read. */
function decode(bytes: Buffer, charset: string): string {
  let text: string;
  try {
    text = new TextDecoder(charset).decode(bytes);
  } catch {
    text = bytes.toString('utf8');
  }
  return text.replaceAll('\0', '');
}
