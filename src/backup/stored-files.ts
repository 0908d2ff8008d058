import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Client } from 'pg';
import { extract, pack, type Pack } from 'tar-stream';
import { BlobMissing, type BlobStore } from '../core/storage/blob-store.js';
import { HashingStream } from '../core/storage/hashing-stream.js';

/** A file that a row names. The hash is null if the row does not have it. */
interface NamedFile {
  key: string;
  sha256: string | null;
}

export interface FilesDigest {
  count: number;
  bytes: number;
  /** A hash of all keys and hashes, in the order of the archive. */
  sha256: string;
}

export interface FilesReport extends FilesDigest {
  /** Keys of files that rows name and the store does not have. */
  missing: string[];
  /** Keys of files whose content is not that of their row. */
  damaged: string[];
}

const PAGE = 500;

/** Every table that names files: scans (modules/scans) and imports (modules/exchange). A test compares the prefixes. */
export const FILES_OF_ROWS = `
  SELECT 'scans/' || s.id || '/' || r.name AS key, r.file ->> 'sha256' AS sha256
    FROM scan s CROSS JOIN LATERAL jsonb_each(s.renditions) AS r(name, file) WHERE s.deleted_at IS NULL
  UNION ALL SELECT 'imports/' || i.id, NULL FROM import i WHERE i.has_file AND i.status NOT IN ('DONE', 'FAILED', 'EXPIRED')`;

/** In the caller's transaction, in pages by a cursor, ascending by key. */
async function* listNamedFiles(db: Client): AsyncGenerator<NamedFile, void> {
  await db.query(`DECLARE named_file NO SCROLL CURSOR FOR SELECT * FROM (${FILES_OF_ROWS}) AS file ORDER BY key`);
  for (;;) {
    const { rows } = await db.query<NamedFile>(`FETCH ${PAGE} FROM named_file`);
    yield* rows;
    if (rows.length < PAGE) break;
  }
  await db.query('CLOSE named_file');
}

/** A running digest over an archive. */
class ArchiveDigest {
  private readonly hash = createHash('sha256');
  private count = 0;
  private bytes = 0;

  add(key: string, { bytes, sha256 }: { bytes: number; sha256: string }): void {
    this.hash.update(`${key} ${sha256}\n`);
    this.count += 1;
    this.bytes += bytes;
  }

  result(): FilesDigest {
    return { count: this.count, bytes: this.bytes, sha256: this.hash.digest('hex') };
  }
}

/**
 * A tar archive of the files that rows of the snapshot name. Files are never changed in place, so those of the snapshot's rows are still
 * the same, or were deleted since.
 * @returns the archive, and the report, which is ready when the archive has been read
 */
export function packFiles(db: Client, blobs: BlobStore): { archive: Readable; report: Promise<FilesReport> } {
  const tar = pack();
  const report = fill(tar, db, blobs).catch((error: Error) => {
    tar.destroy(error);
    throw error;
  });
  report.catch(() => undefined);
  return { archive: Readable.from(tar, { objectMode: false }), report };
}

async function fill(tar: Pack, db: Client, blobs: BlobStore): Promise<FilesReport> {
  const digest = new ArchiveDigest();
  const missing: string[] = [];
  const damaged: string[] = [];
  for await (const { key, sha256 } of listNamedFiles(db)) {
    const stored = await addFile(tar, blobs, key);
    if (!stored) missing.push(key);
    else {
      digest.add(key, stored);
      if (sha256 !== null && sha256 !== stored.sha256) damaged.push(key);
    }
  }
  tar.finalize();
  return { ...digest.result(), missing, damaged };
}

async function addFile(tar: Pack, blobs: BlobStore, key: string): Promise<{ bytes: number; sha256: string } | null> {
  const found = await blobs.head(key);
  const content = found && (await blobs.get(key).catch(nullIfMissing));
  if (!found || !content) return null;
  const hashing = new HashingStream();
  await new Promise<void>((resolve, reject) => {
    const entry = tar.entry({ name: key, size: found.bytes }, (error) => (error ? reject(error) : resolve()));
    pipeline(content, hashing, entry as unknown as NodeJS.WritableStream).catch(reject);
  });
  return hashing.result();
}

function nullIfMissing(error: unknown): null {
  if (error instanceof BlobMissing) return null;
  throw error;
}

/**
 * Reads an archive from beginning to end.
 * @param store stores a file, or reads it without storing it
 */
export async function unpackFiles(
  archive: Readable,
  store: (key: string, content: Readable) => Promise<void>,
): Promise<FilesDigest> {
  const tar = extract();
  const digest = new ArchiveDigest();
  const feeding = pipeline(archive, tar as unknown as NodeJS.WritableStream);
  feeding.catch(() => undefined);
  for await (const entry of tar) {
    const hashing = new HashingStream();
    const content = pipeline(Readable.from(entry, { objectMode: false }), hashing);
    await Promise.all([store(entry.header.name, hashing), content]);
    digest.add(entry.header.name, hashing.result());
  }
  await feeding;
  return digest.result();
}

/** Whether a row names the file now: not if its person was erased after the backup. */
export async function isNamed(db: Client, key: string): Promise<boolean> {
  const [prefix, id, rendition] = key.split('/');
  const { rowCount } = await db.query(
    prefix === 'scans'
      ? 'SELECT FROM scan WHERE id = $1 AND renditions ? $2 AND deleted_at IS NULL'
      : 'SELECT FROM import WHERE id = $1 AND $2::text IS NULL',
    [id, rendition ?? null],
  );
  return rowCount === 1;
}
