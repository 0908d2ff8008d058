import type { RedactionRule } from './rules.js';
import { END, START } from './word-borders.js';

const AT = '(?:@|[([](?:at|[أآا]ت|ऐट|एट)[)\\]]|at the rate(?: of)?|at|ات|[أآا]ت|[اإ]يت|ऐट|एट(?: द रेट)?|ऐट द रेट)';
const DOT = '(?:\\.|[([](?:dot|دوت|نقط[ةه]|डॉट)[)\\]]|dot|doot|نقط[ةه]|دوت|डॉट|डाट)';
const JOIN =
  '(?:\\.|_|-|\\(dot\\)|\\[dot\\]|dot|underscore|under score|dash|hyphen|نقط[ةه]|دوت|شرط[ةه](?:\\sسفلى)?|اندر ?سكور|डॉट|डाट|अंडरस्कोर|डैश)';
const PROVIDER =
  '(?:gmail|g mail|googlemail|hotmail|yahoo|outlook|icloud|live|rediffmail|rediff|proton|protonmail|aol|msn|ymail|zoho|جيميل|جي ميل|هوتميل|ياهو|اوتلوك|[أا]وتلوك|जीमेल|जी मेल|याहू|हॉटमेल|आउटलुक|रेडिफमेल)';
const ENDING = '(?:com|net|org|edu|gov|info|co|[a-z]{2}|كوم|نت|कॉम|कोम|इन|नेट)';
const ANY_ENDING = `(?:${ENDING}|[a-z]{2,12}|[\\p{Script=Arabic}]{2,8}|[\\p{Script=Devanagari}]{2,10})`;
const PART = '[\\p{L}\\p{M}\\p{N}_.+-]{1,40}';
const ZERO_TO_NINE =
  'zero|oh|nought|wa7ed|etnen|etneen|talata|arba3a|khamsa|5amsa|setta|sab3a|tamanya|tes3a|sefr|one|two|three|four|five|six|seven|eight|nine|double|triple|shunya|sifr|ek|do|teen|tin|chaa?r|paanch|panch|chhe|chhah|cheh|saat|aath|aat|nau|' +
  'صفر|واحد|اتنين|اثنين|تلاتة|ثلاثة|اربعة|أربعة|خمسة|ستة|سبعة|تمانية|ثمانية|تسعة|शून्य|जीरो|ज़ीरो|एक|दो|तीन|चार|पांच|पाँच|छह|छः|छे|सात|आठ|नौ|डबल';

/** E-mail addresses and telephone numbers that are written in words. */
export const SPELLED_CONTACT_RULES: readonly RedactionRule[] = [
  // At most six parts: "sara dot ali underscore 92 at gmail dot com".
  [
    'email',
    new RegExp(
      `${START}${PART}(?:\\s${JOIN}\\s${PART}){0,4}(?:\\s\\d{1,4})?\\s?${AT}\\s?(?:${PROVIDER}(?:\\s?${DOT}\\s?${ENDING}){0,2}|${PART}(?:\\s${DOT}\\s${PART}){0,2}\\s${DOT}\\s?${ANY_ENDING}(?:\\s${DOT}\\s${ENDING})?)${END}`,
      'giu',
    ),
  ],
  // "abu.fahad على هوتميل"
  ['email', new RegExp(`${START}${PART}\\s(?:على|on)\\s(?:${PROVIDER})(?:\\s?${DOT}\\s?${ENDING}){1,2}${END}`, 'giu')],
  // "zero one zero, 5543 2087"
  ['phone', new RegExp(`${START}(?:(?:${ZERO_TO_NINE})[\\s,-]{1,2}){3,10}\\d{3,4}[\\s-]?\\d{3,4}${END}`, 'giu')],
  ['phone', new RegExp(`${START}(?:(?:${ZERO_TO_NINE}|\\d)[\\s,-]{1,2}){4,18}(?:${ZERO_TO_NINE}|\\d)${END}`, 'giu')],
  ['phone', /\(0\)\d(?:[\s-]?\d){6,11}(?!\d)/gu],
];
