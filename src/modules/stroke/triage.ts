import { isVeryLow, type Glucose } from './glucose.js';
import { BE_FAST_SIGNS } from './scores/be-fast.js';
import type { Ratings } from './scores/index.js';
import type { Answer } from './scores/figure.js';

/** From the least to the most urgent. */
export const LEVELS = ['ROUTINE', 'INCOMPLETE', 'URGENT', 'CALL_EMERGENCY'] as const;
export type Level = (typeof LEVELS)[number];

const DANGER_SIGNS = ['suddenSevereHeadache', 'seizure', 'reducedConsciousness'] as const;
export const SIGNS = [...BE_FAST_SIGNS, ...DANGER_SIGNS] as const;
export type Sign = (typeof SIGNS)[number];

export type Signs = { [Name in Sign]?: Answer<boolean> };

export interface Presentation extends Omit<Ratings, 'symptoms'>, Glucose {
  symptoms?: Signs;
  /** True: there were symptoms and they went away, which calls for less in no case. False: they are still there. */
  symptomsResolved?: Answer<boolean>;
  lastKnownWell?: string | null;
  recognisedAt?: string | null;
  wakeUp?: Answer<boolean>;
}

export interface Triage {
  level: Level;
  /** What led to the level, as codes. */
  reasons: string[];
  /** Signs that were not answered: not one of them is taken for a no. */
  unanswered: Sign[];
}

const asCode = (name: string): string => name.replace(/([A-Z])/g, '_$1').toUpperCase();

/**
 * The level of urgency, by rules alone (docs/clinical.md). Any sign of BE-FAST or CPSS, a sudden severe headache, a
 * seizure or reduced consciousness is CALL_EMERGENCY, also after it went away; so are any deficit found with another scale
 * of examination, both arms immobile, a deficit that has not gone away, and a very low glucose with any symptom. A
 * suspected transient attack is URGENT however low its ABCD2. Each rule can only raise the level: no score lowers it.
 * Without a sign it is ROUTINE only where every sign was answered.
 * @param found reasons that were found outside of the fields that could be read
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
    // Normal by the scale's own rule, but nobody whose arms both do not move is well.
    ...(cpss?.bothArmsImmobile ? ['CPSS_BOTH_ARMS_IMMOBILE'] : []),
    ...findings('CPSS', cpss && { ...cpss, armDrift: cpss.bothArmsImmobile ? 0 : cpss.armDrift }),
    ...findings('LAMS', lams),
    ...findings('RACE', race),
    ...findings('NIHSS', nihss),
    // What ABCD2 asks for, weakness of one side or trouble with speech, is a sign too.
    ...(abcd2?.clinical === 'WEAKNESS' || abcd2?.clinical === 'SPEECH' ? [`ABCD2_${abcd2.clinical}`] : []),
    ...(symptomsResolved === false ? ['DEFICIT_NOT_RESOLVED'] : []),
    ...(isVeryLow(presentation) && hasSymptom(presentation) ? ['VERY_LOW_GLUCOSE_WITH_SYMPTOMS'] : []),
  ];
}

/** Any symptom at all, beyond the signs: they went away, they were noticed, a transient attack is being scored. */
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

/** One rated item above zero is a finding; the others may be missing. */
const findings = (scale: string, items: object | undefined): string[] =>
  Object.values(items ?? {}).some((value) => typeof value === 'number' && value > 0) ? [`${scale}_FINDING`] : [];

const urgentReasons = ({ abcd2, symptomsResolved }: Presentation): string[] => [
  ...(abcd2 ? ['TRANSIENT_ATTACK_SUSPECTED'] : []),
  ...(symptomsResolved ? ['SYMPTOMS_WENT_AWAY'] : []),
];
