import express, { type NextFunction, type Request, type Response } from 'express';
import { currentContext, runInContext } from '../context/request-context.js';
import { DomainError } from '../kernel/domain-error.js';
import type { CareSlotRequest } from './careslot-request.js';
import { MAX_BODY_BYTES, MAX_BODY_MILLISECONDS, checkJson } from './body-limits.js';
import { keepHead } from './body-head.js';
import { discardBody } from './discard-body.js';
import type { EmergencyTexts } from './emergency-texts.js';
import type { BodyRoutes } from './body-routes.js';
import { withRepeatedFields } from './repeated-fields.js';

const MAX_FORM_BYTES = 10_000;
const METHODS_WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);
/** Labels of UTF-8, and of ASCII, which is part of it. JSON has no other encoding (RFC 8259, 8.1). */
const UTF8_LABELS = new Set(['utf-8', 'utf8', 'us-ascii', 'ascii']);

type Next = (error?: unknown) => void;

/**
 * Reads a JSON body into `request.body`, or sets it to `{}` if there is no body. Forms are read by the routes that accept them. The
 * guard refuses other types with 415, after the router has found the route.
 */
export function jsonBody(emergencies: EmergencyTexts, bodies: BodyRoutes) {
  const readJson = jsonReader();
  return (request: CareSlotRequest, response: Response, next: NextFunction): void => {
    const type = request.headers['content-type'] ?? '';
    if (!announcesBody(request)) {
      if (METHODS_WITH_BODY.has(request.method)) request.body = {};
      return next();
    }
    if (!METHODS_WITH_BODY.has(request.method)) return ignoreBody(request, next);
    const isExamined = emergencies.concerns(request);
    if (isExamined) keepHead(request);
    const form = bodies.getFormHandling(request.method, request.path, type);
    if (form === 'FIELDS') return readFields(request, type, next);
    if (form === 'STREAMED') return next();
    if (!isJson(type)) return refuseUnlessEmpty(request, type, next);
    readJson(request, response, next, { isExamined, isRaw: bodies.keepsRawBody(request.method, request.path) });
  };
}

/**
 * Returns a function that reads a JSON body with body-parser and checks it. With `isExamined`, repeated fields keep all their
 * values (withRepeatedFields); with `isRaw`, the request keeps the bytes.
 */
function jsonReader() {
  const rawBodies = new WeakMap<object, Buffer>();
  const options = { limit: MAX_BODY_BYTES, strict: true, type: () => true };
  const parse = express.json(options);
  const parseAndKeep = express.json({ ...options, verify: (request, _, raw) => void rawBodies.set(request, raw) });
  return (
    request: CareSlotRequest,
    response: Response,
    next: NextFunction,
    { isExamined, isRaw }: { isExamined: boolean; isRaw: boolean },
  ): void => {
    // body-parser does not know labels of charsets such as `utf8`.
    request.headers['content-type'] = 'application/json';
    readWithin(request, MAX_BODY_BYTES, next, (done) =>
      (isExamined || isRaw ? parseAndKeep : parse)(request, response, (error?: unknown) => {
        if (response.headersSent) return;
        if (error) return done(error);
        request.body ??= {};
        try {
          const raw = rawBodies.get(request);
          if (isExamined) keepRepeatedFields(request, raw);
          if (isRaw && raw) request.rawBody = raw;
          checkJson(request.body);
          done();
        } catch (refusal) {
          done(refusal);
        }
      }),
    );
  };
}

/**
 * Gives each repeated field of the body all its values. If the body is nested too deeply for this, it counts as not parsed, so that
 * its text is searched for an emergency.
 */
function keepRepeatedFields(request: Request, raw: Buffer | undefined): void {
  if (!raw?.length) return;
  const parsed: unknown = request.body;
  request.body = undefined;
  request.body = withRepeatedFields(toText(raw)) ?? parsed;
}

/** Decodes the body like body-parser, which removes a byte order mark. */
const toText = (raw: Buffer): string => raw.toString('utf8').replace(/^\ufeff/, '');

function announcesBody({ headers }: Request): boolean {
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** Whether a content type is `application/json` in UTF-8, with any parameters. `application/json-patch+json` is another type. */
export function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (type !== 'application/json') return false;
  return parameters.every((parameter) => {
    const [name = '', value = ''] = parameter.split('=').map((part) => part.trim());
    return name !== 'charset' || UTF8_LABELS.has(value.replace(/^["']|["']$/g, ''));
  });
}

/** Reads a URL-encoded form. Of a repeated field, the last value counts. A multipart form is received, but its fields are ignored. */
function readFields(request: Request, type: string, next: NextFunction): void {
  const chunks: Buffer[] = [];
  const isUrlEncoded = /^application\/x-www-form-urlencoded\b/i.test(type);
  readWithin(request, MAX_FORM_BYTES, next, (done) => {
    request.on('data', (chunk: Buffer) => isUrlEncoded && chunks.push(chunk));
    request.once('end', () => {
      try {
        const fields = Object.fromEntries(new URLSearchParams(Buffer.concat(chunks).toString('utf8')));
        checkJson(fields);
        request.body = fields;
        done();
      } catch (refusal) {
        done(refusal);
      }
    });
  });
}

/** An empty body is accepted: some proxies send `Transfer-Encoding: chunked` with every POST. */
function refuseUnlessEmpty(request: CareSlotRequest, type: string, next: NextFunction): void {
  const message = /^application\/json\s*(;|$)/i.test(type)
    ? 'The body must be JSON in UTF-8.'
    : 'The body must be application/json.';
  const refuse = (done: Next): void => {
    request.bodyRefusal = new DomainError('UNSUPPORTED_MEDIA_TYPE', message);
    done();
  };
  if (request.headers['transfer-encoding'] === undefined) return refuse(next);
  readWithin(request, MAX_BODY_BYTES, next, (done) => {
    request.once('data', () => {
      request.pause();
      refuse(done);
    });
    request.once('end', () => {
      request.body = {};
      done();
    });
  });
}

/** The body of a GET is ignored, but its size is limited. */
function ignoreBody(request: Request, next: NextFunction): void {
  if (Number(request.headers['content-length'] ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  if (request.headers['transfer-encoding'] !== undefined) discardBody(request);
  next();
}

const tooLarge = (): DomainError => new DomainError('PAYLOAD_TOO_LARGE', 'The body is too large.');

/**
 * Calls `next` once: when `read` is done, when more than `maxBytes` have arrived (413), or when the body is too slow (408).
 * Counts the bytes, because body-parser reports a body that is too large only at its end.
 */
function readWithin(request: Request, maxBytes: number, next: Next, read: (done: Next) => void): void {
  // The events of a body do not run in the async context of its request.
  const context = currentContext();
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const count = (chunk: Buffer): void => {
    bytes += chunk.length;
    if (bytes > maxBytes) finish(tooLarge());
  };
  let bytes = 0;
  let finished = false;
  const finish: Next = (error) => {
    if (finished) return;
    finished = true;
    clearTimeout(timer);
    request.off('data', count);
    runInContext(context, () => next(error));
  };
  const timer = setTimeout(
    () => finish(new DomainError('REQUEST_TIMEOUT', 'The body did not arrive in time.')),
    MAX_BODY_MILLISECONDS,
  );
  read(finish);
  // A chunked body has no Content-Length.
  if (request.headers['transfer-encoding'] !== undefined) request.on('data', count);
}
