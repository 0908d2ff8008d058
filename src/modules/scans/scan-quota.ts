import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { notFound } from '../../core/kernel/domain-error.js';
import type { StoredBlob } from '../../core/storage/blob-store.js';
import { tooLarge } from './scan.errors.js';
import { ScansRepository } from './scans.repository.js';

/** The limits of each patient's images. */
@Injectable()
export class ScanQuota {
  constructor(
    private readonly config: Config,
    private readonly scans: ScansRepository,
  ) {}

  /**
   * Locks the patient's quota until the end of the transaction, so that concurrent uploads do not exceed it.
   * @throws DomainError NOT_FOUND if the patient was erased during the upload
   */
  async lock(clientId: string): Promise<void> {
    if (!(await this.scans.lockQuota(clientId))) throw notFound();
  }

  /**
   * Refuses files of a set that cannot fit, before they are processed. Those that the patient has already need no space.
   * @throws DomainError PAYLOAD_TOO_LARGE
   */
  async assertSpaceForFiles(clientId: string, files: readonly StoredBlob[]): Promise<void> {
    const known = await this.scans.findHashes(
      clientId,
      files.map(({ sha256 }) => sha256),
    );
    const bytes = files.reduce((sum, file) => (known.has(file.sha256) ? sum : sum + file.bytes), 0);
    if (bytes > 0) await this.assertSpace(clientId, bytes, 0);
  }

  /**
   * @param count the number of new scans and sets
   * @throws DomainError PAYLOAD_TOO_LARGE if this many more of this size exceed the patient's quota
   */
  async assertSpace(clientId: string, bytes: number, count = 1): Promise<void> {
    const { SCAN_CLIENT_MAX_COUNT: maxCount, SCAN_CLIENT_MAX_BYTES: maxBytes } = this.config;
    const usage = await this.scans.getUsage(clientId);
    if (usage.count + count <= maxCount && usage.bytes + bytes <= maxBytes) return;
    throw tooLarge('This patient’s space for scans is used up. Delete some scans first.', {
      reason: 'QUOTA',
      maxCount,
      maxBytes,
    });
  }

  /** @throws DomainError PAYLOAD_TOO_LARGE for a set with too many images */
  assertSetSize(images: number): void {
    const { SCAN_SET_MAX_IMAGES: maxImages } = this.config;
    if (images <= maxImages) return;
    throw tooLarge('The scan set has too many images.', { reason: 'SET_SIZE', maxImages });
  }
}
