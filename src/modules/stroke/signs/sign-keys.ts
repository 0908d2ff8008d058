import { CPSS, CPSS_MAXIMA } from '../scores/cpss.js';
import { LAMS, LAMS_MAXIMA } from '../scores/lams.js';
import { NIHSS, NIHSS_MAXIMA } from '../scores/nihss.js';
import { RACE, RACE_MAXIMA } from '../scores/race.js';
import { foldWord } from './words.js';

/** The same key for `faceDroop`, `face_droop`, `Face droop` and `FACE-DROOP`. */
export const foldKey = (key: string): string => foldWord(key).replace(/[^\p{L}\p{M}\p{N}]/gu, '');

/** The code of each folded name. The table has names separated by spaces for each code. */
const toCodesByKey = <Code extends string>(table: Readonly<Record<Code, string>>): ReadonlyMap<string, Code> =>
  new Map(
    (Object.entries(table) as [Code, string][]).flatMap(([code, names]) =>
      names.split(' ').map((name): [string, Code] => [foldKey(name), code]),
    ),
  );

/** The field names of symptoms, of the API and of common forms, with the reason code of each. */
export const SIGN_KEYS = toCodesByKey({
  SIGN_BALANCE:
    'balance lossOfBalance balanceLoss balanceProblem balanceProblems dizziness lossOfCoordination unsteadiness توازن التوازن संतुलन',
  SIGN_EYES:
    'eyes eye vision sight visionLoss lossOfVision visionProblem visionProblems visionChange visionChanges blurredVision doubleVision عين العين نظر النظر نظري आँख नज़र',
  SIGN_FACE:
    'face faceDroop faceDrooping facialDroop facialDrooping facialWeakness facialPalsy facialNumbness faceNumbness facialAsymmetry ' +
    'faceWeakness وجه الوجه وجهي चेहरा चेहरे chehra',
  SIGN_ARM:
    'arm arms armWeakness armDrift weakArm armNumbness armsWeakness legWeakness weakness numbness ' +
    'hemiplegia paralysis ذراع الذراع ذراعي हाथ बाजू',
  SIGN_SPEECH:
    'speech slurredSpeech abnormalSpeech speechProblem speechProblems speechDifficulty speechTrouble ' +
    'speechImpairment troubleSpeaking difficultySpeaking dysarthria كلام الكلام كلامي نطق النطق बोली बोलना आवाज़ bolna',
  SIGN_SUDDEN_SEVERE_HEADACHE:
    'suddenSevereHeadache severeHeadache suddenHeadache thunderclapHeadache worstHeadache terribleHeadache',
  SIGN_SEIZURE: 'seizure seizures convulsion convulsions fits تشنج تشنجات दौरा',
  SIGN_REDUCED_CONSCIOUSNESS:
    'reducedConsciousness lossOfConsciousness unconscious unconsciousness unresponsive confusion confused coma fainted fainting',
  SIGN_STROKE_SYMPTOMS: 'strokeSymptoms previousStrokeSymptoms strokeSigns',
});

/** Words that may surround the name of a symptom: `hasFaceDroop`, `left_arm_weakness`, `symptoms_face`, `Is the face drooping?`. */
const SURROUNDING_WORDS: ReadonlySet<string> = new Set(
  (
    'is are has have had any the a an of in on my left right both one side sided sudden new current present positive ' +
    'reported selected checked symptom symptoms sign signs stroke patient warning value answer'
  ).split(' '),
);
/** Words of the name of a list of symptoms: `patient_symptoms`. */
const LIST_WORDS: ReadonlySet<string> = new Set(['symptom', 'symptoms', 'sign', 'signs']);
/** Words of the name of a total: `nihss_score`. */
const TOTAL_WORDS: ReadonlySet<string> = new Set(['score', 'total', 'points', 'sum']);

/** Splits a name into folded words: `isFaceDrooping` is `is face drooping`. */
const splitName = (name: string): string[] =>
  name
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .map(foldKey)
    .filter(Boolean);

/**
 * The key of a symptom, of a list of symptoms or of a scale, if the field name consists of one and surrounding words: `hasFaceDroop`,
 * `patient_symptoms`, `nihss_score`. Otherwise the key of the whole name.
 */
export function plainKey(name: string): string {
  const key = foldKey(name);
  if (SIGN_KEYS.has(key)) return key;
  const words = splitName(name);
  const inner = words.filter((word) => !SURROUNDING_WORDS.has(word));
  const joined = inner.join('');
  if (SIGN_KEYS.has(joined)) return joined;
  if (inner.length === 0 && words.some((word) => LIST_WORDS.has(word))) return SYMPTOMS;
  const scale = words.filter((word) => !TOTAL_WORDS.has(word)).join('');
  return words.length > 1 && isScale(scale) ? scale : key;
}

const SYMPTOMS = 'symptoms';
export const BOTH_ARMS_IMMOBILE = foldKey('bothArmsImmobile');
export const SYMPTOMS_RESOLVED = foldKey('symptomsResolved');
export const CLINICAL_FEATURE = foldKey('clinical');
/** The features of ABCD2 that are also signs. */
export const FEATURES_THAT_ARE_SIGNS: readonly string[] = ['weakness', 'speech'];

/** The keys of lists or texts of symptoms. */
export const SYMPTOM_LISTS: ReadonlySet<string> = new Set(
  ['symptoms', 'symptom', 'signs', 'sign', 'befast', 'warningSigns'].map(foldKey),
);

export const SCALES = ['cpss', 'lams', 'race', 'nihss'] as const;
export type Scale = (typeof SCALES)[number];
export const isScale = (key: string): key is Scale => SCALES.some((scale) => scale === key);

/** The maximum of the total of each scale. */
export const SCALE_MAXIMA: Readonly<Record<Scale, number>> = {
  cpss: CPSS.max,
  lams: LAMS.max,
  race: RACE.max,
  nihss: NIHSS.max,
};

const withTotal = (scale: Scale, maxima: Readonly<Record<string, number>>): ReadonlyMap<string, number> =>
  new Map(
    Object.entries({ ...maxima, total: SCALE_MAXIMA[scale], score: SCALE_MAXIMA[scale] }).map(([name, maximum]) => [
      foldKey(name),
      maximum,
    ]),
  );

/** The items of each scale, by folded names, and their maximum points, including the total. */
export const SCALE_ITEMS: Readonly<Record<Scale, ReadonlyMap<string, number>>> = {
  cpss: withTotal('cpss', CPSS_MAXIMA),
  lams: withTotal('lams', LAMS_MAXIMA),
  race: withTotal('race', RACE_MAXIMA),
  nihss: withTotal('nihss', {
    ...NIHSS_MAXIMA,
    // Without "item": `5a`.
    ...Object.fromEntries(Object.entries(NIHSS_MAXIMA).map(([name, maximum]) => [name.replace('item', ''), maximum])),
  }),
};

/** Items that are also recognised outside their part. Short names, such as `arm` and `5a`, have other meanings there. */
export const STRAY_ITEMS: ReadonlyMap<string, { scale: Scale; maximum: number }> = new Map(
  SCALES.flatMap((scale) =>
    [...SCALE_ITEMS[scale]]
      .filter(([name]) => name.length > 3 && !['total', 'score'].includes(name))
      .map(([name, maximum]): [string, { scale: Scale; maximum: number }] => [name, { scale, maximum }]),
  ),
);
