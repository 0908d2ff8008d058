import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import busboy, { type Busboy, type FileInfo } from 'busboy';
import { DomainError, invalid } from '../../../core/kernel/domain-error.js';
import { Measured } from '../../../core/storage/measured.js';
import { tooLarge, wrongType } from '../scan.errors.js';
import type { Declared } from './declared-type.js';

export interface Received extends Declared {
  bytes: number;
  sha256: string;
  fields: Record<string, string>;
}

export interface ReceiveOptions {
  /** Where the file goes. */
  path: string;
  maxBytes: number;
  /** How long an upload may bring less than STEP_BYTES. */
  stallSeconds: number;
  /** What the part with the file may be called. */
  fileFields?: readonly string[];
}

const FILE_FIELDS = ['file'];
const FIELDS = new Set(['kind', 'takenAt', 'clientId']);
/** Boundaries, headers and fields of the form around the file. */
const FORM_BYTES = 64 * 1024;
const STEP_BYTES = 16 * 1024;
const LIMITS = { files: 1, fields: 8, parts: 10, fieldNameSize: 64, fieldSize: 256, headerPairs: 32 };

/**
 * Streams the one file of a form to disk, counting and hashing it on the way; no more of it than a chunk is in memory.
 * @throws DomainError for a form that is too large (413), too slow or cut off (408), or not what it should be (400)
 */
export async function receive(request: IncomingMessage, options: ReceiveOptions): Promise<Received> {
  if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
    throw wrongType('The body must be multipart/form-data.');
  }
  const announced = Number(request.headers['content-length'] ?? 0);
  if (announced > options.maxBytes + FORM_BYTES) throw fileTooLarge(options.maxBytes);
  const form = new Form(open(request, options.maxBytes), options);
  const watch = new Watch(request, options.stallSeconds);
  try {
    // Not pipeline(): that would end the connection with the first fault, and nobody could be told of it.
    request.pipe(form.parser);
    await Promise.race([once(form.parser, 'close'), watch.failure, form.failure]);
    return await form.result();
  } catch (error) {
    request.unpipe();
    form.parser.destroy();
    await form.settled();
    throw asDomainError(error);
  } finally {
    watch.stop();
  }
}

function open(request: IncomingMessage, maxBytes: number): Busboy {
  try {
    return busboy({
      headers: request.headers,
      defParamCharset: 'utf8',
      // One byte more, or a file of exactly the limit would look cut off.
      limits: { ...LIMITS, fileSize: maxBytes + 1 },
    });
  } catch {
    throw invalid({ field: 'Content-Type', error: 'must be multipart/form-data with a boundary' });
  }
}

/** What the parser finds, one after the other. The first fault ends it. */
class Form {
  readonly failure: Promise<never>;
  private fail: (error: unknown) => void;
  private readonly fields: Record<string, string> = {};
  private file: Promise<Received> | undefined;

  constructor(
    readonly parser: Busboy,
    private readonly options: ReceiveOptions,
  ) {
    this.failure = new Promise((_, reject) => (this.fail = reject));
    this.failure.catch(() => undefined);
    parser.on('field', (name, value, { nameTruncated, valueTruncated }) => {
      this.take(name, value, nameTruncated || valueTruncated);
    });
    parser.on('error', (error) => this.fail(error));
    parser.on('file', (name, stream, info) => this.store(name, stream, info));
    for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
      parser.on(limit, () => this.fail(invalid({ field: 'file', error: 'must be the only file, with few fields' })));
    }
  }

  async result(): Promise<Received> {
    if (!this.file) throw invalid({ field: 'file', error: 'is missing' });
    const received = await this.file;
    if (received.bytes > this.options.maxBytes) throw fileTooLarge(this.options.maxBytes);
    if (received.bytes === 0) throw invalid({ field: 'file', error: 'is empty' });
    return { ...received, fields: this.fields };
  }

  async settled(): Promise<void> {
    await this.file?.catch(() => undefined);
  }

  private take(name: string, value: string, truncated: boolean): void {
    const shown = name.slice(0, LIMITS.fieldNameSize);
    if (!FIELDS.has(name)) this.fail(invalid({ field: shown, error: 'is not a field of this request' }));
    else if (truncated) this.fail(invalid({ field: name, error: 'is too long' }));
    else if (value.includes('\0')) this.fail(invalid({ field: name, error: 'must not hold a NUL character' }));
    else if (name in this.fields) this.fail(invalid({ field: name, error: 'is there twice' }));
    else this.fields[name] = value;
  }

  private store(name: string, stream: NodeJS.ReadableStream, { filename, mimeType }: FileInfo): void {
    if (!(this.options.fileFields ?? FILE_FIELDS).includes(name)) {
      stream.resume();
      this.fail(invalid({ field: name.slice(0, LIMITS.fieldNameSize), error: 'is not a field of this request' }));
      return;
    }
    const measured = new Measured();
    const target = createWriteStream(this.options.path, { flags: 'wx', mode: 0o600 });
    stream.on('limit', () => this.fail(fileTooLarge(this.options.maxBytes)));
    this.file = pipeline(stream, measured, target).then(() => ({
      ...measured.result(),
      // Only the end of the name is ever looked at, and none of it is kept.
      fileName: filename ?? '',
      mimeType,
      fields: {},
    }));
    this.file.catch((error: unknown) => this.fail(error));
  }
}

/** Ends a body that hardly moves: a slow sender must not hold a place for ever, a slow line may take its time. */
class Watch {
  readonly failure: Promise<never>;
  private readonly timer: NodeJS.Timeout;

  constructor(request: IncomingMessage, stallSeconds: number) {
    let fail: (error: unknown) => void;
    this.failure = new Promise((_, reject) => (fail = reject));
    this.failure.catch(() => undefined);
    let seen = request.socket.bytesRead;
    this.timer = setInterval(() => {
      const moved = request.socket.bytesRead - seen;
      seen += moved;
      if (moved < STEP_BYTES && !request.complete) fail(cutShort());
    }, stallSeconds * 1000).unref();
    request.once('aborted', () => fail(cutShort()));
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function asDomainError(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return cutShort();
  // busboy's own complaints have no code; those of the disk have one.
  const isOfForm = code === undefined && /^(Unexpected end of form|Malformed|Multipart|Missing)/.test(message ?? '');
  return isOfForm ? invalid({ field: 'Content-Type', error: 'must be of a form that is complete' }) : error;
}

const cutShort = (): DomainError =>
  new DomainError('REQUEST_TIMEOUT', 'The file did not arrive in full, or not in time.');

const fileTooLarge = (maxBytes: number): DomainError => tooLarge('The file is too large.', { maxBytes });
