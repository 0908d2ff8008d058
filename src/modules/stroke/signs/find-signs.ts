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
import { foldWord, isNo, isYes, numberIn, toFoldedWords } from './words.js';

export interface FoundSigns {
  /** The reasons for an emergency, as codes; empty without a certain sign. */
  reasons: string[];
  /** Whether a value outside its scale may be a sign, such as 9 of 4 points for an arm. It does not change the level. */
  isPossible: boolean;
}

/** What the parent keys mean for a value. */
interface KeyContext {
  /** The sign that the value answers, such as SIGN_FACE for values below `face`. */
  sign: string | null;
  scale: Scale | null;
  /** Whether the value is below `symptoms`, where a name alone means that the sign is present. */
  isList: boolean;
}

/** The maximum number of values to search. A valid body has at most 5,000 fields. */
const MAX_VALUES = 20_000;
/** Keys of metadata about a question, which do not contain the answer. */
const NOT_AN_ANSWER: ReadonlySet<string> = new Set(
  (
    'asked answered required known visible enabled valid id index order position weight step version confidence ' +
    'options choices answeredAt updatedAt createdAt timestamp'
  )
    .split(' ')
    .map(foldKey),
);
/** Next to a negative answer, only these keys and the names of signs can still mean a positive sign. */
const SEVERITY_KEYS: ReadonlySet<string> = new Set(['left', 'right', 'both', 'severity', 'degree', 'score', 'points']);
/** Keys of a list of the signs that are present. */
const CHOICES: ReadonlySet<string> = new Set(['selected', 'checked', 'present', 'positive']);
/** Keys of the name of a symptom in a list. */
const NAMES: ReadonlySet<string> = new Set('name id code symptom sign type key label title question'.split(' '));
/** Matches texts that mean that the symptoms did not go away. */
const STILL_THERE = /^\s*(?:(?:no|not)\s+(?:yet|resolved|gone|better)\b|still\b|ongoing\b|persist|partial|partly\b)/i;
/** Keys of an answer for the whole object: `{ name: "face", value: true }`. */
const ANSWERS: ReadonlySet<string> = new Set(
  ['value', 'answer', 'present', 'positive', 'checked', 'selected', 'status', 'result', 'val', 'valueBoolean'].map(
    foldKey,
  ),
);

/**
 * Searches a body of any structure for positive signs, by field names in any spelling and nesting, with values of any type. Other
 * content never hides a sign. Pure, without recursion.
 */
export function findSigns(body: unknown): FoundSigns {
  const search = new SignSearch();
  search.run(body);
  return { reasons: [...search.reasons], isPossible: search.isPossible };
}

class SignSearch {
  readonly reasons = new Set<string>();
  isPossible = false;
  private readonly pending: { value: unknown; context: KeyContext }[] = [];

  run(body: unknown): void {
    this.pending.push({ value: body, context: { sign: null, scale: null, isList: false } });
    let seen = 0;
    for (let next = this.pending.pop(); next && seen < MAX_VALUES; next = this.pending.pop()) {
      seen += 1;
      this.visit(next.value, next.context);
    }
  }

  private visit(value: unknown, context: KeyContext): void {
    this.addReasons(findValueReasons(value, context));
    if (typeof value === 'string') {
      const inner = parseJson(value);
      if (inner) this.pending.push({ value: inner, context });
    } else if (Array.isArray(value)) this.visitArray(value, context);
    else if (typeof value === 'object' && value !== null) this.visitObject(value, context);
  }

  private visitArray(values: unknown[], context: KeyContext): void {
    for (const value of values) this.pending.push({ value, context });
    this.addReasons(findPairReasons(values));
    if (context.scale && values.some((value) => typeof value === 'number' && value > 0)) {
      this.reasons.add(`${context.scale.toUpperCase()}_FINDING`);
    }
  }

  /** Searches the fields of an object. A field of ANSWERS, such as `value`, answers for the whole object. */
  private visitObject(fields: object, context: KeyContext): void {
    const answers = Object.entries(fields).filter(([name]) => ANSWERS.has(foldKey(name)));
    const hasAnswer = answers.length > 0;
    const isDenied = hasAnswer && answers.every(([, answer]) => isNo(answer));
    this.addReasons(findNamedAnswerReasons(fields, context));
    for (const [name, value] of Object.entries(fields) as [string, unknown][]) {
      const key = toKey(name);
      if (context.sign && !mayShowSign(key, isDenied)) continue;
      const found = findFieldReason(key, value, context);
      if (found === 'POSSIBLE') this.isPossible = true;
      else if (found) this.reasons.add(found);
      // The name of the symptom that is answered, as in `{ symptom: "face", present: false }`, is not a list of present symptoms.
      if (hasAnswer && typeof value === 'string' && SYMPTOM_LISTS.has(key)) continue;
      const isList = context.isList && listsPresentSigns(key, value, hasAnswer);
      this.pending.push({ value, context: contextBelow(key, { ...context, isList }) });
    }
  }

