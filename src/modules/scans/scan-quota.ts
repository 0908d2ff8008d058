import { Injectable } from '@nestjs/common';
import { Config } from '../../core/config/config.js';
import { tooLarge } from './scan.errors.js';
import { ScansRepository } from './scans.repository.js';

/** The limits of each patient's images. */
@Injectable()
export class ScanQuota {
  constructor(
    private readonly config: Config,
    private readonly scans: ScansRepository,
  ) {}

  /** Locks the patient's quota until the end of the transaction, so that concurrent uploads do not exceed it. */
  lock(clientId: string): Promise<void> {
    return this.scans.lockQuota(clientId);
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
