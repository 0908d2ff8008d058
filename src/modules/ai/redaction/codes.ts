import type { RedactionRule } from './rules.js';
import { SPELLED_LETTERS } from './spelled-letters.js';
import { END, START } from './word-borders.js';

/** Capital letters before measured values: "BP 140 90", "LDL 160". */
const CLINICAL =
  'BP|HR|RR|HB|HGB|WBC|RBC|TLC|DLC|PLT|LDL|HDL|TG|ALT|AST|ALP|GGT|TSH|PSA|INR|PT|GFR|EGFR|FBS|RBS|PPBS|CRP|ESR|CK|CPK|BNP|HCG|BHCG|AMH|FSH|LH|IU|MG|MCG|ML|KG|CM|MM|AM|PM|RS|EGP|SAR|AED|KWD|QAR|BHD|OMR|USD|GBP|EUR|LE|SPO2|T|CD|CA';
const FOLLOWED_BY_UNIT =
  '(?!\\s?(?:mg|mcg|ml|g|kg|cm|mm|iu|units?|days?|weeks?|months?|years?|yrs?|hours?|hrs?|am|pm|%|mmhg|bpm|steps|cells|copies|rs|rupees?|rupay\\p{L}*|egp|sar|aed|pounds?|dollars?|riyals?|dirhams?|dinars?|' +
  'ملغ|مجم|مل|جم|كيلو|سم|وحدة|يوم|أيام|ايام|اسبوع|أسبوع|شهر|سنة|ساعة|خطوة|جنيه|ريال|درهم|دينار|دولار|मिग्रा|एमजी|एमएल|यूनिट|ग्राम|किलो|सेमी|दिन|सप्ताह|हफ्ते|महीने|साल|कदम|रुपये|रुपए|रुपया)(?![\\p{L}\\p{M}]))';

/** Codes of letters and digits in groups, whatever stands before them. Medical words such as "CA19-9" have fewer digits. */
export const CODE_RULES: readonly RedactionRule[] = [
  // "19BME0772"
  [
    'id',
    new RegExp(
      `${START}(?!COVID|\\d+(?:MG|MCG|IU|ML|KG)${END})(?=(?:[A-Z]*\\d){4})(?=(?:\\d*[A-Z]){2})[A-Z\\d]{8,16}${END}`,
      'gu',
    ),
  ],
  // British driving licences: "MORGA 657054 SM9IJ"
  ['id', new RegExp(`${START}[A-Z9]{5}\\s?\\d{6}\\s?[A-Z9]{2}\\d?[A-Z\\d]{2,3}${END}`, 'gu')],
  // "APL.0009281744"
  ['id', new RegExp(`${START}[A-Z]{2,6}[.:]\\d{5,14}${END}`, 'gu')],
  // "1EG4-TE5-MK73", "CLM2024-0771-KD"
  [
    'id',
    new RegExp(
      `${START}(?=(?:[A-Z/_-]*\\d){4})(?=[\\d/_-]*[A-Z])[A-Z\\d]{1,12}(?:[-/_][A-Z\\d]{1,12}){1,6}${END}`,
      'gu',
    ),
  ],
  // "PT 55-201-8", "LB 24 66107", "S24 0091 7763", "HC0177 4402"
  [
    'id',
    new RegExp(
      `${START}(?![A-Z]\\d{1,2}\\s\\d{2,3}${END})(?!(?:${CLINICAL})\\d?\\s\\d{2,3}[\\s-]\\d{2,3}${END})(?=[A-Z-]{1,12}(?:[\\s-]?\\d){5})[A-Z]{1,6}(?:-[A-Z]{1,5})?[\\s-]?\\d{1,6}(?:[\\s-]\\d+)+${END}${FOLLOWED_BY_UNIT}`,
      'gu',
    ),
  ],
  // "7719-02", "77-1305": no range, whose second number is larger and about as long
  [
    'id',
    new RegExp(
      `(?<![\\p{L}\\p{M}\\p{N}.,/:+-])(?:\\d{4,6}-\\d{2}|\\d{5,6}-\\d{3}|\\d{2}-\\d{4,6}|\\d{3}-\\d{5,6})(?![\\p{L}\\p{M}\\p{N}%/-]|[.,\\s]\\d)${FOLLOWED_BY_UNIT}`,
      'giu',
    ),
  ],
  // "जे-33018", "ط/40991", "रसीद-5510/ख"
  [
    'id',
    new RegExp(
      `${START}(?:\\p{Script=Arabic}{1,6}|(?:(?:\\p{Script=Devanagari}){1,8}))[-/]\\d{3,}(?:[-/][\\p{L}\\p{M}\\d]{1,8})*${END}`,
      'gu',
    ),
  ],
];

