import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import S3rver from 's3rver';

const BUCKET = 'scans';

/** A request for an object of the bucket. */
export interface BucketRequest {
  method: string;
  key: string;
}

/** A real S3 server with one bucket, which refuses the requests that a test names, like a full or protected bucket. */
export class FaultyBucket {
  /** Which requests get 403. */
  refuses: (request: BucketRequest) => boolean = () => false;

  private constructor(
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  /** @param folder keeps the objects */
  static async start(folder: string): Promise<FaultyBucket> {
    const s3 = new S3rver({
      port: 0,
      address: '127.0.0.1',
      silent: true,
      directory: folder,
      configureBuckets: [{ name: BUCKET, configs: [] }],
    });
    await s3.configureBuckets();
    const handle = s3.callback();
    const server = createServer((request, response) => {
      if (!bucket.refuses(toBucketRequest(request))) return void handle(request, response);
      request.resume();
      response.writeHead(403).end();
    });
    const bucket = new FaultyBucket(server, folder);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return bucket;
  }

  /** The settings of an application that stores its files in the bucket. */
  get environment(): Record<string, string> {
    return {
      STORAGE_S3_BUCKET: BUCKET,
      STORAGE_S3_ENDPOINT: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`,
      STORAGE_S3_ACCESS_KEY_ID: 'S3RVER',
      STORAGE_S3_SECRET_ACCESS_KEY: 'S3RVER',
    };
  }

  /** The file of an object. */
  path(key: string): string {
    return join(this.folder, BUCKET, `${key}._S3rver_object`);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function toBucketRequest({ method = '', url = '' }: IncomingMessage): BucketRequest {
  const { pathname } = new URL(url, 'http://bucket');
  return { method, key: pathname.slice(`/${BUCKET}/`.length) };
}
