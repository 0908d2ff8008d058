import { CPSS_MAXIMA } from '../scores/cpss.js';
import { LAMS_MAXIMA } from '../scores/lams.js';
import { NIHSS_MAXIMA } from '../scores/nihss.js';
import { RACE_MAXIMA } from '../scores/race.js';
import { foldWord } from './words.js';

/** One spelling for `faceDroop`, `face_droop`, `Face droop` and `FACE-DROOP`. */
export const foldKey = (key: string): string => foldWord(key).replace(/[^\p{L}\p{M}\p{N}]/gu, '');

const keys = <Code extends string>(table: Readonly<Record<Code, string>>): ReadonlyMap<string, Code> =>
  new Map(
    (Object.entries(table) as [Code, string][]).flatMap(([code, names]) =>
      names.split(' ').map((name): [string, Code] => [foldKey(name), code]),
    ),
  );

/** Names under which a symptom is sent, the API's own and those that forms use, and the reason that each one is. */
export const SIGN_KEYS = keys({
  SIGN_BALANCE: 'balance lossOfBalance balanceLoss balanceProblem balanceProblems dizziness lossOfCoordination',
  SIGN_EYES: 'eyes eye vision sight visionLoss lossOfVision visionProblem visionProblems blurredVision doubleVision',
  SIGN_FACE:
    'face faceDroop faceDrooping facialDroop facialDrooping facialWeakness facialPalsy facialNumbness faceNumbness',
  SIGN_ARM: 'arm arms armWeakness armDrift weakArm armNumbness legWeakness weakness numbness',
  SIGN_SPEECH: 'speech slurredSpeech abnormalSpeech speechProblem speechProblems speechDifficulty speechTrouble',
  SIGN_SUDDEN_SEVERE_HEADACHE:
    'suddenSevereHeadache severeHeadache suddenHeadache thunderclapHeadache worstHeadache terribleHeadache',
  SIGN_SEIZURE: 'seizure seizures convulsion convulsions fits',
  SIGN_REDUCED_CONSCIOUSNESS:
    'reducedConsciousness lossOfConsciousness unconscious unconsciousness unresponsive confusion confused',
  SIGN_STROKE_SYMPTOMS: 'strokeSymptoms previousStrokeSymptoms strokeSigns',
});

export const BOTH_ARMS_IMMOBILE = foldKey('bothArmsImmobile');
export const SYMPTOMS_RESOLVED = foldKey('symptomsResolved');
export const CLINICAL_FEATURE = foldKey('clinical');
/** ABCD2's features that are signs themselves. */
export const FEATURES_THAT_ARE_SIGNS: readonly string[] = ['weakness', 'speech'];

/** Where a list or a text names symptoms. */
export const SYMPTOM_LISTS: ReadonlySet<string> = new Set(
  ['symptoms', 'symptom', 'signs', 'sign', 'befast', 'warningSigns'].map(foldKey),
);

export const SCALES = ['cpss', 'lams', 'race', 'nihss'] as const;
export type Scale = (typeof SCALES)[number];
export const isScale = (key: string): key is Scale => SCALES.some((scale) => scale === key);

const folded = (maxima: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(Object.entries(maxima).map(([name, maximum]) => [foldKey(name), maximum]));

/** The items of each scale and their highest points; a total may stand in place of the items. */
export const SCALE_ITEMS: Readonly<Record<Scale, ReadonlyMap<string, number>>> = {
  cpss: folded({ ...CPSS_MAXIMA, total: 3, score: 3 }),
  lams: folded({ ...LAMS_MAXIMA, total: 5, score: 5 }),
  race: folded({ ...RACE_MAXIMA, total: 9, score: 9 }),
  nihss: folded({
    ...NIHSS_MAXIMA,
    ...Object.fromEntries(Object.entries(NIHSS_MAXIMA).map(([name, maximum]) => [name.replace('item', ''), maximum])),
    total: 42,
    score: 42,
  }),
};
export const SCALE_MAXIMA: Readonly<Record<Scale, number>> = { cpss: 3, lams: 5, race: 9, nihss: 42 };

/** Items whose names belong to scales alone, so that they are known outside of their part too. */
export const STRAY_ITEMS: ReadonlyMap<string, { scale: Scale; maximum: number }> = new Map(
  SCALES.flatMap((scale) =>
    [...SCALE_ITEMS[scale]]
      .filter(([name]) => name.length > 3 && !['total', 'score'].includes(name))
      .map(([name, maximum]): [string, { scale: Scale; maximum: number }] => [name, { scale, maximum }]),
  ),
);
