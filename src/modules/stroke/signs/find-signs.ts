import {
  BOTH_ARMS_IMMOBILE,
  CLINICAL_FEATURE,
  FEATURES_THAT_ARE_SIGNS,
  foldKey,
  plainKey,
  isScale,
  SCALE_ITEMS,
  SCALE_MAXIMA,
  SIGN_KEYS,
  STRAY_ITEMS,
  SYMPTOM_LISTS,
  SYMPTOMS_RESOLVED,
  type Scale,
} from './sign-keys.js';
import { foldWord, isNo, isYes, numberIn, wordsOf } from './words.js';

export interface FoundSigns {
  /** Why it is an emergency, as codes; empty where no sign is certain. */
  reasons: string[];
  /** A value that may be a sign but lies outside of its scale, such as an arm rated 9 of 4: never decides the level. */
  isPossible: boolean;
}

/** What the keys above a value say about it. */
interface Place {
  /** The sign that the value answers, such as SIGN_FACE for what stands below `face`. */
  sign: string | null;
  scale: Scale | null;
  /** Below `symptoms`: a name alone is a sign that is present. */
  isList: boolean;
}

/** More is no form. The body of a request has at most 5,000 fields. */
const MAX_VALUES = 20_000;
/** Keys that say that something was asked, and how, not what the answer was. */
const NOT_AN_ANSWER: ReadonlySet<string> = new Set(
  (
    'asked answered required known visible enabled valid id index order position weight step version confidence ' +
    'options choices answeredAt updatedAt createdAt timestamp'
  )
    .split(' ')
    .map(foldKey),
);
/** Beside an answer that is a no, only these say that it is one nevertheless. */
const MORE_OF_A_SIGN: ReadonlySet<string> = new Set(['left', 'right', 'both', 'severity', 'degree', 'score', 'points']);
/** Keys under which those of a list stand that are present. */
const CHOICES: ReadonlySet<string> = new Set(['selected', 'checked', 'present', 'positive']);
/** Keys under which a list of symptoms names one. */
const NAMES: ReadonlySet<string> = new Set('name id code symptom sign type key label title question'.split(' '));
const STILL_THERE = /^\s*(?:(?:no|not)\s+(?:yet|resolved|gone|better)\b|still\b|ongoing\b|persist|partial|partly\b)/i;
const ANSWERS: ReadonlySet<string> = new Set(
  ['value', 'answer', 'present', 'positive', 'checked', 'selected', 'status', 'result', 'val', 'valueBoolean'].map(
    foldKey,
  ),
);

/**
 * Looks for positive signs in a body of any shape: by the names of its fields, however they are spelled or nested, and
 * whatever the type of their values. What stands beside a sign never hides it. Pure, and walks without recursion.
 */
export function findSigns(body: unknown): FoundSigns {
  const reasons = new Set<string>();
  let isPossible = false;
  let seen = 0;
  const open: { value: unknown; place: Place }[] = [{ value: body, place: { sign: null, scale: null, isList: false } }];
  for (let next = open.pop(); next && seen < MAX_VALUES; next = open.pop()) {
    const { value, place } = next;
    seen += 1;
    for (const reason of reasonsOfValue(value, place)) reasons.add(reason);
    if (typeof value === 'string') {
      const inner = parsed(value);
      if (inner) open.push({ value: inner, place });
    }
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (const child of value as unknown[]) open.push({ value: child, place });
      for (const reason of reasonsOfPair(value)) reasons.add(reason);
      if (place.scale && value.some((child) => typeof child === 'number' && child > 0)) {
        reasons.add(`${place.scale.toUpperCase()}_FINDING`);
      }
      continue;
    }
    const answers = Object.entries(value).filter(([name]) => ANSWERS.has(foldKey(name)));
    const hasAnswer = answers.length > 0;
    const isDenied = hasAnswer && answers.every(([, answer]) => isNo(answer) && typeof answer !== 'object');
    for (const reason of reasonsOfNamedAnswer(value, place)) reasons.add(reason);
    for (const [name, child] of Object.entries(value)) {
      const key = keyOf(name);
      if (place.sign && NOT_AN_ANSWER.has(key)) continue;
      if (isDenied && place.sign && !MORE_OF_A_SIGN.has(key) && !SIGN_KEYS.has(key)) continue;
      const found = reasonOfField(key, child, place);
      if (found === 'POSSIBLE') isPossible = true;
      else if (found) reasons.add(found);
      if (hasAnswer && typeof child === 'string' && SYMPTOM_LISTS.has(key)) continue;
      const isNamed = place.isList && !hasAnswer && (NAMES.has(key) || Array.isArray(child));
      const isChosen = place.isList && Array.isArray(child) && CHOICES.has(key);
      open.push({ value: child, place: placeBelow(key, { ...place, isList: isNamed || isChosen }) });
    }
  }
  return { reasons: [...reasons], isPossible };
}

