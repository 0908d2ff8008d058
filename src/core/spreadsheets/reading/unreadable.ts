import { invalid, type DomainError } from '../../kernel/domain-error.js';

/** An error of a table file that the person who sends it can correct. */
export const unreadable = (error: string): DomainError => invalid({ field: 'file', error });

export const damaged = (): DomainError =>
  unreadable('is damaged or not complete. Open it in a spreadsheet program and save it again.');
