import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Injectable } from '@nestjs/common';
import { Config } from '../config/config.js';

/**
 * Temporary files of running requests, always on the local disk. Each request uses its own `Workspace`, which is deleted with
 * all of its files; the sweep deletes those of killed processes.
 */
@Injectable()
export class Spool {
  readonly folder: string;

  constructor(config: Config) {
    this.folder = resolve(config.STORAGE_DIR, 'incoming');
  }

  /** Runs `work` with a workspace, and deletes the workspace afterwards. */
  async use<T>(work: (workspace: Workspace) => Promise<T>): Promise<T> {
    const workspace = new Workspace(join(this.folder, randomUUID()));
    await mkdir(workspace.folder, { recursive: true, mode: 0o700 });
    try {
      return await work(workspace);
    } finally {
      await rm(workspace.folder, { recursive: true, force: true });
    }
  }

  /** Deletes old workspaces. @returns the number of deleted ones */
  async sweep(olderThan: number): Promise<number> {
    let deleted = 0;
    for (const name of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, name);
      const found = await stat(path).catch(() => null);
      if (!found || found.mtimeMs >= olderThan) continue;
      await rm(path, { recursive: true, force: true });
      deleted += 1;
    }
    return deleted;
  }
}

export class Workspace {
  constructor(readonly folder: string) {}

  path(name: string): string {
    return join(this.folder, name);
  }
}
