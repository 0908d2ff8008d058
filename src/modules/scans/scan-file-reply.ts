import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { StreamReply } from '../../core/http/careslot-adapter.js';
import { matchesTag } from '../../core/http/entity-tag.js';
import type { ByteRange } from '../../core/storage/blob-store.js';
import type { ScanFile } from './scan-files.service.js';

/** Creates the reply with a file or with the requested range of it (200, 206, 304 or 416). */
export async function fileReply(file: ScanFile, { headers: requestHeaders }: IncomingMessage): Promise<StreamReply> {
  const headers = headersFor(file);
  const { etag, bytes } = file;
  if (etag === null) return new StreamReply(await file.read(), 200, { ...headers, 'Content-Length': String(bytes) });
  if (matchesTag(requestHeaders['if-none-match'], etag)) return new StreamReply(Readable.from([]), 304, headers);
  // If-Range with another ETag: the client has an older file, so it gets the whole new one.
  const ifRange = requestHeaders['if-range'];
  const range = parseRange(ifRange === undefined || ifRange === etag ? requestHeaders.range : undefined, bytes);
  if (range === 'UNSATISFIABLE') {
    const unsatisfiable = { ...headers, 'Content-Range': `bytes */${bytes}`, 'Content-Length': '0' };
    return new StreamReply(Readable.from([]), 416, unsatisfiable);
  }
  if (!range) return new StreamReply(await file.read(), 200, { ...headers, 'Content-Length': String(bytes) });
  return new StreamReply(await file.read(range), 206, {
    ...headers,
    'Content-Range': `bytes ${range.first}-${range.last}/${bytes}`,
    'Content-Length': String(range.last - range.first + 1),
  });
}

/** The headers prevent browsers from running the file or guessing its type, and caches from storing it. */
function headersFor({ contentType, name, etag }: ScanFile): Record<string, string> {
  return {
    'Content-Type': contentType,
    'Content-Disposition': `attachment; filename="${name}"; filename*=UTF-8''${encodeURIComponent(name)}`,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'Cache-Control': 'private, no-store, no-transform',
    'Accept-Ranges': etag === null ? 'none' : 'bytes',
    'X-Content-Type-Options': 'nosniff',
    ...(etag !== null && { ETag: etag }),
  };
}

/**
 * Parses a Range header with one range (RFC 9110 section 14). Returns null without a range, and for several ranges and other units,
 * which a server may ignore. 'UNSATISFIABLE' becomes 416.
 */
function parseRange(header: string | undefined, size: number): ByteRange | null | 'UNSATISFIABLE' {
  const parts = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.replace(/\s/g, '') ?? '');
  const [, from = '', to = ''] = parts ?? [];
  if (!parts || (from === '' && to === '')) return null;
  if (from === '')
    return Number(to) === 0 ? 'UNSATISFIABLE' : { first: Math.max(0, size - Number(to)), last: size - 1 };
  const first = Number(from);
  if (to !== '' && Number(to) < first) return null;
  if (first >= size) return 'UNSATISFIABLE';
  return { first, last: to === '' ? size - 1 : Math.min(Number(to), size - 1) };
}
