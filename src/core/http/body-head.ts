import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { createBrotliDecompress, createInflate, createUnzip } from 'node:zlib';

/** So much of a body is looked at where it can't be read as a whole. */
const HEAD_BYTES = 64 * 1024;
const HEAD_CHARACTERS = 256 * 1024;
/** Less of a body that nobody else reads: its sender may be over a limit, and is not to cost much. */
const UNREAD_HEAD_BYTES = 16 * 1024;
/** A body that nobody has read yet is waited for this long. */
const READ_MILLISECONDS = 1_000;

interface Head {
  chunks: Buffer[];
  /** When it is full, the body has ended, or nobody waits for it any more. */
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

/** As much as can be decompressed: a part of a stream ends in an error, which says nothing. */
async function decompress(bytes: Buffer, encoding: string | undefined): Promise<Buffer> {
  const make = { gzip: createUnzip, 'x-gzip': createUnzip, deflate: createInflate, br: createBrotliDecompress };
  const stream = make[encoding?.trim().toLowerCase() as keyof typeof make]?.();
  if (!stream) return bytes;
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
