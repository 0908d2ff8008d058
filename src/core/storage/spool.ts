import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';

/**
 * Temporary files of running requests, always on the local disk. Each request uses its own `Workspace` and deletes it; the sweep
 * deletes those of killed processes.
 */
@Injectable()
export class Spool {
  readonly folder: string;

  constructor(config: Config) {
    this.folder = resolve(config.STORAGE_DIR, 'incoming');
  }

  /** A workspace whose folder does not exist yet. */
  newWorkspace(): Workspace {
    return new Workspace(join(this.folder, randomUUID()));
  }

  /** Deletes workspaces that are older than an instant (epoch milliseconds). @returns the number of deleted ones */
  async sweep(before: number): Promise<number> {
    let deleted = 0;
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => null);
      if (!found || found.mtimeMs >= before) continue;
      await rm(path, { recursive: true, force: true });
      deleted += 1;
    }
    return deleted;
  }
}

/** A folder for the temporary files of one request. */
export class Workspace {
  constructor(private readonly folder: string) {}

  async create(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
  }

  /** Deletes the folder with all of its files. Safe to call twice. */
  async delete(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }
}
