import { isVeryLow, type Glucose } from './glucose.js';
import { BE_FAST_SIGNS } from './scores/be-fast.js';
import type { Ratings } from './scores/index.js';
import type { Answer } from './scores/score-result.js';

/** From the least to the most urgent. */
export const LEVELS = ['ROUTINE', 'INCOMPLETE', 'URGENT', 'CALL_EMERGENCY'] as const;
export type Level = (typeof LEVELS)[number];

const DANGER_SIGNS = ['suddenSevereHeadache', 'seizure', 'reducedConsciousness'] as const;
export const SIGNS = [...BE_FAST_SIGNS, ...DANGER_SIGNS] as const;
export type Sign = (typeof SIGNS)[number];

export type Signs = { [Name in Sign]?: Answer<boolean> };

export interface Presentation extends Omit<Ratings, 'symptoms'>, Glucose {
  symptoms?: Signs;
  /** true: there were symptoms that went away, which is not less urgent. false: they are still present. */
  symptomsResolved?: Answer<boolean>;
  lastKnownWell?: string | null;
  recognisedAt?: string | null;
  wakeUp?: Answer<boolean>;
}

export interface Triage {
  level: Level;
  /** The reasons for the level, as codes. */
  reasons: string[];
  /** Signs without an answer; they do not count as a no. */
  unanswered: Sign[];
}

const asCode = (name: string): string => name.replace(/([A-Z])/g, '_$1').toUpperCase();

/**
 * Determines the level of urgency by rules (docs/clinical.md). Any sign of BE-FAST or CPSS, a sudden severe headache, a seizure or
 * reduced consciousness is CALL_EMERGENCY, also if it went away; so is any deficit on another examination scale, two immobile arms,
 * a deficit that did not go away, and a very low glucose with any symptom. A suspected transient attack is URGENT with any ABCD2
 * score. Rules can only raise the level: no score lowers it. Without a sign, the level is ROUTINE only if every sign was answered.
 * @param found reasons that were found outside the valid fields
 */
export function triage(presentation: Presentation, found: readonly string[] = []): Triage {
  const unanswered = SIGNS.filter((sign) => typeof presentation.symptoms?.[sign] !== 'boolean');
  const emergency = [...new Set([...emergencyReasons(presentation), ...found])];
  if (emergency.length > 0) return { level: 'CALL_EMERGENCY', reasons: emergency, unanswered };
  const urgent = urgentReasons(presentation);
  if (urgent.length > 0) return { level: 'URGENT', reasons: urgent, unanswered };
  return { level: unanswered.length > 0 ? 'INCOMPLETE' : 'ROUTINE', reasons: [], unanswered };
}

function emergencyReasons(presentation: Presentation): string[] {
  const { symptoms, cpss, lams, race, nihss, abcd2, symptomsResolved } = presentation;
  return [
    ...SIGNS.filter((sign) => symptoms?.[sign] === true).map((sign) => `SIGN_${asCode(sign)}`),
    // Normal by the rule of the scale, but two immobile arms are an emergency.
    ...(cpss?.bothArmsImmobile ? ['CPSS_BOTH_ARMS_IMMOBILE'] : []),
    ...findings('CPSS', cpss && { ...cpss, armDrift: cpss.bothArmsImmobile ? 0 : cpss.armDrift }),
    ...findings('LAMS', lams),
    ...findings('RACE', race),
    ...findings('NIHSS', nihss),
    // The clinical features of ABCD2, weakness of one side and speech problems, are also signs.
    ...(abcd2?.clinical === 'WEAKNESS' || abcd2?.clinical === 'SPEECH' ? [`ABCD2_${abcd2.clinical}`] : []),
    ...(symptomsResolved === false ? ['DEFICIT_NOT_RESOLVED'] : []),
    ...(isVeryLow(presentation) && hasSymptom(presentation) ? ['VERY_LOW_GLUCOSE_WITH_SYMPTOMS'] : []),
  ];
}

/** Whether there are or were any symptoms: a sign, a field about their onset or their end, or a score for a transient attack. */
const hasSymptom = ({
  symptoms,
  symptomsResolved,
  abcd2,
  wakeUp,
  recognisedAt,
  lastKnownWell,
}: Presentation): boolean =>
  SIGNS.some((sign) => symptoms?.[sign] === true) ||
  (symptomsResolved !== null && symptomsResolved !== undefined) ||
  abcd2 !== undefined ||
  wakeUp === true ||
  Boolean(recognisedAt) ||
  Boolean(lastKnownWell);

/** A finding if any rated item is above zero; other items may be missing. */
const findings = (scale: string, items: object | undefined): string[] =>
  Object.values(items ?? {}).some((value) => typeof value === 'number' && value > 0) ? [`${scale}_FINDING`] : [];

const urgentReasons = ({ abcd2, symptomsResolved }: Presentation): string[] => [
  ...(abcd2 ? ['TRANSIENT_ATTACK_SUSPECTED'] : []),
  ...(symptomsResolved ? ['SYMPTOMS_WENT_AWAY'] : []),
];
