import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Express, Request, Response } from 'express';
import type { CareSlotRequest } from './careslot-request.js';
import { newContext, runInContext } from '../context/request-context.js';
import { DomainError, ERROR_STATUS } from '../kernel/domain-error.js';
import { newId } from '../kernel/id.js';
import { pageHeaders } from './bare.js';
import { matchesTag } from './entity-tag.js';
import { failureEnvelope } from './failure-envelope.js';
import { ListWithMeta, Page } from './page.js';
import { SerializedAnswer } from './serialized-answer.js';

/** From this length on, headers are written apart from the text. */
const LONG_TEXT_LENGTH = 65_536;

/** A reply without an envelope, such as an image or a file. With the header ETag, a client that has it gets 304. */
export class RawReply {
  constructor(
    readonly body: string | Buffer,
    readonly contentType: string,
    readonly headers: Record<string, string> = {},
    /** Default: the status of the route. */
    readonly status?: number,
  ) {}
}

/** A reply whose body is a stream. If the stream fails, the connection is closed, because headers and length are already sent. */
export class StreamReply {
  constructor(
    readonly body: Readable,
    readonly status: number,
    readonly headers: Record<string, string>,
  ) {}
}

/**
 * Nest's adapter for express. Adds the success envelope when Nest sends the answer: that costs less than an interceptor with its
 * observables, and than express's json(), which computes an ETag and the length again.
 */
export class CareSlotAdapter extends ExpressAdapter {
  /**
   * Creates requests and responses with express's prototypes. Otherwise express changes the prototype of each object, which
   * disables V8's optimisations for it: that took a third of the CPU time of a cheap read.
   */
  override initHttpServer(): void {
    const app = this.getInstance<Express>();
    class Request extends IncomingMessage {}
    class Response<R extends IncomingMessage> extends ServerResponse<R> {}
    Object.setPrototypeOf(Request.prototype, app.request);
    Object.setPrototypeOf(Response.prototype, app.response);
    app.request = Request.prototype as unknown as Express['request'];
    app.response = Response.prototype as unknown as Express['response'];
    this.httpServer = createServer({ IncomingMessage: Request, ServerResponse: Response }, (request, response) =>
      app(request as never, response as never, () => refuseInvalidUrl(response)),
    );
  }

  override reply(response: Response, body: unknown, statusCode?: number): void {
    if (statusCode) response.statusCode = statusCode;
    if (body instanceof RawReply) return replyRaw(response, body);
    if (body instanceof StreamReply) return void replyStream(response, body);
    const request = response.req as CareSlotRequest;
    const etag = getETag(body);
    if (etag !== null) {
      response.setHeader('ETag', etag);
      if (isUnchanged(request, etag)) return sendNotModified(response);
    }
    if (isPrivate(request)) response.setHeader('Cache-Control', 'no-store');
    if (body instanceof SerializedAnswer) return replySerialized(response, body);
    if (request.operation?.bare) return replyBare(response, body);
    sendJson(response, successEnvelope(body, request.operation?.message));
  }
}

/** Express calls no middleware for a URL that it cannot parse, such as `http://[::1`. */
function refuseInvalidUrl(response: ServerResponse): void {
  const error = new DomainError('MALFORMED_JSON', 'The address could not be read.');
  const body = runInContext(newContext({ requestId: newId() }), () => failureEnvelope(error));
  response.statusCode = ERROR_STATUS.MALFORMED_JSON;
  sendJson(response, body);
}

/** Sends the data without an envelope. Of a page, the items; the next page and the total are in headers. */
function replyBare(response: Response, body: unknown): void {
  if (!(body instanceof Page)) return sendJson(response, body as object);
  for (const [name, value] of pageHeaders(response.req, body)) response.setHeader(name, value);
  sendJson(response, body.items);
}

function successEnvelope(body: unknown, message = 'OK'): object {
  const timestamp = new Date().toISOString();
  if (body instanceof Page || body instanceof ListWithMeta)
    return { success: true, data: body.items, message, timestamp, meta: body.meta };
  return { success: true, data: body ?? null, message, timestamp };
}

function replySerialized(response: Response, answer: SerializedAnswer): void {
  const timestamp = new Date().toISOString();
  sendText(response, answer.body(timestamp), answer.byteLength(timestamp));
}

export function sendJson(response: ServerResponse, body: object): void {
  const text = JSON.stringify(body);
  sendText(response, text, Buffer.byteLength(text));
}

function sendText(response: ServerResponse, json: string, byteLength: number): void {
  response.setHeader('Content-Type', 'application/json; charset=utf-8');
  response.setHeader('Content-Length', byteLength);
  // Otherwise Node joins headers and text to one string, which copies the text once more. Without cork(): the middleware that
  // compresses waits for each part of a long text to be sent.
  if (json.length >= LONG_TEXT_LENGTH) response.flushHeaders();
  // For ASCII text, latin1 is a sixth faster: Node does not search for other characters.
  response.end(json, byteLength === json.length ? 'latin1' : 'utf8');
}

function replyRaw(response: Response, { body, contentType, headers, status }: RawReply): void {
  if (status) response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (headers.ETag !== undefined && isUnchanged(response.req, headers.ETag)) return sendNotModified(response);
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(body);
}

async function replyStream(response: Response, { body, status, headers }: StreamReply): Promise<void> {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (response.req.method === 'HEAD') {
    body.destroy();
    response.end();
    return;
  }
  try {
    await pipeline(body, response);
  } catch {
    response.destroy();
  }
}

function sendNotModified(response: Response): void {
  response.statusCode = 304;
  response.end();
}

/** Whether the client has the current representation already. */
const isUnchanged = ({ method, headers }: Request, etag: string): boolean =>
  (method === 'GET' || method === 'HEAD') && matchesTag(headers['if-none-match'], etag);

/** Whether caches must not store the answer: it depends on the caller's token, or may contain tokens (RFC 6749, 5.1). */
const isPrivate = ({ method, headers }: CareSlotRequest): boolean =>
  headers.authorization !== undefined || (method !== 'GET' && method !== 'HEAD');

function getETag(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  if (body instanceof SerializedAnswer) return body.etag;
  const { version } = body as { version?: unknown };
  return typeof version === 'number' ? `"${version}"` : null;
}
