import { fold } from '../red-flags/fold.js';

/** The words of administrative requests. A phrase is one entry; "(a|b|) c" stands for "a c", "b c" and "c". */
export interface Vocabulary {
  /** Say what is asked for: a booking, a price, an address. A request has at least one. */
  requests: readonly string[];
  /** Greetings and thanks: a message of these alone is administrative, too. */
  greetings: readonly string[];
  /** Harmless in any order: they name no condition and cannot negate or describe one. */
  fillers: readonly string[];
}

const GROUP = /\(([^()]*)\)/;

/** @returns folded phrases, their words apart by one space */
export const expanded = (templates: readonly string[]): string[] =>
  templates.flatMap((template) => alternatives(template).map((phrase) => fold(phrase).trim()));

function alternatives(template: string): string[] {
  const group = GROUP.exec(template);
  if (!group) return [template];
  const [whole, inside = ''] = group;
  return inside
    .split('|')
    .flatMap((part) =>
      alternatives(template.slice(0, group.index) + part + template.slice(group.index + whole.length)),
    );
}
