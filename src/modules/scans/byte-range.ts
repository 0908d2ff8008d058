import type { ByteRange } from '../../core/storage/blob-store.js';

/**
 * One range of RFC 9110 section 14: null for none, or for what a server may ignore (several ranges, other units).
 * 'UNSATISFIABLE' is for 416.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | null | 'UNSATISFIABLE' {
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
