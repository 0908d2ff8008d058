import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import busboy, { type Busboy, type FileInfo } from 'busboy';
import { DomainError, invalid } from '../kernel/domain-error.js';
import type { StoredBlob } from '../storage/blob-store.js';
import { HashingStream } from '../storage/hashing-stream.js';

/** What a form declares about its file. */
export interface DeclaredType {
  fileName: string;
  mimeType: string;
}

export interface ReceivedFile extends DeclaredType, StoredBlob {
  path: string;
}

interface ReceivedFiles {
  /** In the order of the form. */
  files: ReceivedFile[];
  fields: Record<string, string>;
}

interface ReceiveOptions {
  /** Of each file. */
  maxBytes: number;
  /** The time within which at least MIN_BYTES_PER_INTERVAL must arrive. */
  stallSeconds: number;
  /** The allowed names of the field with the file. */
  fileFields: readonly string[];
  /** The allowed names of other fields. */
  fields: readonly string[];
  /** Of each other field. */
  maxFieldBytes?: number;
}

interface ReceiveFilesOptions extends ReceiveOptions {
  maxFiles: number;
  /** Of all files together. */
  maxTotalBytes: number;
  /** Returns where to write the next file. */
  newPath: () => Promise<string>;
}

const MAX_FIELD_BYTES = 256;
/** The maximum size of boundaries, headers and fields. */
const FORM_BYTES = 64 * 1024;
const MIN_BYTES_PER_INTERVAL = 16 * 1024;
const LIMITS = { fields: 8, fieldNameSize: 64, headerPairs: 32 };
/** The headers of each further file. */
const FILE_HEADER_BYTES = 1024;

/**
 * Streams the only file of a form to the disk, and computes its size and hash.
 * @throws DomainError if the form is too large (413), too slow or incomplete (408), or invalid (400)
 */
export async function receiveForm(
  request: IncomingMessage,
  { path, ...options }: ReceiveOptions & { path: string },
): Promise<ReceivedFile & { fields: Record<string, string> }> {
  const limits = { maxFiles: 1, maxTotalBytes: options.maxBytes };
  const { files, fields } = await receiveFiles(request, { ...options, ...limits, newPath: async () => path });
  return { ...(files[0] as ReceivedFile), fields };
}

/**
 * Streams the files of a form to the disk, and computes their sizes and hashes.
 * @throws DomainError if the form is too large (413), too slow or incomplete (408), or invalid (400)
 */
export async function receiveFiles(request: IncomingMessage, options: ReceiveFilesOptions): Promise<ReceivedFiles> {
  const announced = Number(request.headers['content-length'] ?? 0);
  const overhead = FORM_BYTES + FILE_HEADER_BYTES * (options.maxFiles - 1) + (options.maxFieldBytes ?? 0);
  if (announced > options.maxTotalBytes + overhead) throw fileTooLarge(options.maxTotalBytes);
  const form = new FormParser(createBusboy(request, options), options);
  const timer = new StallTimer(request, options.stallSeconds);
  try {
    // Not pipeline(): after an error it destroys the connection, before an answer can be sent.
    request.pipe(form.busboy);
    await Promise.race([once(form.busboy, 'close'), timer.failure, form.failure]);
    return await form.result();
  } catch (error) {
    request.unpipe();
    form.busboy.destroy();
    await form.settled();
    throw asDomainError(error);
  } finally {
    timer.stop();
  }
}

function createBusboy(
  request: IncomingMessage,
  { maxBytes, maxFiles, maxFieldBytes = MAX_FIELD_BYTES }: ReceiveFilesOptions,
): Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      // One byte more, because busboy reports a file of exactly the limit as truncated.
      limits: {
        ...LIMITS,
        files: maxFiles,
        parts: LIMITS.fields + maxFiles + 1,
        fieldSize: maxFieldBytes,
        fileSize: maxBytes + 1,
      },
    });
  } catch {
    throw invalid({ field: 'Content-Type', error: 'must be multipart/form-data with a boundary' });
  }
}

/** Collects the fields and the files from busboy's events. */
class FormParser {
  readonly failure: Promise<never>;
  private fail: (error: unknown) => void;
  private readonly fields: Record<string, string> = {};
  private readonly files: Promise<ReceivedFile>[] = [];
  private totalBytes = 0;

