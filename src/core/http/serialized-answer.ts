import { Page } from './page.js';

/** The JSON of the parts of an answer, as it is cached. */
export interface AnswerText {
  data: string;
  /** Only for a page. */
  meta?: string;
  /** Only for a versioned object; its ETag. */
  version?: number;
}

/** A success envelope that is serialized once. Only the timestamp is inserted when it is sent. */
export class SerializedAnswer {
  readonly etag: string | null;
  private readonly beforeTimestamp: string;
  private readonly afterTimestamp: string;
  /** The length of the body without the timestamp. */
  private readonly bytes: number;

  constructor(readonly text: AnswerText) {
    const { data, meta, version } = text;
    this.etag = version === undefined ? null : `"${version}"`;
    this.beforeTimestamp = `{"success":true,"data":${data},"message":"OK","timestamp":"`;
    this.afterTimestamp = meta === undefined ? '"}' : `","meta":${meta}}`;
    this.bytes = Buffer.byteLength(this.beforeTimestamp) + Buffer.byteLength(this.afterTimestamp);
  }

  static of(body: object): SerializedAnswer {
    if (body instanceof Page) {
      return new SerializedAnswer({ data: JSON.stringify(body.items), meta: JSON.stringify(body.meta) });
    }
    const { version } = body as { version?: unknown };
    return new SerializedAnswer({
      data: JSON.stringify(body),
      ...(typeof version === 'number' && { version }),
    });
  }

  /** @param timestamp ISO 8601 */
  body(timestamp: string): string {
    return this.beforeTimestamp + timestamp + this.afterTimestamp;
  }

  byteLength(timestamp: string): number {
    return this.bytes + timestamp.length;
  }
}
