import { Param, ValidationPipe, createParamDecorator, type ExecutionContext, type PipeTransform } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { DomainError, invalid, type FieldError } from '../kernel/domain-error.js';
import { isId } from '../kernel/id.js';
import type { Actor } from '../security/actor.js';
import type { CareSlotRequest } from '../security/access.guard.js';

/** Flattens class-validator's tree into `address.city`, `items[2].price`. */
export function fieldErrors(errors: ValidationError[], parent = ''): FieldError[] {
  return errors.flatMap(({ property, constraints, children, target }) => {
    const field = Array.isArray(target) ? `${parent}[${property}]` : parent ? `${parent}.${property}` : property;
    const own = constraints ? [{ field, error: wording(property, constraints) }] : [];
    return [...own, ...fieldErrors(children ?? [], field)];
  });
}

function wording(property: string, constraints: Record<string, string>): string {
  if ('whitelistValidation' in constraints) return 'is not a field of this request';
  const text = Object.values(constraints)[0] ?? 'is not valid';
  return text.startsWith(`${property} `) ? text.slice(property.length + 1) : text;
}

export const validationPipe = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    validationError: { target: true, value: false },
    exceptionFactory: (errors: ValidationError[]) => invalid(...fieldErrors(errors)),
  });

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

/** The caller of a public route, or null. */
export const MaybeActor = createParamDecorator(
  (_: unknown, context: ExecutionContext): Actor | null =>
    context.switchToHttp().getRequest<CareSlotRequest>().actor ?? null,
);

/** The version in If-Match, or null where there is none (or `*`). */
export const IfMatch = createParamDecorator((_: unknown, context: ExecutionContext): number | null => {
  const header = context.switchToHttp().getRequest<CareSlotRequest>().headers['if-match'];
  if (header === undefined || header === '*') return null;
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header)?.[1];
  if (!version) throw invalid({ field: 'If-Match', error: 'must be an ETag that this API gave, such as "3"' });
  return Number(version);
});
