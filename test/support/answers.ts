import type { Answer } from './app.js';

/** How many responses had each status, with the code of the error: `{ 201: 1, '409 APPOINTMENT_CONFLICT': 3 }`. */
export function countByStatus(answers: Answer[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, code } of answers) {
    const name = code ? `${status} ${code}` : String(status);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
