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
import { DomainError, invalid, type FieldError } from '../kernel/domain-error.js';
import { isId } from '../kernel/id.js';
import type { Actor } from '../kernel/actor.js';
import type { CareSlotRequest } from './access.guard.js';
import { NAMES_OF_EVERY_OBJECT, notAField } from './body-limits.js';
import { opaqueTags } from './entity-tag.js';
import { READS_TOKEN } from './operation.js';

/** Flattens class-validator's tree into `address.city`, `items[2].price`. */
export function fieldErrors(errors: ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap(({ property, constraints, children, target }) => {
    const field = Array.isArray(target) ? `${parent}[${property}]` : parent ? `${parent}.${property}` : property;
    const own = constraints ? [{ field, error: wording(property, constraints) }] : [];
    return [...own, ...fieldErrors(children ?? [], field)];
  });
}

/** Said only of what is of the right kind: '65' in quotes is no number, and not one that is too large. */
const BOUNDS = new Set(['min', 'max', 'minLength', 'maxLength', 'isLength', 'arrayMinSize', 'arrayMaxSize']);

function wording(property: string, constraints: Record<string, string>): string {
  if ('whitelistValidation' in constraints) return 'is not a field of this request';
  const kind = Object.keys(constraints).find((name) => !BOUNDS.has(name));
  const text = (kind ? constraints[kind] : Object.values(constraints)[0]) ?? 'is not valid';
  return text.startsWith(`${property} `) ? text.slice(property.length + 1) : text;
}

const REMEMBERED_QUERIES = 500;

/**
 * Apps ask for the same lists again and again, and checking a query costs as much as answering it: one that was found
 * good is remembered. Whoever gets it shares it, so it is frozen.
 */
class RequestPipe extends ValidationPipe {
  private readonly good = new LRUCache<string, object>({ max: REMEMBERED_QUERIES });
  private readonly classes = new Map<unknown, number>();

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    const { type, metatype } = metadata;
    // What a socket sends is no body of a class.
    if (type === 'body' && metatype !== Object && Array.isArray(value)) {
      throw invalid({ field: 'body', error: 'must be an object' });
    }
    if (type !== 'query' || typeof value !== 'object') return super.transform(value, metadata);
    const key = `${this.numberOf(metatype)} ${JSON.stringify(value)}`;
    const known = this.good.get(key);
    if (known !== undefined) return known;
    const odd = Object.keys(value as object).find((name) => NAMES_OF_EVERY_OBJECT.has(name));
    if (odd !== undefined) throw notAField(odd);
    const query = frozen((await super.transform(value, metadata)) as object);
    this.good.set(key, query);
    return query;
  }

  private numberOf(metatype: unknown): number {
    const number = this.classes.get(metatype) ?? this.classes.size;
    this.classes.set(metatype, number);
    return number;
  }
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) frozen(member);
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
 * Checks a body as the pipe does, for a handler that answers although something is wrong. The value is not cleaned: it
 * holds the wrong and the unknown fields too.
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

/** A path parameter that is a UUID. */
export const IdParam = (name = 'id'): ParameterDecorator => Param(name, new IdPipe(name));

/** The caller; only for routes that need a token. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<CareSlotRequest>();
  if (!actor) throw new DomainError('UNAUTHENTICATED', 'A valid access token is needed.');
  return actor;
});

const callerOrNull = (_: unknown, context: ExecutionContext): Actor | null =>
  context.switchToHttp().getRequest<CareSlotRequest>().actor ?? null;

/** The caller of a public route, or null. */
export const MaybeActor = createParamDecorator(Object.assign(callerOrNull, { [READS_TOKEN]: true }));

const VERSION = /^\d{1,9}$/;

/** The version in If-Match, or null where there is none (or `*`). Tags of a list that are not this API's match nothing. */
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
