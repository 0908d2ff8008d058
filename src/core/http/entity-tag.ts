/** What Apache's and other servers' compression appends to the entity tag of a response. */
const COMPRESSION_SUFFIX = /(?:-{1,2}|;)(?:gzip|br|deflate|zstd|df)$/i;
const LISTED_TAG = /(?:W\/)?"[^"]*"/gi;

/** The opaque part of one entity tag as proxies may have changed it: weak, or with a compression suffix. Null for other text. */
export function opaqueTag(text: string): string | null {
  const opaque = /^(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/i.exec(text.trim())?.[1];
  return opaque === undefined ? null : opaque.replace(COMPRESSION_SUFFIX, '');
}

/** The opaque parts of a list of entity tags. Null for other text. */
export function opaqueTags(header: string): string[] | null {
  const rest = header.replace(LISTED_TAG, '');
  if (/[^\s,]/.test(rest)) return null;
  return (header.match(LISTED_TAG) ?? []).flatMap((tag) => opaqueTag(tag) ?? []);
}

/** Weak comparison of an If-None-Match header (RFC 9110, 13.1.2) with the quoted tag of the current representation. */
export function matchesTag(header: string | undefined, current: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === '*') return true;
  const own = opaqueTag(current);
  const listed = header.match(LISTED_TAG) ?? [];
  return listed.some((tag) => opaqueTag(tag) === own);
}
