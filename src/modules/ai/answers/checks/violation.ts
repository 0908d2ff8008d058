import { pattern } from '../../red-flags/rule.js';

/** Why words of a model are not shown. EMERGENCY_ADVICE makes the answer an emergency. */
export const OBJECTIONS = [
  'EMERGENCY_ADVICE',
  'AGAINST_HELP',
  'DOSE',
  'DIAGNOSIS',
  'PROMISE',
  'TOOL_CALL',
  'CONTACT',
] as const;
export type Objection = (typeof OBJECTIONS)[number];

type Wording = Exclude<Objection, 'TOOL_CALL' | 'CONTACT'>;

/** What a model must not say, in one language: patterns over folded text. */
export interface Wordings extends Readonly<Record<Wording, readonly RegExp[]>> {
  /** Ends directly before advice to call for help and turns it around: "you do not need to call …". */
  turnedAround: RegExp;
}

export const patterns = (...sources: string[]): RegExp[] => sources.map((source) => pattern(source));
