import { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { DomainError, forbidden, notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/kernel/actor.js';
import { hasPermission } from '../../core/security/permissions.js';
import { BlobMissing, type ByteRange } from '../../core/storage/blob-store.js';
import { maySee } from './scan.policy.js';
import { ScanLinks, type Target } from './scan-links.js';
import { ScanStorage } from './scan-storage.js';
import { ScansRepository, type Rendition, type ScanRow } from './scans.repository.js';
import { CONTENT_TYPE, EXTENSION } from './upload/file-type.js';

type Reader = Pick<Actor, 'userId' | 'role' | 'clientId' | 'doctorId'>;

/** A file of a scan, opened for one reader. */
export interface ScanFile {
  contentType: string;
  name: string;
  bytes: number;
  /** Null for a placeholder, which does not support ranges. */
  etag: string | null;
  /** @throws DomainError NOT_FOUND if the file is missing in the store */
  read(range?: ByteRange): Promise<Readable>;
}

/** Opens the files of scans, for an access token or a signed link. */
@Injectable()
export class ScanFilesService {
  constructor(
    private readonly db: Database,
    private readonly scans: ScansRepository,
    private readonly storage: ScanStorage,
    private readonly links: ScanLinks,
    private readonly changes: ChangeLog,
  ) {}

  /** @throws DomainError UNAUTHENTICATED, FORBIDDEN, NOT_FOUND */
  async open(actor: Actor | null, id: string, target: Target, link: string | undefined): Promise<ScanFile> {
    const reader = await this.findReader(id, target, link, actor);
    const scan = await this.scans.find(id);
    if (!scan || !maySee(reader, scan, await this.scans.treats(reader.doctorId, scan.clientId))) throw notFound();
    const rendition = scan.renditions[target];
    if (!rendition && target === 'thumbnail') return placeholder(scan);
    if (!rendition) throw notFound();
    await this.audit(reader, id, target);
    return { ...describe(scan, target, rendition), read: (range) => this.read(id, target, range) };
  }

  /** @throws DomainError UNAUTHENTICATED without token and link; FORBIDDEN for a role or link without access */
  private async findReader(id: string, target: Target, link: string | undefined, actor: Actor | null): Promise<Reader> {
    const linked = this.links.verify(id, target, link);
    if (linked === null && !actor) throw new DomainError('UNAUTHENTICATED', 'Sign in first, or use a signed link.');
    // A link is for one user. With the token of another user, it was passed on.
    if (linked !== null && actor && actor.userId !== linked) throw forbidden('This link was made for another user.');
    const reader = actor ?? (linked === null ? null : await this.findLinkReader(linked));
    if (!reader || !hasPermission(reader, 'scan:read')) throw forbidden();
    return reader;
  }

  /** @throws DomainError FORBIDDEN for a user who must set up a second factor first */
  private async findLinkReader(userId: string): Promise<Reader | null> {
    const reader = await this.scans.findReader(userId);
    if (reader) this.links.assertHasFactor(reader);
    return reader;
  }

  private async read(id: string, target: Target, range: ByteRange | undefined): Promise<Readable> {
    try {
      return await this.storage.read(id, target, range);
    } catch (error) {
      throw error instanceof BlobMissing ? notFound() : error;
    }
  }

  private async audit(reader: Reader, scanId: string, target: Target): Promise<void> {
    await this.db.transaction(() =>
      this.changes.record({
        action: 'scan.opened',
        objectType: 'scan',
        objectId: scanId,
        actor: { userId: reader.userId, role: reader.role },
        changes: { file: target },
        event: null,
      }),
    );
  }
}

function describe(scan: ScanRow, target: Target, { bytes, sha256 }: Rendition): Omit<ScanFile, 'read'> {
  const format = target === 'thumbnail' ? 'JPEG' : scan.format;
  const suffix = target === 'served' ? '' : `-${target}`;
  const name = `scan-${scan.id}${suffix}.${EXTENSION[format]}`;
  return { contentType: CONTENT_TYPE[format], name, bytes, etag: `"${sha256}"` };
}

/** The image that replaces a missing thumbnail. Shows the code of the reason, such as COMPRESSED_TRANSFER_SYNTAX. */
function placeholder({ id, noPicture }: ScanRow): ScanFile {
  const reason = noPicture ?? 'NO_PICTURE';
  const svg =
    Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 240" role="img" aria-label="No preview: ${reason}">
  <rect width="320" height="240" fill="#e2e8f0"/>
  <text x="160" y="115" font-family="sans-serif" font-size="18" text-anchor="middle" fill="#334155">No preview</text>
  <text x="160" y="142" font-family="sans-serif" font-size="11" text-anchor="middle" fill="#64748b">${reason}</text>
</svg>
`);
  return {
    contentType: 'image/svg+xml',
    name: `scan-${id}-thumbnail.svg`,
    bytes: svg.length,
    etag: null,
    read: async () => Readable.from([svg]),
  };
}
