import type { FieldError } from '../../core/kernel/domain-error.js';
import { isYes } from './signs/words.js';

/** A part that is not in the answer, and the field that is the reason. */
export interface NotComputed extends FieldError {
  part: string;
}

/** The risk equations that apply only to people without cardiovascular disease. */
const PRIMARY_PREVENTION = ['prevent', 'framingham'] as const;
const DISEASES = { strokeOrTia: 'a stroke or TIA', vascularDisease: 'vascular disease' } as const;

/**
 * The requested parts that do not apply: PREVENT and Framingham, if the input of CHA2DS2-VASc contains a stroke or vascular
 * disease.
 * @param cha2ds2 the unvalidated input, as values of the wrong type also count
 */
export function excludedParts(
  request: { [Part in (typeof PRIMARY_PREVENTION)[number]]?: object },
  cha2ds2: unknown,
): NotComputed[] {
  const facts = (typeof cha2ds2 === 'object' && cha2ds2 !== null ? cha2ds2 : {}) as Record<string, unknown>;
  const disease = (Object.keys(DISEASES) as (keyof typeof DISEASES)[]).find((name) => isYes(facts[name]));
  if (!disease) return [];
  const error = `the equation is for people without cardiovascular disease, and ${DISEASES[disease]} is reported`;
  return PRIMARY_PREVENTION.filter((part) => request[part]).map((part) => ({
    part,
    field: `cha2ds2.${disease}`,
    error,
  }));
}
