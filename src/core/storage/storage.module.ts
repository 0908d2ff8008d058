import { Global, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config } from '../config/config.js';
import { LOGGER } from '../logging/logger.js';
import { BlobStore } from './blob-store.js';
import { LocalBlobs } from './local-blobs.js';
import { S3Blobs } from './s3-blobs.js';
import { Spool } from './spool.js';

@Global()
@Module({
  providers: [{ provide: BlobStore, inject: [Config, LOGGER], useFactory: createBlobStore }, Spool],
  exports: [BlobStore, Spool],
})
export class StorageModule {}

type StorageSettings = Pick<
  Config,
  | 'STORAGE_DIR'
  | 'STORAGE_S3_BUCKET'
  | 'STORAGE_S3_REGION'
  | 'STORAGE_S3_ENDPOINT'
  | 'STORAGE_S3_ACCESS_KEY_ID'
  | 'STORAGE_S3_SECRET_ACCESS_KEY'
>;

/** Creates the store: a bucket if one is configured, otherwise the local disk. */
export function createBlobStore(config: StorageSettings, logger?: Logger): BlobStore {
  const { STORAGE_S3_BUCKET: bucket, STORAGE_S3_REGION: region, STORAGE_S3_ENDPOINT: endpoint } = config;
  if (!bucket) return new LocalBlobs(config.STORAGE_DIR);
  const { STORAGE_S3_ACCESS_KEY_ID: accessKeyId, STORAGE_S3_SECRET_ACCESS_KEY: secretAccessKey } = config;
  return new S3Blobs({
    bucket,
    region,
    logger,
    ...(endpoint && { endpoint }),
    ...(accessKeyId && secretAccessKey && { credentials: { accessKeyId, secretAccessKey } }),
  });
}
