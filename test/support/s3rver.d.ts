/** The part of s3rver that the tests use; the package has no types. */
declare module 's3rver' {
  import type { RequestListener } from 'node:http';

  export default class S3rver {
    constructor(options: {
      port: number;
      address: string;
      silent: boolean;
      directory: string;
      configureBuckets: { name: string; configs: string[] }[];
    });
    configureBuckets(): Promise<unknown>;
    /** Handles requests of a server that the caller has. */
    callback(): RequestListener;
    run(): Promise<{ port: number }>;
    close(): Promise<void>;
  }
}
