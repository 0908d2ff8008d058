import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import { constants, createBrotliDecompress, createInflate, createInflateRaw, createUnzip } from 'node:zlib';
import { BODY_BYTES } from './body-limits.js';

/** So much of a body is looked at where it can't be read as a whole. */
const HEAD_BYTES = BODY_BYTES;
const HEAD_CHARACTERS = 256 * 1024;
/** Less of a body that nobody else reads: its sender may be over a limit, and is not to cost much. */
const UNREAD_HEAD_BYTES = 16 * 1024;
/** A body that nobody has read yet is waited for this long. */
const READ_MILLISECONDS = 1_000;

interface Head {
  chunks: Buffer[];
  /** Resolves when it is full, the body has ended, or the client has left. */
  arrived: Promise<void>;
}

/** The first bytes of bodies that are being read by somebody else. */
const kept = new WeakMap<IncomingMessage, Head>();

/** Keeps the first part of the body while the parser reads it. Must be called in the same tick as the parser. */
export function keepHead(request: IncomingMessage): void {
  kept.set(request, collect(request, HEAD_BYTES));
}

/** The first part of the body as text: what was kept, or what arrives within a second. */
export async function headText(request: IncomingMessage): Promise<string> {
  const head = kept.get(request) ?? collect(request, UNREAD_HEAD_BYTES);
  if (!request.readableEnded && !request.destroyed) {
    request.resume();
    await Promise.race([head.arrived, sleep(READ_MILLISECONDS, undefined, { ref: false })]);
  }
  return decode(await decompress(Buffer.concat(head.chunks), request.headers['content-encoding']), charsetOf(request));
}

function collect(request: IncomingMessage, most: number): Head {
  const chunks: Buffer[] = [];
  let length = 0;
  const arrived = new Promise<void>((resolve) => {
    const take = (chunk: Buffer): void => {
      chunks.push(chunk.subarray(0, most - length));
      length += chunk.length;
      if (length < most) return;
      request.off('data', take);
      resolve();
    };
    request.on('data', take);
    for (const event of ['end', 'close', 'error']) request.once(event, resolve);
  });
  return { chunks, arrived };
}

const GZIP_MAGIC = 0x1f8b;
const ZLIB = { finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { finishFlush: constants.BROTLI_OPERATION_FLUSH };
const DECODERS = {
  gzip: [() => createUnzip(ZLIB)],
  // Some clients leave out the wrapper that the name stands for.
  deflate: [() => createInflate(ZLIB), () => createInflateRaw(ZLIB)],
  br: [() => createBrotliDecompress(BROTLI)],
};
const MAX_ENCODINGS = 3;

/** Undoes the encodings, the last one first. What is not what its header says is taken as it is. */
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
      const decoded = await decodedBy(make(), plain);
      if (decoded.length === 0) continue;
      plain = decoded;
      break;
    }
  }
  return plain;
}

/** As much as can be decompressed: a part of a stream ends in an error, which says nothing. */
async function decodedBy(stream: Transform, bytes: Buffer): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of Readable.from([bytes]).pipe(stream) as AsyncIterable<Buffer>) {
      parts.push(part);
      length += part.length;
      if (length > HEAD_CHARACTERS) break;
    }
  } catch {
    // What came out before is enough.
  }
  return Buffer.concat(parts);
}

const charsetOf = ({ headers }: IncomingMessage): string =>
  /charset\s*=\s*"?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';

/** By the charset where it is known, else as UTF-8. Zero bytes of a UTF-16 that was not declared are left out. */
function decode(bytes: Buffer, charset: string): string {
  let text: string;
  try {
    text = new TextDecoder(charset).decode(bytes);
  } catch {
    text = bytes.toString('utf8');
  }
  return text.replaceAll('\0', '').slice(0, HEAD_CHARACTERS);
}
