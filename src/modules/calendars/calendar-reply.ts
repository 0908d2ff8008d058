import { createHash } from 'node:crypto';
import { RawReply } from '../../core/http/careslot-adapter.js';

/** A calendar file that only its reader's programs may store, and must ask for again: links to it can be revoked. */
export function calendarReply(content: string, filename: string): RawReply {
  const hash = createHash('sha256').update(content).digest('base64url');
  return new RawReply(content, 'text/calendar; charset=utf-8', {
    ETag: `"${hash}"`,
    'Cache-Control': 'private, no-cache',
    'Content-Disposition': `attachment; filename="${filename}"`,
  });
}
