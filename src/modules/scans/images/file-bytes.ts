import { open, type FileHandle } from 'node:fs/promises';
import { broken } from '../scan.errors.js';

const WINDOW_BYTES = 256 * 1024;
const MIN_BYTES = 64;

/** Reads any part of a file through a window of 256 KiB, so that the file is never completely in memory. */
export class FileBytes {
  private window = Buffer.alloc(0);
  private start = 0;

  private constructor(
    private readonly file: FileHandle,
    readonly size: number,
  ) {}

  static async use<T>(path: string, work: (bytes: FileBytes) => Promise<T>): Promise<T> {
    const file = await open(path, 'r');
    try {
      return await work(new FileBytes(file, (await file.stat()).size));
    } finally {
      await file.close();
    }
  }

  /** The bytes at an offset. @throws DomainError UNPROCESSABLE_FILE if the file ends earlier */
  async at(offset: number, length: number): Promise<Buffer> {
    if (offset < 0 || offset + length > this.size) throw broken();
    if (offset < this.start || offset + length > this.start + this.window.length) await this.move(offset, length);
    return this.window.subarray(offset - this.start, offset - this.start + length);
  }

  /** The content of the window from an offset: at least 64 bytes, or the rest of the file. */
  async from(offset: number): Promise<Buffer> {
    const least = Math.min(MIN_BYTES, this.size - offset);
    if (least <= 0) return Buffer.alloc(0);
    if (offset < this.start || offset + least > this.start + this.window.length) await this.move(offset, least);
    return this.window.subarray(offset - this.start);
  }

  private async move(offset: number, length: number): Promise<void> {
    const window = Buffer.allocUnsafe(Math.min(Math.max(WINDOW_BYTES, length), this.size - offset));
    let filled = 0;
    while (filled < window.length) {
      const { bytesRead } = await this.file.read(window, filled, window.length - filled, offset + filled);
      if (bytesRead === 0) throw broken();
      filled += bytesRead;
    }
    this.window = window;
    this.start = offset;
  }
}
