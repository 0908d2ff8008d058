import type { z } from 'zod';

/** What is wrong with a variable. The message never contains its value. */
export interface Fault {
  name: string;
  message: string;
}

/** Adds faults to the result of a zod schema. */
export function addFaults(context: z.RefinementCtx, faults: Iterable<Fault>): void {
  for (const { name, message } of faults) context.addIssue({ code: 'custom', path: [name], message });
}
