import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type Dirent } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { assertKey, BlobMissing, BlobStore, type BlobInfo, type ByteRange, type StoredBlob } from './blob-store.js';
import { HashingStream, hashFile } from './hashing-stream.js';

/** The prefix of unfinished files. It is not allowed in keys, so `list` can skip these files. */
const TEMPORARY_PREFIX = '.part-';

const isAbsent = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Stores blobs as files below one folder. Several processes may share it, also on a network file system with atomic rename. */
export class LocalBlobs extends BlobStore {
  private readonly root: string;

  constructor(root: string) {
    super();
    this.root = resolve(root);
  }

  async put(key: string, body: Readable): Promise<StoredBlob> {
    const path = await this.preparePath(key);
    const temporary = join(dirname(path), TEMPORARY_PREFIX + randomUUID());
    const hashing = new HashingStream();
    try {
      await pipeline(body, hashing, createWriteStream(temporary, { flags: 'wx', mode: 0o600 }));
      await this.commit(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return hashing.result();
  }

  async putFile(key: string, path: string, known?: StoredBlob): Promise<StoredBlob> {
    const target = await this.preparePath(key);
    const stored = known ?? (await hashFile(path));
    try {
      await this.commit(path, target);
      return stored;
    } catch (error) {
      // A rename across file systems is not possible: the spool is on another one.
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      await this.put(key, createReadStream(path));
      await rm(path, { force: true });
      return stored;
    }
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.getPath(key), 'r').catch((error: unknown) => {
      throw isAbsent(error) ? new BlobMissing(key) : error;
    });
    return file.createReadStream(range && { start: range.first, end: range.last });
  }

  async head(key: string): Promise<BlobInfo | null> {
    try {
      const { size, mtimeMs } = await stat(this.getPath(key));
      return { key, bytes: size, modifiedAt: mtimeMs };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    const path = this.getPath(key);
    await rm(path, { force: true });
    // Removes the folder with its last file.
    await rmdir(dirname(path)).catch(() => undefined);
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    for (const entry of await this.entries(prefix)) {
      const key = `${prefix}/${entry.name}`;
      if (entry.isDirectory()) yield* this.list(key);
      else if (!entry.name.startsWith(TEMPORARY_PREFIX)) {
        const blob = await this.head(key);
        if (blob) yield blob;
      }
    }
  }

  async sweepUnfinished(prefix: string, before: number): Promise<number> {
    let deleted = 0;
    for (const entry of await this.entries(prefix)) {
      const path = join(this.getPath(prefix), entry.name);
      if (entry.isDirectory()) {
        deleted += await this.sweepUnfinished(`${prefix}/${entry.name}`, before);
        // Removes a folder that stayed empty.
        if (await isOlder(path, before)) await rmdir(path).catch(() => undefined);
      } else if (entry.name.startsWith(TEMPORARY_PREFIX) && (await isOlder(path, before))) {
        await rm(path, { force: true });
        deleted += 1;
      }
    }
    return deleted;
  }

  private async entries(prefix: string): Promise<Dirent[]> {
    try {
      const entries = await readdir(this.getPath(prefix), { withFileTypes: true });
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  private async preparePath(key: string): Promise<string> {
    const path = this.getPath(key);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    return path;
  }

  /** Syncs the content before the rename, and the folders after it, so that a stored blob survives a crash. */
  private async commit(temporary: string, path: string): Promise<void> {
    await syncToDisk(temporary);
    await rename(temporary, path);
    await syncToDisk(dirname(path));
    await syncToDisk(dirname(dirname(path)));
  }

  private getPath(key: string): string {
    assertKey(key);
    return join(this.root, key);
  }
}

async function isOlder(path: string, than: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && found.mtimeMs < than;
}

async function syncToDisk(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}
