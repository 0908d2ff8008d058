import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { assertKey, BlobMissing, BlobStore, type BlobInfo, type ByteRange, type StoredBlob } from './blob-store.js';
import { Measured, measureFile } from './measured.js';

/** Prefix of files that are still being written. No key contains it, so `list` skips them. */
const TEMPORARY = '.part-';

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Blobs as files below one folder. Several processes may share it, also over a network file system with rename. */
export class LocalBlobs extends BlobStore {
  private readonly root: string;

  constructor(root: string) {
    super();
    this.root = resolve(root);
  }

  async put(key: string, body: Readable): Promise<StoredBlob> {
    const path = await this.placeFor(key);
    const temporary = join(dirname(path), TEMPORARY + randomUUID());
    const measured = new Measured();
    try {
      await pipeline(body, measured, createWriteStream(temporary, { flags: 'wx', mode: 0o600 }));
      await this.settle(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return measured.result();
  }

  async putFile(key: string, path: string, measured?: StoredBlob): Promise<StoredBlob> {
    const place = await this.placeFor(key);
    const stored = measured ?? (await measureFile(path));
    try {
      await this.settle(path, place);
      return stored;
    } catch (error) {
      // The spool is on another file system.
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      await this.put(key, createReadStream(path));
      await rm(path, { force: true });
      return stored;
    }
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.pathOf(key), 'r').catch((error: unknown) => {
      throw isAbsent(error) ? new BlobMissing(key) : error;
    });
    return file.createReadStream(range && { start: range.first, end: range.last });
  }

  async head(key: string): Promise<BlobInfo | null> {
    try {
      const { size, mtimeMs } = await stat(this.pathOf(key));
      return { key, bytes: size, modifiedAt: mtimeMs };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.pathOf(key);
    await rm(path, { force: true });
    // Deletes the folder with its last file.
    await rmdir(dirname(path)).catch(() => undefined);
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    for (const entry of await this.entries(prefix)) {
      const key = `${prefix}/${entry.name}`;
      if (entry.isDirectory()) yield* this.list(key);
      else if (!entry.name.startsWith(TEMPORARY)) {
        const blob = await this.head(key);
        if (blob) yield blob;
      }
    }
  }

  async sweepUnfinished(prefix: string, before: number): Promise<number> {
    let deleted = 0;
    for (const entry of await this.entries(prefix)) {
      const path = join(this.pathOf(prefix), entry.name);
      if (entry.isDirectory()) {
        deleted += await this.sweepUnfinished(`${prefix}/${entry.name}`, before);
        // Only an empty folder is deleted: its writer was killed before it wrote a file.
        if (await isOlder(path, before)) await rmdir(path).catch(() => undefined);
      } else if (entry.name.startsWith(TEMPORARY) && (await isOlder(path, before))) {
        await rm(path, { force: true });
        deleted += 1;
      }
    }
    return deleted;
  }

  private async entries(prefix: string): Promise<Dirent[]> {
    try {
      const entries = await readdir(this.pathOf(prefix), { withFileTypes: true });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  private async placeFor(key: string): Promise<string> {
    const path = this.pathOf(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return path;
  }

  /** Syncs the file before it gets its name, and the name before the caller relies on it. */
  private async settle(temporary: string, path: string): Promise<void> {
    await synced(temporary);
    await rename(temporary, path);
    await synced(dirname(path));
    await synced(dirname(dirname(path)));
  }

  private pathOf(key: string): string {
    assertKey(key);
    return join(this.root, key);
  }
}

async function isOlder(path: string, than: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && found.mtimeMs < than;
}

async function synced(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
