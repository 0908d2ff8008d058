import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { S3Client } from '@aws-sdk/client-s3';
import { assertKey, BlobMissing, BlobStore, type BlobInfo, type ByteRange, type StoredBlob } from './blob-store.js';
import { Measured } from './measured.js';
import { StorageUnavailable } from './storage-unavailable.js';

export interface S3Settings {
  bucket: string;
  region: string;
  /** For R2, MinIO and others; AWS where left out. */
  endpoint?: string;
  /** The SDK's own chain (environment, instance role) where left out. */
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

/** S3's smallest part. With two in flight an upload holds some 10 MiB. */
const PART_BYTES = 5 * 1024 * 1024;
const PARTS_IN_FLIGHT = 2;

/** Milliseconds. The SDK itself would wait for ever for a server that is there and says nothing. */
const TIMEOUTS = {
  connectionTimeout: 3_000,
  requestTimeout: 20_000,
  throwOnRequestTimeout: true,
  socketTimeout: 10_000,
};
const ATTEMPTS = 2;

type Sdk = typeof import('@aws-sdk/client-s3');

const isAbsent = (error: unknown): boolean => {
  const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  return name === 'NoSuchKey' || name === 'NotFound' || $metadata?.httpStatusCode === 404;
};

/** Blobs in a bucket of AWS S3, Cloudflare R2, MinIO or alike. The SDK is loaded with the first use. */
export class S3Blobs extends BlobStore {
  private opened: Promise<{ sdk: Sdk; client: S3Client }> | undefined;

  constructor(private readonly settings: S3Settings) {
    super();
  }

  async put(key: string, body: Readable): Promise<StoredBlob> {
    assertKey(key);
    const { client } = await this.open();
    const { Upload } = await import('@aws-sdk/lib-storage');
    const measured = new Measured();
    const through = new PassThrough();
    const upload = new Upload({
      client,
      params: { Bucket: this.settings.bucket, Key: key, Body: through },
      partSize: PART_BYTES,
      queueSize: PARTS_IN_FLIGHT,
      leavePartsOnError: false,
    });
    const fed = pipeline(body, measured, through).catch(async (error: unknown) => {
      await upload.abort();
      throw error;
    });
    // A fault of the source is the one to tell; the upload's own is only its echo.
    const [source, sent] = await Promise.allSettled([fed, upload.done()]);
    if (source.status === 'rejected' && !isEcho(source.reason)) throw source.reason;
    if (sent.status === 'rejected') throw new StorageUnavailable(sent.reason);
    return measured.result();
  }

  async putFile(key: string, path: string): Promise<StoredBlob> {
    const stored = await this.put(key, createReadStream(path));
    await rm(path, { force: true });
    return stored;
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    assertKey(key);
    const { sdk, client } = await this.open();
    try {
      const found = await client.send(
        new sdk.GetObjectCommand({
          Bucket: this.settings.bucket,
          Key: key,
          ...(range && { Range: `bytes=${range.first}-${range.last}` }),
        }),
      );
      return found.Body as Readable;
    } catch (error) {
      throw isAbsent(error) ? new BlobMissing(key) : new StorageUnavailable(error);
    }
  }

  async head(key: string): Promise<BlobInfo | null> {
    assertKey(key);
    const { sdk, client } = await this.open();
    try {
      const found = await client.send(new sdk.HeadObjectCommand({ Bucket: this.settings.bucket, Key: key }));
      return { key, bytes: found.ContentLength ?? 0, modifiedAt: found.LastModified?.getTime() ?? 0 };
    } catch (error) {
      if (isAbsent(error)) return null;
      throw new StorageUnavailable(error);
    }
  }

  async delete(key: string): Promise<void> {
    assertKey(key);
    const { sdk, client } = await this.open();
    try {
      await client.send(new sdk.DeleteObjectCommand({ Bucket: this.settings.bucket, Key: key }));
    } catch (error) {
      throw new StorageUnavailable(error);
    }
  }

  async *list(prefix: string): AsyncIterable<BlobInfo> {
    const { sdk, client } = await this.open();
    const pages = sdk.paginateListObjectsV2({ client }, { Bucket: this.settings.bucket, Prefix: `${prefix}/` });
    try {
      for await (const { Contents = [] } of pages) {
        for (const { Key = '', Size = 0, LastModified } of Contents) {
          yield { key: Key, bytes: Size, modifiedAt: LastModified?.getTime() ?? 0 };
        }
      }
    } catch (error) {
      throw new StorageUnavailable(error);
    }
  }

  /** None of ours to do: a rule of the bucket ends unfinished multipart uploads, also those of whom nobody knows. */
  sweepUnfinished(): Promise<number> {
    return Promise.resolve(0);
  }

  private open(): Promise<{ sdk: Sdk; client: S3Client }> {
    return (this.opened ??= this.connect());
  }

  private async connect(): Promise<{ sdk: Sdk; client: S3Client }> {
    const sdk = await import('@aws-sdk/client-s3');
    const { region, endpoint, credentials } = this.settings;
    const client = new sdk.S3Client({
      region,
      requestHandler: TIMEOUTS,
      maxAttempts: ATTEMPTS,
      ...(endpoint && { endpoint, forcePathStyle: true }),
      ...(credentials && { credentials }),
      // Not every S3-compatible server knows the SDK's newer checksums; the content's SHA-256 is in our own record.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    return { sdk, client };
  }
}

/** What the pipeline says when the upload went away first. */
const isEcho = (error: unknown): boolean => (error as { code?: string }).code === 'ERR_STREAM_PREMATURE_CLOSE';