  constructor(
    readonly busboy: Busboy,
    private readonly options: ReceiveFilesOptions,
  ) {
    this.failure = new Promise((_, reject) => (this.fail = reject));
    this.failure.catch(() => undefined);
    busboy.on('field', (name: PartName, value, { nameTruncated, valueTruncated }) => {
      this.addField(name ?? UNNAMED, value, nameTruncated || valueTruncated);
    });
    busboy.on('error', (error) => this.fail(error));
    busboy.on('file', (name: PartName, stream, info) => this.storeFile(name ?? UNNAMED, stream, info));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      busboy.on(limit, () => this.fail(tooManyParts(options.maxFiles)));
    }
  }

  async result(): Promise<ReceivedFiles> {
    const [field = 'file'] = this.options.fileFields;
    if (this.files.length === 0) throw invalid({ field, error: 'is missing' });
    const files = await Promise.all(this.files);
    for (const { bytes } of files) {
      if (bytes > this.options.maxBytes) throw fileTooLarge(this.options.maxBytes);
      if (bytes === 0) throw invalid({ field, error: 'is empty' });
    }
    return { files, fields: this.fields };
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.files);
  }

  private addField(name: string, value: string, truncated: boolean): void {
    const shown = name.slice(0, LIMITS.fieldNameSize);
    if (!this.options.fields.includes(name))
      this.fail(invalid({ field: shown, error: 'is not a field of this request' }));
    else if (truncated) this.fail(invalid({ field: name, error: 'is too long' }));
    else if (value.includes('\0')) this.fail(invalid({ field: name, error: 'must not contain a NUL character' }));
    else if (name in this.fields) this.fail(invalid({ field: name, error: 'must be given once' }));
    else this.fields[name] = value;
  }

  private storeFile(name: string, stream: NodeJS.ReadableStream, { filename, mimeType }: FileInfo): void {
    if (!this.options.fileFields.includes(name)) {
      stream.resume();
      this.fail(invalid({ field: name.slice(0, LIMITS.fieldNameSize), error: 'is not a field of this request' }));
      return;
    }
    stream.on('limit', () => this.fail(fileTooLarge(this.options.maxBytes)));
    // Before the path is known, the parser can already fail.
    stream.on('error', (error) => this.fail(error));
    // The callers compare the declared name and type with the content, and store neither.
    const file = this.write(stream, { fileName: filename ?? '', mimeType });
    file.catch((error: unknown) => this.fail(error));
    this.files.push(file);
  }

  private async write(stream: NodeJS.ReadableStream, declared: DeclaredType): Promise<ReceivedFile> {
    const path = await this.options.newPath();
    const measured = new HashingStream();
    await pipeline(stream, measured, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
    const { bytes, sha256 } = measured.result();
    this.totalBytes += bytes;
    if (this.totalBytes > this.options.maxTotalBytes) throw fileTooLarge(this.options.maxTotalBytes);
    return { path, bytes, sha256, ...declared };
  }
}

/** Undefined if the part has no name or an empty one, although the types of busboy do not say so. */
type PartName = string | undefined;

const UNNAMED = '(no name)';

/** Rejects if the body stalls or the client disconnects. Slow connections are allowed. */
class StallTimer {
  readonly failure: Promise<never>;
  private readonly timer: NodeJS.Timeout;

  constructor(request: IncomingMessage, stallSeconds: number) {
    let fail!: (error: unknown) => void;
    this.failure = new Promise((_, reject) => (fail = reject));
    this.failure.catch(() => undefined);
    let seen = request.socket.bytesRead;
    this.timer = setInterval(() => {
      const moved = request.socket.bytesRead - seen;
      seen += moved;
      if (moved < MIN_BYTES_PER_INTERVAL && !request.complete) fail(incomplete());
    }, stallSeconds * 1000).unref();
    request.once('aborted', () => fail(incomplete()));
    // The client may already have disconnected.
    if (request.destroyed && !request.complete) fail(incomplete());
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function asDomainError(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return incomplete();
  // Errors of busboy have no code; errors of the disk have one.
  const isFormError = code === undefined && /^(Unexpected end of form|Malformed|Multipart|Missing)/.test(message ?? '');
  return isFormError ? invalid({ field: 'Content-Type', error: 'must be a complete form' }) : error;
}

const tooManyParts = (maxFiles: number): DomainError =>
  invalid(
    maxFiles === 1
      ? { field: 'file', error: `must be the only file, in a form with at most ${LIMITS.fields} other fields` }
      : {
          field: 'files',
          error: `must be at most ${maxFiles} files, in a form with at most ${LIMITS.fields} other fields`,
        },
  );

const incomplete = (): DomainError =>
  new DomainError('REQUEST_TIMEOUT', 'The file did not arrive in full, or not in time.');

const fileTooLarge = (maxBytes: number): DomainError =>
  new DomainError('PAYLOAD_TOO_LARGE', 'The file is too large.', { maxBytes });