/** Applied after all other rules of numbers: what is left of a code beside a placeholder. */
export const REMAINDER_RULES: readonly RedactionRule[] = [
  ['phone', new RegExp(`${START}(?:zero|sefr|sifr|صفر|शून्य|ज़ीरो|जीरो)\\s?\\[(?:number|phone|id)\\]`, 'giu')],
  ['phone', /\[phone\]\s?,?\s?(?:ext|extension|x)\.?\s?\d{1,5}(?!\d)/giu],
  [
    'id',
    new RegExp(
      `(?:${START}(?!(?:IBAN|ID|PAN|SSN|NO|CR)\\s)[A-Z\\d]{1,8}(?:-[A-Z]{1,5})?[\\s/_-]|${START}[\\p{L}\\p{M}]{1,8}[-/_])\\[(?:id|number|phone|card)\\](?:[-/_][\\p{L}\\p{M}\\d]{1,8})*`,
      'gu',
    ),
  ],
  // "APJ1.[phone]", "एम सी पी [number]", "[id] 03,", "[id] لسنة 2026"
  ['id', new RegExp(`${START}[A-Z]{1,6}\\d{1,4}\\.\\[(?:id|number|phone)\\]`, 'gu')],
  ['id', new RegExp(`${START}(?:(?:${SPELLED_LETTERS})[\\s.-]{1,2}){2,6}\\[(?:id|number)\\]`, 'gu')],
  ['id', /\[id\] (?!HBA1C|COVID|SPO2)(?=[A-Z]+\d|\d+[A-Z])[A-Z\d]{5,8}(?![\p{L}\p{M}\p{N}])/gu],
  ['id', new RegExp(`\\[id\\] (?:\\d{2}(?=[,.;]|$)|لسنة (?:19|20)\\d{2}${END})`, 'gu')],
  ['id', /\[(?:id|number|phone|card)\](?:[-/_][\p{L}\p{M}\d]{1,8})+/gu],
  ['id', new RegExp(`\\[(?:id|number)\\][ -]\\d{3,}(?:[ -]\\d{2,})*${END}${FOLLOWED_BY_UNIT}`, 'giu')],
];

/** Words before counts and sums of money, which identify nobody. */
const COUNTED =
  'platelets?|plt|plates|wbc|tlc|rbc|counts?|cells?|leu[ck]ocytes?|neutrophils?|lymphocytes?|steps|iu|units|vitamin|viral|load|copies|ferritin|cpk|ck|hcg|bhcg|beta|bnp|probnp|dimer|amylase|lipase|psa|afp|prolactin|rs|inr|rupees?|egp|le|sar|aed|qar|kwd|usd|price|cost|costs|fees?|paid|pay|salary|' +
  'صفائح|صفايح|الصفائح|الصفايح|صفيحات|الصفيحات|كريات|الكريات|البيضاء|البيضا|خلايا|هرمون|الهرمون|الحمل|فيريتين|سعر|السعر|تكلفة|دفعت|مبلغ|خطوات|' +
  'प्लेटलेट\\p{M}?|प्लेटलेट्स|काउंट|कण|डब्ल्यूबीसी|टीएलसी|बीटा|फेरिटिन|कीमत|फीस|खर्च|रुपये|रुपए|विटामिन';

/** Applied after addresses, whose postcodes have as many digits. Round numbers are doses, counts and prices. */
export const SHORT_NUMBER_RULES: readonly RedactionRule[] = [
  [
    'number',
    new RegExp(
      `(?<![\\p{L}\\p{M}\\p{N}.,/:+₹$£€-])(?<!${START}(?:${COUNTED})(?:[\\s:=-]{1,3}[\\p{L}\\p{M}]{1,8}){0,2}[\\s:=-]{0,3})(?!\\d*000${END})\\d{5,6}(?![\\p{L}\\p{M}\\p{N}%₹$£€]|[.,:]\\d)${FOLLOWED_BY_UNIT}`,
      'giu',
    ),
  ],
];

/** Applied after short numbers: "GH-KBTH [number]". */
export const SHORT_REMAINDER_RULES: readonly RedactionRule[] = [
  [
    'id',
    new RegExp(
      `${START}(?:[A-Z]{1,6}-[A-Z]{1,6}|(?:(?:${SPELLED_LETTERS})[\\s.-]){1,5}(?:${SPELLED_LETTERS}))[\\s-]\\[number\\]`,
      'gu',
    ),
  ],
];
