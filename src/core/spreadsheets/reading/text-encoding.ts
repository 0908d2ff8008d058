import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { TextDecoder } from 'node:util';

/** The names that iconv-lite uses. */
export type TextEncoding = 'utf8' | 'utf16le' | 'utf16be' | 'windows-1252' | 'windows-1256';

const HEAD_BYTES = 4_096;
const CHUNK_BYTES = 256 * 1024;
/** So many letters decide between the encodings with one byte for each letter. */
const ENOUGH_LETTERS = 20_000;

/**
 * Guesses the encoding of a text file: by its byte order mark, by the zero bytes of UTF-16, or by whether the whole file is valid UTF-8.
 * Of the encodings with one byte for each letter, Arabic (Windows-1256) has words of several letters beyond ASCII, and the European one
 * (Windows-1252) has single ones between ASCII letters.
 */
export async function guessEncoding(path: string): Promise<TextEncoding> {
  const head = await readHead(path);
  return fromMark(head) ?? fromZeros(head) ?? (await guessFromContent(path));
}

function fromMark(head: Buffer): TextEncoding | null {
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf8';
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf16le';
  return head[0] === 0xfe && head[1] === 0xff ? 'utf16be' : null;
}

/** The minimum share of zero bytes in UTF-16, and how many times more of them must be at even (or odd) positions than at others. */
const MIN_ZERO_SHARE = 1 / 20;
const MIN_ZERO_RATIO = 4;

/** ASCII characters of UTF-16, such as separators and line breaks, have a zero byte. */
function fromZeros(head: Buffer): TextEncoding | null {
  let [even, odd] = [0, 0];
  for (const [index, byte] of head.entries()) {
    if (byte !== 0) continue;
    if (index % 2 === 0) even += 1;
    else odd += 1;
  }
  if (even + odd < head.length * MIN_ZERO_SHARE) return null;
  return odd > MIN_ZERO_RATIO * even ? 'utf16le' : even > MIN_ZERO_RATIO * odd ? 'utf16be' : null;
}

async function guessFromContent(path: string): Promise<TextEncoding> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const letters = new LetterRuns();
  let isUtf8 = true;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    if (isUtf8) isUtf8 = isDecodable(decoder, chunk);
    letters.add(chunk);
    if (!isUtf8 && letters.count >= ENOUGH_LETTERS) break;
  }
  if (isUtf8 && isDecodable(decoder)) return 'utf8';
  return letters.areMostlyInRuns ? 'windows-1256' : 'windows-1252';
}

function isDecodable(decoder: TextDecoder, chunk?: Buffer): boolean {
  try {
    decoder.decode(chunk, { stream: chunk !== undefined });
    return true;
  } catch {
    return false;
  }
}

/** Counts letters beyond ASCII, and those beside another one. */
class LetterRuns {
  count = 0;
  private inRuns = 0;
  private previous = 0;

  add(chunk: Buffer): void {
    for (const [index, byte] of chunk.entries()) {
      if (byte >= 0xc0) {
        this.count += 1;
        const next = chunk[index + 1] ?? 0;
        if (this.previous >= 0xc0 || next >= 0xc0) this.inRuns += 1;
      }
      this.previous = byte;
    }
  }

  get areMostlyInRuns(): boolean {
    return this.inRuns > this.count / 2;
  }
}

/** The first bytes of a file. */
export async function readHead(path: string, length = HEAD_BYTES): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
