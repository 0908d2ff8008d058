import type { DomainError } from '../kernel/domain-error.js';

const errors = new Map<string, () => DomainError>();

/** States the errors that broken constraints mean to callers, by the constraints' names. Call it where the table is written. */
export function registerConstraintErrors(byConstraint: Record<string, () => DomainError>): void {
  for (const [constraint, error] of Object.entries(byConstraint)) errors.set(constraint, error);
}

export const toConstraintError = (constraint: string | undefined): DomainError | undefined =>
  errors.get(constraint ?? '')?.();
