import type { RollbackReport } from './legacy-rollback.service.js';

/** The report of a rollback as text. */
export function toRollbackText({ source, removed, kept }: RollbackReport): string {
  const lines = [
    `Rollback of the migration from ${source}`,
    '',
    ...Object.entries(removed).map(([kind, count]) => `${kind}: ${count} removed`),
    ...(kept.length > 0 ? ['', 'Kept:'] : []),
    ...kept.map(({ kind, key, targetId, reason }) => `${kind} "${key}" (${targetId}) ${reason}`),
  ];
  return `${lines.join('\n')}\n`;
}
