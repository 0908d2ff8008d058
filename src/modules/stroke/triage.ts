import type { Ratings } from './scores/index.js';
import { BE_FAST_SIGNS } from './scores/be-fast.js';
import type { Answer } from './scores/figure.js';

/** From the least to the most urgent. */
export const LEVELS = ['ROUTINE', 'INCOMPLETE', 'URGENT', 'CALL_EMERGENCY'] as const;
export type Level = (typeof LEVELS)[number];

export const DANGER_SIGNS = ['suddenSevereHeadache', 'seizure', 'reducedConsciousness'] as const;
export const SIGNS = [...BE_FAST_SIGNS, ...DANGER_SIGNS] as const;
export type Sign = (typeof SIGNS)[number];

export type Signs = { [Name in Sign]?: Answer<boolean> };

export interface Presentation extends Omit<Ratings, 'symptoms'> {
  symptoms?: Signs;
  /** There were symptoms and they went away: that calls for less in no case. */
  symptomsResolved?: Answer<boolean>;
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
 * The level of urgency, by rules alone (CLINICAL.md 2). Any sign of BE-FAST or CPSS, a sudden severe headache, a seizure
 * or reduced consciousness is CALL_EMERGENCY, also after it went away; so is any deficit found with another scale of
 * examination. A suspected transient attack is URGENT however low its ABCD2. Each rule can only raise the level: no
 * score lowers it. Without a sign it is ROUTINE only where every sign was answered.
 */
export function triage(presentation: Presentation): Triage {
  const unanswered = SIGNS.filter((sign) => typeof presentation.symptoms?.[sign] !== 'boolean');
  const emergency = emergencyReasons(presentation);
  if (emergency.length > 0) return { level: 'CALL_EMERGENCY', reasons: emergency, unanswered };
  const urgent = urgentReasons(presentation);
  if (urgent.length > 0) return { level: 'URGENT', reasons: urgent, unanswered };
  return { level: unanswered.length > 0 ? 'INCOMPLETE' : 'ROUTINE', reasons: [], unanswered };
}

function emergencyReasons({ symptoms, cpss, lams, race, nihss, abcd2 }: Presentation): string[] {
  return [
    ...SIGNS.filter((sign) => symptoms?.[sign] === true).map((sign) => `SIGN_${asCode(sign)}`),
    ...found('CPSS', cpss && { ...cpss, armDrift: cpss.bothArmsImmobile ? 0 : cpss.armDrift }),
    ...found('LAMS', lams),
    ...found('RACE', race),
    ...found('NIHSS', nihss),
    // What ABCD2 asks for, weakness of one side or trouble with speech, is a sign too.
    ...(abcd2?.clinical === 'WEAKNESS' || abcd2?.clinical === 'SPEECH' ? [`ABCD2_${abcd2.clinical}`] : []),
  ];
}

/** One rated item above zero is a finding; the others may be missing. */
const found = (scale: string, items: object | undefined): string[] =>
  Object.values(items ?? {}).some((value) => typeof value === 'number' && value > 0) ? [`${scale}_FINDING`] : [];

const urgentReasons = ({ abcd2, symptomsResolved }: Presentation): string[] => [
  ...(abcd2 ? ['TRANSIENT_ATTACK_SUSPECTED'] : []),
  ...(symptomsResolved ? ['SYMPTOMS_WENT_AWAY'] : []),
];
