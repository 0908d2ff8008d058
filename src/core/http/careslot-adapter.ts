import { ExpressAdapter } from '@nestjs/platform-express';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Express, Response } from 'express';
import type { CareSlotRequest } from './access.guard.js';
import { newContext, runInContext } from '../context/request-context.js';
import { DomainError, ERROR_STATUS } from '../kernel/domain-error.js';
import { newId } from '../kernel/id.js';
import { pageHeaders } from './bare.js';
import { matchesTag } from './entity-tag.js';
import { failureEnvelope } from './failure-envelope.js';
import { Page } from './page.js';
import { SerializedAnswer } from './serialized-answer.js';

/** A reply that is not the envelope: an image, a file. */
export class RawReply {
  constructor(
    readonly body: string | Buffer,
    readonly contentType: string,
    readonly headers: Record<string, string> = {},
    /** The route's own where it is left out. */
    readonly status?: number,
  ) {}
}

/** A reply whose body is read as it is sent. A body that breaks off ends the connection: its length was promised. */
export class StreamReply {
  constructor(
    readonly body: Readable,
    readonly status: number,
    readonly headers: Record<string, string>,
  ) {}
}

/**
 * Express, with the success envelope put on where Nest hands over the answer: an interceptor would wrap every answer
 * in an observable chain, and express's own json() would hash and measure the text again.
 */
export class CareSlotAdapter extends ExpressAdapter {
  /**
   * Requests and responses are born with express's prototypes. Otherwise express changes the prototype of each, and V8
   * looks every property of such an object up anew: a third of the CPU time of a cheap read.
   */
  override initHttpServer(): void {
    const app = this.getInstance<Express>();
    class Request extends IncomingMessage {}
    class Reply<R extends IncomingMessage> extends ServerResponse<R> {}
    Object.setPrototypeOf(Request.prototype, app.request);
    Object.setPrototypeOf(Reply.prototype, app.response);
    app.request = Request.prototype as unknown as Express['request'];
    app.response = Reply.prototype as unknown as Express['response'];
    this.httpServer = createServer({ IncomingMessage: Request, ServerResponse: Reply }, (request, response) =>
      app(request as never, response as never, () => refuseUnreadable(response)),
    );
  }

  override reply(response: Response, body: unknown, statusCode?: number): void {
    if (statusCode) response.statusCode = statusCode;
    if (body instanceof RawReply) return replyRaw(response, body);
    if (body instanceof StreamReply) return void replyStream(response, body);
    const request = response.req as CareSlotRequest;
    const etag = etagOf(body);
    if (etag !== null) {
      response.setHeader('ETag', etag);
      const isRead = request.method === 'GET' || request.method === 'HEAD';
      if (isRead && matchesTag(request.headers['if-none-match'], etag)) {
        response.statusCode = 304;
        response.end();
        return;
      }
    }
    if (isOwn(request)) response.setHeader('Cache-Control', 'no-store');
    if (body instanceof SerializedAnswer) return replySerialized(response, body);
    if (request.operation?.bare) return replyBare(response, body);
    sendJson(response, successEnvelope(body, request.operation?.message));
  }
}

/** Express calls no middleware at all for an address without a path, such as `http://[::1`. */
function refuseUnreadable(response: ServerResponse): void {
  const error = new DomainError('MALFORMED_JSON', 'The address could not be read.');
  const body = runInContext(newContext({ requestId: newId() }), () => failureEnvelope(error));
  response.statusCode = ERROR_STATUS.MALFORMED_JSON;
  sendJson(response, body);
}

/** The thing itself; of a page the items, and in the headers where it goes on. */
function replyBare(response: Response, body: unknown): void {
  if (!(body instanceof Page)) return sendJson(response, body as object);
  for (const [name, value] of pageHeaders(response.req, body)) response.setHeader(name, value);
  sendJson(response, body.items);
}

function successEnvelope(body: unknown, message = 'OK'): object {
  const timestamp = new Date().toISOString();
  if (!(body instanceof Page)) return { success: true, data: body ?? null, message, timestamp };
  return { success: true, data: body.items, message, timestamp, meta: body.meta };
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
  // Node writes ASCII in a sixth less time if it need not look for other characters.
  response.end(json, byteLength === json.length ? 'latin1' : 'utf8');
}

function replyRaw(response: Response, { body, contentType, headers, status }: RawReply): void {
  if (status) response.statusCode = status;
  response.setHeader('Content-Type', contentType);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
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

/** What is for the caller alone: answers to a token, and the answers that give out tokens (RFC 6749, 5.1). */
const isOwn = ({ method, headers }: CareSlotRequest): boolean =>
  headers.authorization !== undefined || (method !== 'GET' && method !== 'HEAD');

function etagOf(body: unknown): string | null {
  if (typeof body !== 'object' || body === null) return null;
  if (body instanceof SerializedAnswer) return body.etag;
  const { version } = body as { version?: unknown };
  return typeof version === 'number' ? `"${version}"` : null;
}
