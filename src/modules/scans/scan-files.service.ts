import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Request } from 'express';
import type { Logger } from 'pino';
import { ChangeLog } from '../../core/changes/change-log.js';
import { Database } from '../../core/database/database.js';
import { StreamReply } from '../../core/http/careslot-adapter.js';
import { matchesTag } from '../../core/http/entity-tag.js';
import { DomainError, forbidden, notFound } from '../../core/kernel/domain-error.js';
import { LOGGER } from '../../core/logging/logger.js';
import type { Actor } from '../../core/security/actor.js';
import { allows } from '../../core/security/permissions.js';
import { BlobMissing, BlobStore, type ByteRange } from '../../core/storage/blob-store.js';
import { rangeOf } from './byte-range.js';
import { placeholder } from './placeholder.js';
import { maySee } from './scan.policy.js';
import { ScanLinks, type Target } from './scan-links.js';
import type { LinkQuery } from './scans.dto.js';
import { blobKey, ScansRepository, type Rendition, type ScanRow } from './scans.repository.js';
import { CONTENT_TYPE, EXTENSION } from './upload/declared-type.js';

type Reader = Pick<Actor, 'userId' | 'role' | 'clientId' | 'doctorId'>;

/** The bytes themselves, for a token or a signed link. */
@Injectable()
export class ScanFilesService {
  constructor(
    private readonly db: Database,
    private readonly scans: ScansRepository,
    private readonly blobs: BlobStore,
    private readonly links: ScanLinks,
    private readonly changes: ChangeLog,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async open(
    id: string,
    target: Target,
    query: LinkQuery,
    actor: Actor | null,
    request: Request,
  ): Promise<StreamReply> {
    const reader = await this.readerOf(id, target, query, actor);
    const scan = await this.scans.find(id);
    if (!scan || !maySee(reader, scan, await this.scans.treats(reader.doctorId, scan.clientId))) throw notFound();
    const rendition = scan.renditions[target];
    if (!rendition && target === 'thumbnail') return placeholderReply(scan);
    if (!rendition) throw notFound();
    await this.audit(reader, id, target);
    return this.reply(scan, target, rendition, request);
  }

  /** @throws DomainError UNAUTHENTICATED for nobody, FORBIDDEN for whose role or link does not do */
  private async readerOf(id: string, target: Target, query: LinkQuery, actor: Actor | null): Promise<Reader> {
    const linked = this.links.verify(id, target, query.link);
    if (linked === null && !actor) throw new DomainError('UNAUTHENTICATED', 'Sign in first, or use a signed link.');
    // A link is for one user: with somebody else's token it was passed on.
    if (linked !== null && actor && actor.userId !== linked) throw forbidden('This link was made for somebody else.');
    const reader = actor ?? (linked === null ? null : await this.scans.reader(linked));
    if (!reader || !allows(reader.role, 'scan:read')) throw forbidden();
    return reader;
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

  private async reply(scan: ScanRow, target: Target, rendition: Rendition, request: Request): Promise<StreamReply> {
    const headers = headersOf(scan, target, rendition);
    const etag = headers.ETag;
    if (matchesTag(request.headers['if-none-match'], etag)) return new StreamReply(Readable.from([]), 304, headers);
    // If-Range with another ETag: the file has changed since, so all of it.
    const ifRange = request.headers['if-range'];
    const asked = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
    const range = rangeOf(asked, rendition.bytes);
    if (range === 'UNSATISFIABLE') {
      const unsatisfiable = { ...headers, 'Content-Range': `bytes */${rendition.bytes}`, 'Content-Length': '0' };
      return new StreamReply(Readable.from([]), 416, unsatisfiable);
    }
    const body = await this.read(scan.id, target, range);
    if (!range) return new StreamReply(body, 200, { ...headers, 'Content-Length': String(rendition.bytes) });
    return new StreamReply(body, 206, {
      ...headers,
      'Content-Range': `bytes ${range.first}-${range.last}/${rendition.bytes}`,
      'Content-Length': String(range.last - range.first + 1),
    });
  }

  private async read(id: string, target: Target, range: ByteRange | null): Promise<Readable> {
    try {
      return await this.blobs.get(blobKey(id, target), range ?? undefined);
    } catch (error) {
      if (!(error instanceof BlobMissing)) throw error;
      this.logger.error({ scanId: id, file: target }, 'the bytes of a scan are gone');
      throw notFound();
    }
  }
}

function headersOf(scan: ScanRow, target: Target, { sha256 }: Rendition): Record<string, string> & { ETag: string } {
  const isThumbnail = target === 'thumbnail';
  const format = isThumbnail ? 'JPEG' : scan.format;
  const suffix = target === 'served' ? '' : `-${target}`;
  return { ...fileHeaders(CONTENT_TYPE[format], `scan-${scan.id}${suffix}.${EXTENSION[format]}`), ETag: `"${sha256}"` };
}

/** Whatever a file holds, a browser neither runs nor guesses it, and no cache keeps it. */
function fileHeaders(contentType: string, name: string): Record<string, string> {
  return {
    'Content-Type': contentType,
    'Content-Disposition': `attachment; filename="${name}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cache-Control': 'private, no-store, no-transform',
    'Accept-Ranges': 'bytes',
    'X-Content-Type-Options': 'nosniff',
  };
}

function placeholderReply(scan: ScanRow): StreamReply {
  const svg = Buffer.from(placeholder(scan.noPicture ?? 'NO_PICTURE'));
  return new StreamReply(Readable.from([svg]), 200, {
    ...fileHeaders('image/svg+xml', `scan-${scan.id}-thumbnail.svg`),
    'Accept-Ranges': 'none',
    'Content-Length': String(svg.length),
  });
}
