import type { Actor } from '../../core/kernel/actor.js';

/** Users may export and erase themselves, an ADMIN anybody. */
export const mayExportAndErase = (actor: Actor, userId: string): boolean =>
  actor.role === 'ADMIN' || actor.userId === userId.toLowerCase();
