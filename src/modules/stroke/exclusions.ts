import type { FieldError } from '../../core/kernel/domain-error.js';
import { isYes } from './signs/words.js';

/** A part that was left out of the answer, and the field that is the reason. */
export interface NotComputed extends FieldError {
  part: string;
}

/** The risk equations are made for people without cardiovascular disease so far. */
const FOR_PEOPLE_WITHOUT = ['prevent', 'framingham'] as const;
const DISEASES = { strokeOrTia: 'a stroke or TIA', vascularDisease: 'vascular disease' } as const;

/**
 * Parts that were asked for but do not apply: PREVENT and Framingham where CHA2DS2-VASc says that there was a stroke or
 * that there is vascular disease. No figure is given then.
 * @param cha2ds2 as it was sent, because a value of the wrong type is a reason too
 */
export function excludedParts(
  request: { [Part in (typeof FOR_PEOPLE_WITHOUT)[number]]?: object },
  cha2ds2: unknown,
): NotComputed[] {
  const facts = (typeof cha2ds2 === 'object' && cha2ds2 !== null ? cha2ds2 : {}) as Record<string, unknown>;
  const disease = (Object.keys(DISEASES) as (keyof typeof DISEASES)[]).find((name) => isYes(facts[name]));
  if (!disease) return [];
  const error = `the equation is for people without cardiovascular disease, and ${DISEASES[disease]} is reported`;
  return FOR_PEOPLE_WITHOUT.filter((part) => request[part]).map((part) => ({
    part,
    field: `cha2ds2.${disease}`,
    error,
  }));
}
