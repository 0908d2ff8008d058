import { notFound } from '../../core/kernel/domain-error.js';
import type { Actor } from '../../core/security/actor.js';

/**
 * The client says whose things it means although its token says so already. It may mean nobody but itself.
 * @throws DomainError NOT_FOUND
 */
export function assertOwn({ userId }: Actor, meant: string | undefined): void {
  if (meant !== undefined && meant.toLowerCase() !== userId) throw notFound();
}
