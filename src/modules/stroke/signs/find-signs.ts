import {
  BOTH_ARMS_IMMOBILE,
  CLINICAL_FEATURE,
  FEATURES_THAT_ARE_SIGNS,
  foldKey,
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
/** Keys that say that something was asked, not what the answer was. */
const NOT_AN_ANSWER: ReadonlySet<string> = new Set(['asked', 'answered', 'required', 'known', 'visible', 'enabled']);
/** Keys under which a list of symptoms names one. */
const NAMES: ReadonlySet<string> = new Set('name id code symptom sign type key label title question'.split(' '));
const ANSWERS: ReadonlySet<string> = new Set(
  ['value', 'answer', 'present', 'positive', 'checked', 'selected', 'status', 'result'].map(foldKey),
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
    if (typeof value !== 'object' || value === null) continue;
    if (Array.isArray(value)) {
      for (const child of value as unknown[]) open.push({ value: child, place });
      if (place.scale && value.some((child) => typeof child === 'number' && child > 0)) {
        reasons.add(`${place.scale.toUpperCase()}_FINDING`);
      }
      continue;
    }
    const hasAnswer = Object.keys(value).some((name) => ANSWERS.has(foldKey(name)));
    for (const reason of reasonsOfNamedAnswer(value, place)) reasons.add(reason);
    for (const [name, child] of Object.entries(value)) {
      const key = lastSegment(name);
      if (NOT_AN_ANSWER.has(key)) continue;
      const found = reasonOfField(key, child, place);
      if (found === 'POSSIBLE') isPossible = true;
      else if (found) reasons.add(found);
      const isNamed = place.isList && !hasAnswer && (NAMES.has(key) || Array.isArray(child));
      open.push({ value: child, place: placeBelow(key, { ...place, isList: isNamed }) });
    }
  }
  return { reasons: [...reasons], isPossible };
}

/** Forms send paths as names: `symptoms.face`, `symptoms[face]`. */
const lastSegment = (name: string): string =>
  foldKey(
    name
      .split(/[.[\]/]+/)
      .filter(Boolean)
      .at(-1) ?? '',
  );

/** A part that stands in the wrong place is read as what its own name says. */
function placeBelow(key: string, { sign, scale, isList }: Place): Place {
  if (SYMPTOM_LISTS.has(key)) return { sign: SIGN_KEYS.get(key) ?? null, scale: null, isList: true };
  if (isScale(key)) return { sign: null, scale: key, isList: false };
  if (scale && SCALE_ITEMS[scale].has(key)) return { sign: null, scale, isList: false };
  return { sign: SIGN_KEYS.get(key) ?? sign, scale, isList };
}

/** `{ face: { left: true } }`, `{ face: ["yes"] }`, `{ symptoms: ["face"] }`, `{ symptoms: "face, arm" }`. */
function reasonsOfValue(value: unknown, { sign, isList }: Place): string[] {
  if (sign && isYes(value)) return [sign];
  return isList && typeof value === 'string' ? signsNamedIn(value) : [];
}

function signsNamedIn(text: string): string[] {
  const whole = SIGN_KEYS.get(foldKey(text));
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
  return fields.flatMap(([, child]) => (typeof child === 'string' ? (SIGN_KEYS.get(foldKey(child)) ?? []) : []));
}

/** What one field says, by its name and value. Items of scales and the API's own fields; signs by `reasonsOfValue`. */
function reasonOfField(key: string, value: unknown, { scale }: Place): string | null {
  if (key === BOTH_ARMS_IMMOBILE) return isYes(value) ? 'CPSS_BOTH_ARMS_IMMOBILE' : null;
  if (key === SYMPTOMS_RESOLVED) return isNo(value) ? 'DEFICIT_NOT_RESOLVED' : null;
  if (key === CLINICAL_FEATURE) return featureReason(value);
  if (isScale(key)) return finding(key, value, SCALE_MAXIMA[key]);
  if (scale) {
    const maximum = SCALE_ITEMS[scale].get(key);
    return maximum === undefined ? null : finding(scale, value, maximum);
  }
  const stray = STRAY_ITEMS.get(key);
  return stray ? finding(stray.scale, value, stray.maximum) : null;
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
