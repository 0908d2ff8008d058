import { pattern } from '../../red-flags/rule.js';

/** Why a model's words are withheld, the most urgent reason first. EMERGENCY_ADVICE makes the answer an emergency. */
export const VIOLATIONS = [
  'EMERGENCY_ADVICE',
  'AGAINST_HELP',
  'DOSE',
  'DIAGNOSIS',
  'PROMISE',
  'TOOL_CALL',
  'CONTACT',
  'OTHERS_DATA',
  'PROMPT_LEAK',
  'LANGUAGE',
] as const;
export type Violation = (typeof VIOLATIONS)[number];

type LanguageViolation = 'EMERGENCY_ADVICE' | 'AGAINST_HELP' | 'DOSE' | 'DIAGNOSIS' | 'PROMISE';

/** What a model must not say, in one language: patterns for normalized text. */
export interface ForbiddenPatterns extends Readonly<Record<LanguageViolation, readonly RegExp[]>> {
  /** Ends directly before advice to call for help and negates it: "you do not need to call …". */
  negationBefore: RegExp;
}

export const patterns = (...sources: string[]): RegExp[] => sources.map((source) => pattern(source));