/** Forms send paths as names: `symptoms.face`, `symptoms[face]`, `symptoms.face.value`, `symptoms[]`. */
function keyOf(name: string): string {
  const segments = name.split(/[.[\]/:>]+/).filter(Boolean);
  const isAnswer = segments.length > 1 && ANSWERS.has(foldKey(segments.at(-1) as string));
  return plainKey(segments.at(isAnswer ? -2 : -1) ?? '');
}

/** What JSON in a text says; null where it is none. */
function parsed(text: string): object | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}

/** `["face", true]`, as lists of entries are sent. */
function reasonsOfPair([name, answer, ...others]: unknown[]): string[] {
  const sign = typeof name === 'string' ? SIGN_KEYS.get(plainKey(name)) : undefined;
  return sign && others.length === 0 && isYes(answer) ? [sign] : [];
}

/** A part that stands in the wrong place is read as what its own name says. */
function placeBelow(key: string, { sign, scale, isList }: Place): Place {
  if (SYMPTOM_LISTS.has(key)) return { sign: SIGN_KEYS.get(key) ?? null, scale: null, isList: true };
  if (isScale(key)) return { sign: null, scale: key, isList: false };
  if (scale && SCALE_ITEMS[scale].has(key)) return { sign: null, scale, isList: false };
  return { sign: SIGN_KEYS.get(key) ?? sign, scale, isList: isList || SIGN_KEYS.get(key) === 'SIGN_STROKE_SYMPTOMS' };
}

/** `{ face: { left: true } }`, `{ face: ["yes"] }`, `{ symptoms: ["face"] }`, `{ symptoms: "face, arm" }`. */
function reasonsOfValue(value: unknown, { sign, isList }: Place): string[] {
  if (sign && isYes(value)) return [sign];
  return isList && typeof value === 'string' ? signsNamedIn(value) : [];
}

/** The signs that a list in words names, clause by clause: "face, no headache". */
export const signsNamedIn = (text: string): string[] => text.split(/[,;.\n،؛।]+/).flatMap(signsOfClause);

function signsOfClause(text: string): string[] {
  const whole = SIGN_KEYS.get(plainKey(text));
  if (whole) return [whole];
  const words = wordsOf(text);
  if (words.some((word) => isNo(word))) return [];
  return words.flatMap((word) => SIGN_KEYS.get(word) ?? []);
}

/** `{ name: "face", value: true }`, as lists of questions are sent. */
function reasonsOfNamedAnswer(value: object, { sign }: Place): string[] {
  if (sign) return [];
  const fields = Object.entries(value).map(([name, child]): [string, unknown] => [foldKey(name), child]);
  const isPositive = fields.some(([key, child]) => ANSWERS.has(key) && isYes(child));
  if (!isPositive) return [];
  return fields.flatMap(([, child]) => (typeof child === 'string' ? (SIGN_KEYS.get(plainKey(child)) ?? []) : []));
}

/** What one field says, by its name and value. Items of scales and the API's own fields; signs by `reasonsOfValue`. */
function reasonOfField(key: string, value: unknown, { scale }: Place): string | null {
  if (key === BOTH_ARMS_IMMOBILE) return isYes(value) ? 'CPSS_BOTH_ARMS_IMMOBILE' : null;
  if (key === SYMPTOMS_RESOLVED) return isUnresolved(value) ? 'DEFICIT_NOT_RESOLVED' : null;
  if (key === CLINICAL_FEATURE) return featureReason(value);
  if (isScale(key)) return finding(key, value, SCALE_MAXIMA[key]);
  if (scale) {
    const maximum = SCALE_ITEMS[scale].get(key);
    return maximum === undefined ? null : finding(scale, value, maximum);
  }
  const stray = STRAY_ITEMS.get(key);
  return stray ? finding(stray.scale, value, stray.maximum) : null;
}

/** "No", "not yet", "still there", and the same within a list or an object. */
function isUnresolved(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isUnresolved);
  return isNo(value) || (typeof value === 'string' && STILL_THERE.test(value));
}

function featureReason(value: unknown): string | null {
  const word = typeof value === 'string' ? foldWord(value.trim()) : '';
  return FEATURES_THAT_ARE_SIGNS.includes(word) ? `ABCD2_${word.toUpperCase()}` : null;
}

function finding(scale: Scale, value: unknown, maximum: number): string | null {
  const points = numberIn(value);
  const reason = `${scale.toUpperCase()}_FINDING`;
  if (Number.isNaN(points)) return isYes(value) ? reason : null;
  if (points <= 0) return null;
  return points <= maximum ? reason : 'POSSIBLE';
}
