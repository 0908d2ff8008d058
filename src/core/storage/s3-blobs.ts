import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Logger } from 'pino';
import { ProviderClient } from '../resilience/provider-client.js';
import { ProviderError } from '../resilience/provider-error.js';
import { assertKey, BlobMissing, BlobStore, type BlobInfo, type ByteRange, type StoredBlob } from './blob-store.js';
import { HashingStream } from './hashing-stream.js';
import { StorageUnavailable } from './storage-unavailable.js';

export interface S3Settings {
  bucket: string;
  region: string;
  /** For R2, MinIO and others. Default: AWS. */
  endpoint?: string;
  /** Default: the SDK's credential chain (environment, instance role). */
  credentials?: { accessKeyId: string; secretAccessKey: string };
  logger?: Logger;
}

/** The smallest part size of S3. With two parts in flight, an upload buffers about 10 MiB. */
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_IN_FLIGHT = 2;

/** Milliseconds. By default, the SDK waits without limit for a server that does not answer. */
const TIMEOUTS = {
  connectionTimeout: 3_000,
  requestTimeout: 20_000,
  throwOnRequestTimeout: true,
  socketTimeout: 10_000,
};
const ATTEMPTS = 2;

/** The SDK limits and retries each request and each part. There is no timeout for a whole upload: it depends on the file's size. */
const LIMITS = {
  timeoutMilliseconds: Infinity,
  maxConcurrent: 50,
  maxWaitMilliseconds: 20_000,
  maxPauseMilliseconds: 0,
  circuit: { volume: 10, windowMilliseconds: 30_000, resetMilliseconds: 3_000 },
} as const;

type Sdk = typeof import('@aws-sdk/client-s3');
type Open = { sdk: Sdk; client: S3Client };

/** A bucket that does not exist is a wrong setting, not an absent blob. */
function nullIfAbsent(error: unknown): null {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  if (name !== 'NoSuchBucket' && (name === 'NoSuchKey' || $metadata?.httpStatusCode === 404)) return null;
  throw error;
}

/** Stores blobs in a bucket of AWS S3, Cloudflare R2, MinIO or a compatible server. Loads the SDK on first use. */
export class S3Blobs extends BlobStore {
  private readonly provider: ProviderClient;
  private opened: Promise<Open> | undefined;

  constructor(private readonly settings: S3Settings) {
    super();
    this.provider = new ProviderClient({ name: 'S3', url: settings.endpoint, logger: settings.logger, ...LIMITS });
  }

  async put(key: string, body: Readable): Promise<StoredBlob> {
    assertKey(key);
    const hashing = new HashingStream();
    try {
      const sourceError = await this.call((open) => this.upload(open, key, body, hashing));
      if (sourceError) throw sourceError.reason;
    } finally {
      body.destroy();
    }
    return hashing.result();
  }

  async putFile(key: string, path: string): Promise<StoredBlob> {
    const stored = await this.put(key, createReadStream(path));
    await rm(path, { force: true });
    return stored;
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    assertKey(key);
    const found = await this.call(({ sdk, client }) => {
      const Range = range && `bytes=${range.first}-${range.last}`;
      const command = new sdk.GetObjectCommand({ Bucket: this.settings.bucket, Key: key, Range });
      return client.send(command).catch(nullIfAbsent);
    });
    if (!found) throw new BlobMissing(key);
    return found.Body as Readable;
  }

  async head(key: string): Promise<BlobInfo | null> {
    assertKey(key);
    const found = await this.call(({ sdk, client }) =>
      client.send(new sdk.HeadObjectCommand({ Bucket: this.settings.bucket, Key: key })).catch(nullIfAbsent),
    );
    return found && { key, bytes: found.ContentLength ?? 0, modifiedAt: found.LastModified?.getTime() ?? 0 };
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    await this.call(({ sdk, client }) =>
      client.send(new sdk.DeleteObjectCommand({ Bucket: this.settings.bucket, Key: key })),
    );
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    const { sdk, client } = await this.open();
    const pages = sdk.paginateListObjectsV2({ client }, { Bucket: this.settings.bucket, Prefix: `${prefix}/` });
    for (;;) {
      const page = await this.call(() => pages.next());
      if (page.done) return;
      for (const { Key = '', Size = 0, LastModified } of page.value.Contents ?? []) {
        yield { key: Key, bytes: Size, modifiedAt: LastModified?.getTime() ?? 0 };
      }
    }
  }

  /** Does nothing: a lifecycle rule of the bucket removes unfinished multipart uploads. */
  sweepUnfinished(): Promise<number> {
    return Promise.resolve(0);
  }

  /** @throws StorageUnavailable */
  private async call<T>(request: (open: Open) => Promise<T>): Promise<T> {
    const open = await this.open();
    try {
      return await this.provider.call(() => request(open));
    } catch (error) {
      throw new StorageUnavailable(error instanceof ProviderError ? (error.cause ?? error) : error);
    }
  }

  /** @returns the error of the source stream, if that failed: it is not a failure of the bucket. @throws the error of the upload */
  private async upload(
    { client }: Open,
    key: string,
    body: Readable,
    hashing: HashingStream,
  ): Promise<PromiseRejectedResult | null> {
    const { Upload } = await import('@aws-sdk/lib-storage');
    const through = new PassThrough();
    const upload = new Upload({
      client,
      params: { Bucket: this.settings.bucket, Key: key, Body: through },
      partSize: PART_BYTES,
      queueSize: PARTS_IN_FLIGHT,
      leavePartsOnError: false,
    });
    const fed = pipeline(body, hashing, through).catch(async (error: unknown) => {
      await upload.abort();
      throw error;
    });
    const [source, sent] = await Promise.allSettled([fed, upload.done()]);
    if (source.status === 'rejected' && !isCausedByUpload(source.reason)) return source;
    if (sent.status === 'rejected') throw sent.reason;
    return null;
  }

  private open(): Promise<Open> {
    return (this.opened ??= this.connect());
  }

  private async connect(): Promise<Open> {
    const sdk = await import('@aws-sdk/client-s3');
    const { region, endpoint, credentials } = this.settings;
    const client = new sdk.S3Client({
      region,
      requestHandler: TIMEOUTS,
      maxAttempts: ATTEMPTS,
      ...(endpoint && { endpoint, forcePathStyle: true }),
      ...(credentials && { credentials }),
      // Some S3-compatible servers do not support the SDK's newer checksums. Our records contain the SHA-256.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    return { sdk, client };
  }
}

/** The error of the pipeline if the upload failed first. */
const isCausedByUpload = (error: unknown): boolean =>
  (error as { code?: string }).code === 'ERR_STREAM_PREMATURE_CLOSE';
