import type { DomainError } from '../kernel/domain-error.js';

const errors = new Map<string, () => DomainError>();

/** Registers the error that callers get if a constraint is violated, by the constraint's name. Call it next to the code that writes the table. */
export function registerConstraintErrors(byConstraint: Record<string, () => DomainError>): void {
  for (const [constraint, error] of Object.entries(byConstraint)) errors.set(constraint, error);
}

export const toConstraintError = (constraint: string | undefined): DomainError | undefined =>
  errors.get(constraint ?? '')?.();
