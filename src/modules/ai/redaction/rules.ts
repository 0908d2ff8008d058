/** Kinds of data that are removed. Each is the text of a placeholder: `[email]`. */
export type RedactionKind =
  | 'email'
  | 'link'
  | 'id'
  | 'card'
  | 'date'
  | 'phone'
  | 'number'
  | 'name'
  | 'address'
  | 'secret';

export type RedactionRule = readonly [kind: RedactionKind, pattern: RegExp];

const DIGIT_SEPARATOR = '[\\s.\\-/()_·•\\u2010-\\u2015]{0,3}';

/** E-mail addresses, links and handles. Applied before own names are removed, since these may contain a name. */
export const ELECTRONIC_ADDRESS_RULES: readonly RedactionRule[] = [
  [
    'email',
    /[\p{L}\p{M}\p{N}.'_%+-]{1,64}(?:\s?(?:\(dot\)|\[dot\])\s?[\p{L}\p{M}\p{N}_-]{1,40}){0,3}\s?(?:@|\(at\)|\[at\])\s?[\p{L}\p{M}\p{N}-]{1,63}(?:\s?(?:\.|\(dot\)|\[dot\])\s?[\p{L}\p{M}\p{N}-]{1,63}){1,5}/giu,
  ],
  ['email', /[\p{L}\p{N}._+-]{1,64}\sat\s[\p{L}\p{N}-]{1,63}(?:\sdot\s|\.)(?:com|org|net|edu|gov|co|info)\b/giu],
  ['link', /\bhttps?:\/\/\S+|\bwww\.\S+|\b[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,4}\.\p{L}{2,24}\/\S*/giu],
  ['id', /(?<![\p{L}\p{N}])@[\w.]{3,}|(?<![\p{L}\p{N}])[\w.]{3,40}@(?![\w.])/gu],
];

/** Applied in this order to text with ASCII digits: longer and more specific patterns come first. */
export const SECRET_AND_ID_RULES: readonly RedactionRule[] = [
  ['id', /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/giu],
  // Tokens, keys and one-time secrets: at least 20 letters and digits, or at least 16 capital letters.
  ['secret', /(?<![\w.~+/=-])(?=[\w.~+/=-]*\d)(?=[\w.~+/=-]*[A-Za-z])[\w.~+/=-]{20,}/gu],
  ['secret', /\b[A-Z2-7]{16,}\b/gu],
  [
    'secret',
    /(?<=\b(?:password|passcode|pin|otp|cvv|पासवर्ड|كلمة السر|كلمة المرور)(?![\p{L}\p{M}])\s{0,2}(?:code\s?)?(?:(?:is|:|=|هي|है)\s{0,2}){0,2})(?!code\b|is\b)(?:\d(?:[ -]?\d){3,7}|(?=\S*[\d\p{Lu}])\S{3,})/giu,
  ],
  // PAN, passport and voter card of India, and passports of other countries.
  ['id', /\b[A-Z]{5}\d{4}[A-Z]\b|\b[A-Z]{1,3}-?\d{6,9}(?:-\d+)*\b/giu],
  ['id', /\b[A-Z]{1,3} \d{6,9}(?:-\d+)*\b/gu],
];

/** Applied in this order to text with ASCII digits. */
export const CARD_AND_PHONE_RULES: readonly RedactionRule[] = [
  ['card', new RegExp(`(?<!\\d)\\d(?:[ -]?\\d){12,18}(?!\\d)`, 'gu')],
  ['phone', new RegExp(`(?<![\\d\\w])(?:\\+|00)\\d(?:,?${DIGIT_SEPARATOR}\\d){6,14}(?!\\d)`, 'gu')],
  ['phone', new RegExp(`(?<![\\d\\w])0\\d(?:,?${DIGIT_SEPARATOR}\\d){6,11}(?!\\d)`, 'gu')],
];

/** Applied after all other patterns of numbers. */
export const LONG_NUMBER_RULES: readonly RedactionRule[] = [
  // Aadhaar, Emirates ID, mobile numbers of India, accounts. Medical values have fewer than seven digits.
  ['number', new RegExp(`(?<!\\d)\\d(?:${DIGIT_SEPARATOR}\\d){6,}(?!\\d)`, 'gu')],
];

/** Long numbers that identify nobody and that a model needs: lists of blood pressures, ranges of years. */
export const NOT_PERSONAL =
  /^(?:\d{2,3}\/\d{2,3}(?:[\s.]+\d{2,3}\/\d{2,3})+|(?:19|20)\d{2}\s?[-/\u2010-\u2015]\s?(?:19|20)\d{2})[\s.]*$/u;
