import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { MAX_CELL_CHARACTERS } from '../cell.js';
import { unreadable } from './unreadable.js';
import { parseXml } from './xml-reader.js';
import { fromXlsxText } from './xlsx-text.js';

const PAGE_BYTES = 64 * 1024;
const MAX_PAGES = 64;
const WRITE_BYTES = 256 * 1024;

/**
 * The texts of an xlsx file that cells refer to by number. They are kept in a temporary file: 100,000 patients have more texts than fit into
 * a bounded memory. Cells refer to texts mostly in their order, so that few pages are read again.
 */
export class SharedStrings {
  private readonly file: number;
  /** The end of each text in the file. */
  private ends = new Float64Array(1_024);
  private count = 0;
  private bytes = 0;
  private pending: Buffer[] = [];
  private pendingBytes = 0;
  private readonly pages = new Map<number, Buffer>();

  /** @param path of the temporary file, which the caller deletes */
  constructor(path: string) {
    this.file = openSync(path, 'wx+', 0o600);
  }

  /** Reads the part `sharedStrings.xml`. */
  async load(stream: Readable): Promise<void> {
    let text = '';
    let [isText, isPhonetic] = [false, false];
    await parseXml(stream, {
      open: (name) => {
        if (name === 'si') text = '';
        else if (name === 'rPh') isPhonetic = true;
        isText = name === 't' && !isPhonetic;
      },
      text: (part) => {
        if (!isText) return;
        if (text.length + part.length > MAX_CELL_CHARACTERS)
          throw unreadable('has a cell with a text that is too long');
        text += part;
      },
      close: (name) => {
        if (name === 't') isText = false;
        else if (name === 'rPh') isPhonetic = false;
        else if (name === 'si') this.add(text);
      },
    });
    this.flush();
  }

  /** @returns undefined if there is no text with this number */
  get(index: number): string | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.count) return undefined;
    const start = index === 0 ? 0 : (this.ends[index - 1] ?? 0);
    return fromXlsxText(this.read(start, this.ends[index] ?? start).toString('utf8'));
  }

  close(): void {
    closeSync(this.file);
  }

  private add(text: string): void {
    const encoded = Buffer.from(text, 'utf8');
    this.bytes += encoded.length;
    if (this.count === this.ends.length) {
      const larger = new Float64Array(this.ends.length * 2);
      larger.set(this.ends);
      this.ends = larger;
    }
    this.ends[this.count] = this.bytes;
    this.count += 1;
    this.pending.push(encoded);
    this.pendingBytes += encoded.length;
    if (this.pendingBytes >= WRITE_BYTES) this.flush();
  }

  private flush(): void {
    writeSync(this.file, Buffer.concat(this.pending));
    this.pending = [];
    this.pendingBytes = 0;
  }

  private read(start: number, end: number): Buffer {
    const first = Math.floor(start / PAGE_BYTES);
    const last = Math.floor(Math.max(end - 1, start) / PAGE_BYTES);
    const parts = Array.from({ length: last - first + 1 }, (_, index) => this.page(first + index));
    const bytes = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    return bytes.subarray(start - first * PAGE_BYTES, end - first * PAGE_BYTES);
  }

  /** Reads synchronously: the page was just written, and a promise for each cell would take longer than the reading. */
  private page(number: number): Buffer {
    const known = this.pages.get(number);
    if (known) return known;
    const page = Buffer.alloc(PAGE_BYTES);
    const length = readSync(this.file, page, 0, PAGE_BYTES, number * PAGE_BYTES);
    const [oldest] = this.pages.keys();
    if (this.pages.size >= MAX_PAGES && oldest !== undefined) this.pages.delete(oldest);
    this.pages.set(number, page.subarray(0, length));
    return page.subarray(0, length);
  }
}
