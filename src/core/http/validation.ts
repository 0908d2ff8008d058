import {
  Param,
  ValidationPipe,
  createParamDecorator,
  type ArgumentMetadata,
  type ExecutionContext,
  type PipeTransform,
} from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validateSync, type ValidationError } from 'class-validator';
import { LRUCache } from 'lru-cache';
import { invalid, type FieldError } from '../kernel/domain-error.js';
import { isId } from '../kernel/id.js';
import type { Actor } from '../kernel/actor.js';
import { invalidToken } from '../security/tokens.js';
import type { CareSlotRequest } from './careslot-request.js';
import { OBJECT_MEMBER_NAMES, unknownField } from './body-limits.js';
import { opaqueTags } from './entity-tag.js';
import { READS_TOKEN } from './operation.js';

/** Flattens class-validator's tree of errors; the fields have paths such as `address.city` and `items[2].price`. */
export function fieldErrors(errors: ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap(({ property, constraints, children, target }) => {
    const field = Array.isArray(target) ? `${parent}[${property}]` : parent ? `${parent}.${property}` : property;
    const own = constraints ? [{ field, error: toMessage(property, constraints) }] : [];
    return [...own, ...fieldErrors(children ?? [], field)];
  });
}

/** Constraints on size. They are reported only if the type is right: for "65" instead of 65, only that it is not a number. */
const SIZE_CONSTRAINTS = new Set(['min', 'max', 'minLength', 'maxLength', 'isLength', 'arrayMinSize', 'arrayMaxSize']);

function toMessage(property: string, constraints: Record<string, string>): string {
  if ('whitelistValidation' in constraints) return 'is not a field of this request';
  const typeConstraint = Object.keys(constraints).find((name) => !SIZE_CONSTRAINTS.has(name));
  const text = (typeConstraint ? constraints[typeConstraint] : Object.values(constraints)[0]) ?? 'is not valid';
  return text.startsWith(`${property} `) ? text.slice(property.length + 1) : text;
}

const MAX_CACHED_QUERIES = 500;

/**
 * Validates requests, and caches valid queries: clients often send the same queries, and validating one costs as much as a cached
 * answer. Cached queries are shared, so they are frozen.
 */
class RequestPipe extends ValidationPipe {
  private readonly validQueries = new LRUCache<string, object>({ max: MAX_CACHED_QUERIES });
  private readonly classNumbers = new Map<unknown, number>();

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const { type, metatype } = metadata;
    // Messages of sockets have the type Object and may be lists.
    if (type === 'body' && metatype !== Object && Array.isArray(value)) {
      throw invalid({ field: 'body', error: 'must be an object' });
    }
    if (type !== 'query' || typeof value !== 'object') return super.transform(value, metadata);
    const key = `${this.getClassNumber(metatype)} ${JSON.stringify(value)}`;
    const cached = this.validQueries.get(key);
    if (cached !== undefined) return cached;
    const unknown = Object.keys(value as object).find((name) => OBJECT_MEMBER_NAMES.has(name));
    if (unknown !== undefined) throw unknownField(unknown);
    const query = deepFreeze((await super.transform(value, metadata)) as object);
    this.validQueries.set(key, query);
    return query;
  }

  /** A number for each class, because two classes may have the same name. */
  private getClassNumber(metatype: unknown): number {
    const number = this.classNumbers.get(metatype) ?? this.classNumbers.size;
    this.classNumbers.set(metatype, number);
    return number;
  }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

const RULES = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  validationError: { target: true, value: false },
} as const;

export const validationPipe = (): ValidationPipe =>
  new RequestPipe({
    transform: true,
    ...RULES,
    exceptionFactory: (errors: ValidationError[]) => invalid(...fieldErrors(errors)),
  });

/**
 * Validates a body like the pipe, for a handler that also answers invalid requests. The value still contains the invalid and the
 * unknown fields.
 */
export function checkBody<Body extends object>(
  type: new () => Body,
  body: object,
): { value: Body; errors: FieldError[] } {
  const value = plainToInstance(type, body);
  return { value, errors: fieldErrors(validateSync(value, RULES)) };
}

class IdPipe implements PipeTransform<unknown, string> {
  constructor(private readonly field: string) {}

  transform(value: unknown): string {
    if (!isId(value)) throw invalid({ field: this.field, error: 'must be a UUID' });
    return value.toLowerCase();
  }
}

/** A path parameter that must be a UUID. */
export const IdParam = (name = 'id'): ParameterDecorator => Param(name, new IdPipe(name));

/** The caller, for routes that need a token. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<CareSlotRequest>();
  if (!actor) throw invalidToken();
  return actor;
});

const callerOrNull = (_: unknown, context: ExecutionContext): Actor | null =>
  context.switchToHttp().getRequest<CareSlotRequest>().actor ?? null;

/** The caller of a public route; null without a valid token. */
export const MaybeActor = createParamDecorator(Object.assign(callerOrNull, { [READS_TOKEN]: true }));

const VERSION = /^\d{1,9}$/;

/** The version in If-Match; null if there is none, or for `*`. Ignores tags that this API did not create. */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number | null => {
  const header = context.switchToHttp().getRequest<CareSlotRequest>().headers['if-match'];
  if (header === undefined || header.trim() === '*') return null;
  const versions = new Set((opaqueTags(header) ?? []).filter((tag) => VERSION.test(tag)).map(Number));
  const [version] = versions;
  if (version === undefined || versions.size > 1) {
    throw invalid({ field: 'If-Match', error: 'must be one ETag that this API gave, such as "3"' });
  }
  return version;
});

/** The bytes of a JSON body, on a route with `rawBody` of @Operation; empty without a body. */
export const RawBody = createParamDecorator(
  (_: unknown, context: ExecutionContext): Buffer =>
    context.switchToHttp().getRequest<CareSlotRequest>().rawBody ?? Buffer.alloc(0),
);

/** All headers of the request. */
export const RequestHeaders = createParamDecorator(
  (_: unknown, context: ExecutionContext): Readonly<Record<string, unknown>> =>
    context.switchToHttp().getRequest<CareSlotRequest>().headers,
);
