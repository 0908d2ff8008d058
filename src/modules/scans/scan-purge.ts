import { Injectable } from '@nestjs/common';
import { Database } from '../../core/database/database.js';
import { BlobStore } from '../../core/storage/blob-store.js';
import { blobKey, RENDITIONS } from './scans.repository.js';

/** Deletes the bytes of scans that are deleted. May run twice. */
@Injectable()
export class ScanPurge {
  constructor(
    private readonly db: Database,
    private readonly blobs: BlobStore,
  ) {}

  /** Ids of deleted scans that still have bytes, at most some hundreds. */
  async due(): Promise<string[]> {
    const rows = await this.db.rows<{ id: string }>(
      `SELECT id FROM scan WHERE deleted_at IS NOT NULL AND purged_at IS NULL ORDER BY id LIMIT 500`,
    );
    return rows.map(({ id }) => id);
  }

  async purge(id: string): Promise<void> {
    for (const name of RENDITIONS) await this.blobs.delete(blobKey(id, name));
    await this.db.rows(`UPDATE scan SET purged_at = now() WHERE id = $1 AND deleted_at IS NOT NULL`, [id]);
  }
}