  private addReasons(reasons: readonly string[]): void {
    for (const reason of reasons) this.reasons.add(reason);
  }
}

/** Whether a field of an object that answers for a sign can show the sign. */
const mayShowSign = (key: string, isDenied: boolean): boolean =>
  !NOT_AN_ANSWER.has(key) && (!isDenied || SEVERITY_KEYS.has(key) || SIGN_KEYS.has(key));

/** Whether a field of an object in a list of symptoms names present signs: `{ id: "speech" }`, `{ selected: ["face"] }`. */
const listsPresentSigns = (key: string, value: unknown, hasAnswer: boolean): boolean =>
  hasAnswer ? Array.isArray(value) && CHOICES.has(key) : Array.isArray(value) || NAMES.has(key);

/** The key of a field name, which may be a path: `symptoms.face`, `symptoms[face]`, `symptoms.face.value`, `symptoms[]`. */
function toKey(name: string): string {
  const segments = name.split(/[.[\]/:>]+/).filter(Boolean);
  const isAnswer = segments.length > 1 && ANSWERS.has(foldKey(segments.at(-1) as string));
  return plainKey(segments.at(isAnswer ? -2 : -1) ?? '');
}

/** Parses JSON in a text; null if it is not JSON. */
function parseJson(text: string): object | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    return JSON.parse(text) as object;
  } catch {
    return null;
  }
}

/** The signs of an entry such as `["face", true]`. */
function findPairReasons([name, answer, ...others]: unknown[]): string[] {
  const sign = typeof name === 'string' ? SIGN_KEYS.get(plainKey(name)) : undefined;
  return sign && others.length === 0 && isYes(answer) ? [sign] : [];
}

/** The context below a key. The key's own name has priority over its parents, for misplaced parts. */
function contextBelow(key: string, { sign, scale, isList }: KeyContext): KeyContext {
  if (SYMPTOM_LISTS.has(key)) return { sign: SIGN_KEYS.get(key) ?? null, scale: null, isList: true };
  if (isScale(key)) return { sign: null, scale: key, isList: false };
  if (scale && SCALE_ITEMS[scale].has(key)) return { sign: null, scale, isList: false };
  return { sign: SIGN_KEYS.get(key) ?? sign, scale, isList: isList || SIGN_KEYS.get(key) === 'SIGN_STROKE_SYMPTOMS' };
}

/** The signs of a value such as in `{ face: { left: true } }`, `{ face: ["yes"] }`, `{ symptoms: ["face"] }`, `{ symptoms: "face, arm" }`. */
function findValueReasons(value: unknown, { sign, isList }: KeyContext): string[] {
  if (sign && isYes(value)) return [sign];
  return isList && typeof value === 'string' ? signsNamedIn(value) : [];
}

/** The signs in a text list, clause by clause, such as "face, no headache". */
export const signsNamedIn = (text: string): string[] => text.split(/[,;.\n،؛।]+/).flatMap(findSignsInClause);

function findSignsInClause(text: string): string[] {
  const whole = SIGN_KEYS.get(plainKey(text));
  if (whole) return [whole];
  const words = toFoldedWords(text);
  if (words.some((word) => isNo(word))) return [];
  return words.flatMap((word) => SIGN_KEYS.get(word) ?? []);
}

/** The sign of a named answer such as `{ name: "face", value: true }`. */
function findNamedAnswerReasons(value: object, { sign }: KeyContext): string[] {
  if (sign) return [];
  const fields = Object.entries(value).map(([name, child]): [string, unknown] => [foldKey(name), child]);
  const isPositive = fields.some(([key, child]) => ANSWERS.has(key) && isYes(child));
  if (!isPositive) return [];
  return fields.flatMap(([, child]) => (typeof child === 'string' ? (SIGN_KEYS.get(plainKey(child)) ?? []) : []));
}

/** The reason of a field of a scale or of the API. `findValueReasons` finds signs. */
function findFieldReason(key: string, value: unknown, { scale }: KeyContext): string | null {
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
