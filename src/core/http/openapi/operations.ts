import { ERROR_STATUS, type ErrorCode } from '../../kernel/domain-error.js';
import { toBareStatus } from '../bare.js';
import { BEARER, OPERATION_EXTENSION, type OperationMetadata } from '../operation.js';
import { BARE_FAILURE, refToFailure, refToFailureSchema, toHeaderRefs, type Status } from './failures.js';
import {
  operationsIn,
  pascal,
  refTo,
  type ApiDocument,
  type OperationObject,
  type Parameter,
  type Response,
  type Schema,
} from './schema.js';

/** Errors of all routes that are not public. */
const TOKEN_CODES: ErrorCode[] = ['UNAUTHENTICATED', 'TOKEN_EXPIRED', 'TOKEN_REVOKED'];
/** Errors of all routes. */
const COMMON_CODES: ErrorCode[] = ['VALIDATION_ERROR', 'RATE_LIMITED', 'INTERNAL_ERROR', 'SERVICE_UNAVAILABLE'];
/** Errors of routes with a body. */
const BODY_CODES: ErrorCode[] = ['MALFORMED_JSON', 'REQUEST_TIMEOUT', 'PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
/** Errors of idempotent routes. */
const IDEMPOTENCY_CODES: ErrorCode[] = ['IDEMPOTENCY_KEY_REUSED', 'IDEMPOTENCY_IN_PROGRESS'];
/** Statuses without a body. */
const EMPTY_STATUSES = new Set([302, 304, 416]);

/** Adds answers, errors, headers and security to each operation, from the options of its @Operation. */
export function completeOperations(document: ApiDocument): void {
  nameAliases(document);
  const forms = new Map<string, string>();
  for (const { method, operation } of operationsIn(document)) {
    const metadata = operation[OPERATION_EXTENSION] as OperationMetadata | undefined;
    delete operation[OPERATION_EXTENSION];
    if (!metadata) throw new Error(`${operation.operationId} has no @Operation`);
    const hasETag = isVersioned(document, metadata);
    operation.parameters = toParameters(operation, metadata, hasETag && method === 'get');
    operation.responses = joinResponses(toAnswers(document, metadata, hasETag, method), toFailures(metadata, method));
    operation.security = toSecurity(metadata);
    nameForms(document, operation, forms);
  }
}

/** Nest names the paths of a handler `name[0]`, `name[1]`: the first one gets the name alone, others the name and their path. */
function nameAliases(document: ApiDocument): void {
  const taken = new Set<string>();
  for (const { path, operation } of operationsIn(document)) {
    const [, name = '', index] = /^(\w+)(?:\[(\d+)\])?$/.exec(operation.operationId) ?? [];
    operation.operationId = index === undefined || index === '0' ? name : `${name}At${pascal(path)}`;
    if (taken.has(operation.operationId)) throw new Error(`two operations are called ${operation.operationId}`);
    taken.add(operation.operationId);
  }
}

const isVersioned = ({ components }: ApiDocument, { model, isList }: OperationMetadata): boolean =>
  !isList && model !== undefined && components.schemas[model]?.properties?.version !== undefined;

const header = (name: string, description: string): Parameter => ({
  name,
  in: 'header',
  required: false,
  description,
  schema: { type: 'string' },
});

function toParameters(operation: OperationObject, metadata: OperationMetadata, mayBeUnchanged: boolean): Parameter[] {
  const parameters = (operation.parameters ?? []).map((parameter) => ({
    ...parameter,
    ...(parameter.in === 'header' && { required: false }),
    ...(parameter.schema?.default !== undefined && { required: false }),
  }));
  const add = (parameter: Parameter): void => {
    const exists = parameters.some(({ name }) => name.toLowerCase() === parameter.name.toLowerCase());
    if (!exists) parameters.push(parameter);
  };
  if (metadata.idempotent) add(header('Idempotency-Key', 'Same key and body: the first answer again.'));
  if (metadata.versioned)
    add(header('If-Match', 'The ETag that was read, such as `"3"`: 412 if it has changed since.'));
  if (mayBeUnchanged) add(header('If-None-Match', 'The ETag that was read: 304 if nothing has changed since.'));
  // `security` describes the token.
  return parameters.filter(({ name }) => name.toLowerCase() !== 'authorization');
}

function toAnswers(
  document: ApiDocument,
  metadata: OperationMetadata,
  hasETag: boolean,
  method: string,
): Record<string, Response> {
  const { status = 200, message = 'OK', otherAnswers = {} } = metadata;
  const content = metadata.rawContentType ? rawContent(metadata) : jsonContent(document, metadata);
  const names = [
    ...(hasETag ? ['ETag'] : []),
    ...(metadata.idempotent ? ['Idempotency-Replayed'] : []),
    ...(metadata.bare && metadata.isList ? ['Link', 'X-Total-Count'] : []),
  ];
  const headers = names.length > 0 ? { headers: toHeaderRefs(names) } : {};
  const answers: Record<string, Response> = {
    [status]: { description: metadata.rawContentType ? 'The content.' : message, ...headers, content },
  };
  if (hasETag && method === 'get') answers[304] = { $ref: '#/components/responses/NotModified' };
  for (const [other, description] of Object.entries(otherAnswers)) {
    answers[other] = { description, ...(!EMPTY_STATUSES.has(Number(other)) && { content }) };
  }
  return answers;
}

/** An answer in another format than JSON, such as an HTML page, may have the same status as an error in JSON. */
function joinResponses(
  answers: Record<string, Response>,
  failures: Record<string, Response>,
): Record<string, Response> {
  const joined = { ...answers, ...failures };
  for (const [status, { description, content }] of Object.entries(answers)) {
    if (!failures[status] || !content) continue;
    const failure = { 'application/json': { schema: refToFailureSchema(Number(status) as Status) } };
    joined[status] = { description, content: { ...content, ...failure } };
  }
  return joined;
}

const isText = (type: string): boolean => type.startsWith('text/') || type === 'image/svg+xml';

const rawContent = ({ rawContentType = [], alsoAs = [] }: OperationMetadata): NonNullable<Response['content']> =>
  Object.fromEntries(
    [rawContentType, alsoAs]
      .flat()
      .map((type) => [type, { schema: isText(type) ? { type: 'string' } : { type: 'string', format: 'binary' } }]),
  );

function jsonContent(document: ApiDocument, metadata: OperationMetadata): NonNullable<Response['content']> {
  const { model, isList, bare, streams } = metadata;
  const item: Schema = model ? refTo(model) : { type: 'null' };
  const data: Schema = isList ? { type: 'array', items: item } : item;
  return {
    'application/json': { schema: bare ? data : envelope(document, metadata, data) },
    ...rawContent(metadata),
    ...(streams && { 'text/event-stream': { schema: { type: 'string' } } }),
  };
}

/** A reference to the schema of the success envelope with this `data`: `AppointmentResponse`, `AppointmentListResponse`. */
function envelope(
  { components }: ApiDocument,
  { model, isList, plainList, meta }: OperationMetadata,
  data: Schema,
): Schema {
  const base = model?.replace(/View$/, '') ?? 'Empty';
  const isPaged = isList && !plainList;
  const name = `${base}${isPaged ? 'List' : isList ? 'Array' : ''}Response`;
  components.schemas[name] ??= {
    type: 'object',
    required: ['success', 'data', 'message', 'timestamp', ...(isPaged ? ['meta'] : [])],
    properties: {
      success: { type: 'boolean', const: true },
      data,
      message: { type: 'string' },
      timestamp: { type: 'string', format: 'date-time' },
      ...(isPaged && { meta: refTo('ListMeta') }),
      ...(meta && { meta: refTo(meta) }),
    },
  };
  return refTo(name);
}

function toFailures(metadata: OperationMetadata, method: string): Record<string, Response> {
  const { errors = [], permission, idempotent, versioned, bare } = metadata;
  const codes = new Set<ErrorCode>([...errors, ...COMMON_CODES]);
  if (method !== 'get') for (const code of BODY_CODES) codes.add(code);
  if (permission !== 'public') {
    for (const code of TOKEN_CODES) codes.add(code);
    // Every role may have the permission, but not every API key.
    codes.add('FORBIDDEN');
  }
  if (idempotent) for (const code of IDEMPOTENCY_CODES) codes.add(code);
  if (versioned) codes.add('VERSION_MISMATCH');
  const byStatus: Record<number, ErrorCode[]> = {};
  for (const code of codes) {
    const status = bare ? toBareStatus(code) : ERROR_STATUS[code];
    byStatus[status] = [...(byStatus[status] ?? []), code];
  }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codesOfStatus]) => [
      status,
      bare ? BARE_FAILURE : refToFailure(Number(status) as Status, codesOfStatus),
    ]),
  );
}

function toSecurity({ security, permission, readsToken }: OperationMetadata): Record<string, string[]>[] {
  if (security) return security;
  if (permission !== 'public') return [BEARER];
  return readsToken ? [{}, BEARER] : [];
}

/**
 * Moves the schema of a form from the operation into a named schema; equal forms share a name. If the body is a form or JSON, sets
 * the schema of each media type.
 * @param forms the names of forms by their JSON
 */
function nameForms({ components }: ApiDocument, operation: OperationObject, forms: Map<string, string>): void {
  for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) {
    const alternatives = media.schema?.oneOf ?? [media.schema];
    const isForm = type.startsWith('multipart/');
    const schema = alternatives.find((one) => (one?.properties !== undefined) === isForm) ?? media.schema;
    if (!schema?.properties) {
      media.schema = schema;
      continue;
    }
    const key = JSON.stringify(schema);
    const name = forms.get(key) ?? `${pascal(operation.operationId)}Form`;
    forms.set(key, name);
    components.schemas[name] = schema;
    media.schema = refTo(name);
  }
}
