import type { RedactionRule } from './rules.js';
import { END, START } from './word-borders.js';

/** "شارع 15 مايو" and "مدينة 6 أكتوبر" are places. */
const NO_STREET = '(?<!(?:شارع|مدينة|ميدان|كوبري|محور|حي|ش|share3|shari3|medinet|madinet|midan|kobri)\\s)';

/** Months that mean nothing else. */
const CLEAR_MONTHS =
  'jan(?:uary)?|feb(?:ruary)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|dec(?:ember)?|' +
  'yanayer|fabrayer|febrayer|abril|yonyo|younio|yolyo|youlio|aghostos|oktobar|nofamber|disamber|desember|janvari|farvari|aprail|agast|sitambar|aktubar|navambar|disambar|' +
  'adar|azar|nisan|neesan|ayyar|hazeran|huzairan|tammuz|aylul|eilul|tishreen|jyeshth?a?|asharh|ashadha?|sawan|saavan|bhado|bhadon|kuwar|agahan|aghan|phagun|chait|panchami|' +
  'muharram|rabi|jumada|rajab|shaaban|ramadan|shawwal|baisakh|vaishakh|jestha|ashadh|shrawan|bhadra|ashwin|mangsir|poush|magh|falgun|phalgun|chaitra|' +
  'يناير|فبراير|مارس|[أإا]بريل|مايو|يوني[وه]|يولي[وه]|[أا]غسطس|سبتمبر|[أا]كتوبر|نوفمبر|ديسمبر|كانون الثاني|كانون الأول|شباط|[آا]ذار|نيسان|[أا]يار|حزيران|تموز|[آا]ب|[أا]يلول|تشرين الأول|تشرين الثاني|' +
  'غشت|يوليوز|شتنبر|نونبر|دجنبر|' +
  'محرم|صفر|ربيع ال[أا]ول|ربيع ال[آا]خر|ربيع الثاني|جمادى ال[أا]ولى|جمادى ال[آا]خرة|رجب|شعبان|رمضان|شوال|ذو القعدة|ذي القعدة|ذو الحجة|ذي الحجة|' +
  'जनवरी|फ़?रवरी|मार्च|अप्रैल|मई|जून|जुलाई|अगस्त|सितंबर|सितम्बर|अक्टूबर|अक्तूबर|नवंबर|नवम्बर|दिसंबर|दिसम्बर';
/** Also words such as "may" and "march", which are months only beside an ordinal, "of" or a year. */
const ALL_MONTHS = `${CLEAR_MONTHS}|mar(?:ch)?|may|mayo|mares|kartik|shaban`;

const ENGLISH_ORDINALS =
  'first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|' +
  'twentieth|thirtieth|(?:twenty|thirty)[\\s-](?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)';
const ENGLISH_NUMBERS =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|oh';
const HINDI_NUMBERS =
  'ek|do|teen|tin|chaa?r|paanch|panch|chhe|chhah|saat|aath|nau|das|gyarah|barah|baarah|terah|chaudah|pandrah|solah|satrah|atharah|unnees|unnis|bees|ikkees|ikkis|baees|bais|teis|chaubees|pachees|pachis|chhabbis|sattais|atthais|untees|tees|ikattis|' +
  'chalis|chalees|pachas|pachaas|saath|sattar|assi|nabbe|sau|hazaa?r|pachpan|bawan|paintalis|pachattar|pachasi|sattasi|athasi|navasi|[a-z]{2,7}(?:ttar|attar|lees|tees|anve|anwe)|pachanve|bayasi|tirasi|chaurasi|' +
  'एक|दो|तीन|चार|पांच|पाँच|छह|छः|सात|आठ|नौ|दस|ग्यारह|बारह|तेरह|चौदह|पंद्रह|पन्द्रह|सोलह|सत्रह|अठारह|उन्नीस|बीस|इक्कीस|बाईस|तेईस|चौबीस|पच्चीस|छब्बीस|सत्ताईस|अट्ठाईस|उनतीस|तीस|इकतीस|' +
  'चालीस|पचास|साठ|सत्तर|अस्सी|नब्बे|सौ|हज़ार|हजार|[\\p{Script=Devanagari}]{2,8}(?:वन|लीस|सठ|त्तर|आसी|ासी|ानवे)';
const ARABIC_NUMBERS =
  '[\\p{Script=Arabic}]{2,6}(?:تاشر|طاشر|عتاشر|طعش|تعش|ستاشر)|حداشر|اطناشر|اتناشر|واحد|اتنين|اثنين|[إا]ثنين|تلات[هة]?|ثلاث[هة]?|[أا]ربع[هة]?|خمس[هة]?|ست[هة]?|سبع[هة]?|ثمان[يةه]*|تمان[يةه]*|تسع[هة]?|عشر[هة]?|عشرين|عشرون|تلاتين|ثلاثين|[أا]ربعين|خمسين|ستين|سبعين|ثمانين|تمانين|تسعين|مي[هة]|مائ[هة]|مئ[هة]|[\\p{Script=Arabic}]{2,5}م[ا]?ئ[هة]|تسعمائ[هة]|تسعمي[هة]|تسعميت|ألف|الف|ألفين|الفين';
const ARABIC_ORDINALS =
  '(?:ال)?(?:[أا]ول|ثاني?|تاني|ثالث|تالت|رابع|خامس|سادس|سابع|ثامن|تامن|تاسع|عاشر|حادي|واحد)(?:\\s(?:عشرة?|و\\s?(?:ال)?(?:عشرين|عشرون|ثلاثين|ثلاثون)))?|(?:ال)?(?:عشرين|عشرون|ثلاثين|ثلاثون)';

const NUMBER_WORDS = `(?:${ENGLISH_NUMBERS}|${HINDI_NUMBERS}|و?(?:${ARABIC_NUMBERS}))`;
const YEAR = '(?:(?:1[3-9]|20)\\d{2}(?!\\d)(?:\\s?هـ?)?)';
const SPOKEN_YEAR = `${NUMBER_WORDS}(?:[\\s-](?:and\\s)?${NUMBER_WORDS}){1,6}`;
const YEAR_AFTER = `(?:[\\s,،\\-/.]{1,2}(?:(?:of|in|the year|عام|سنة|سنه|साल|सन|san)\\s)?(?:${YEAR}|(?:this|last) year|['’]?\\d{2}(?![\\d/:.%]|\\s?[\\p{L}])|${SPOKEN_YEAR}))`;
const DAY = '\\d{1,2}(?:\\s?(?:st|nd|rd|th))?';
const SPOKEN_DAY = `(?:(?:the|on)\\s)?(?:${ENGLISH_ORDINALS}|${ARABIC_ORDINALS}|(?:${ARABIC_NUMBERS})(?:\\sو\\s?(?:عشرين|عشرون|تلاتين|ثلاثين|ثلاثون))?|${HINDI_NUMBERS}|${ENGLISH_NUMBERS})`;
const OF = '(?:\\s?[\\-/.]\\s?|\\s(?:of\\s|من\\s(?:شهر\\s)?|شهر\\s|तारीख\\s)?)';
const BIRTH =
  'born|dob|d\\.o\\.b|birth\\p{L}*|mawl?oo?u?d|mawaleed|miladi|janm|janam|paida|مواليد|مولود|المولود|ولدت|ولد|ميلاد\\p{L}{0,3}|ال?ولادة|जन्म\\p{M}?\\p{L}{0,5}|पैदा';

/** Dates that identify: a day with its month in figures or words, and all figures after words such as "born". */
export const DATE_RULES: readonly RedactionRule[] = [
  // "जन्म सन उन्नीस सौ अड़तालीस", "janm san 1944"
  [
    'date',
    new RegExp(
      `(?<=${START}(?:${BIRTH})[^\\d\\n]{0,5}\\s)(?:सन|सन्|san|sann|साल|سنة|سنه|عام|year)\\s(?:${YEAR}|${SPOKEN_YEAR})${END}`,
      'giu',
    ),
  ],
  ['date', new RegExp(`${START}${YEAR}\\s(?:${ALL_MONTHS})\\s\\d{1,2}${END}`, 'giu')],
  [
    'date',
    new RegExp(
      `${START}${NO_STREET}${DAY}${OF}(?:${CLEAR_MONTHS})${YEAR_AFTER}?${END}(?!\\s(?:street|st|city|bridge)(?!\\p{L}))`,
      'giu',
    ),
  ],
  ['date', new RegExp(`${START}${DAY}${OF}(?:${ALL_MONTHS})${YEAR_AFTER}${END}`, 'giu')],
  ['date', new RegExp(`${START}(?:\\d{1,2}(?:st|nd|rd|th)\\s(?:of\\s)?|\\d{1,2}\\sof\\s)(?:may|march)${END}`, 'giu')],
  [
    'date',
    new RegExp(`${START}${SPOKEN_DAY}\\s(?:(?:of|من|من شهر)\\s)?(?:${CLEAR_MONTHS})${YEAR_AFTER}?${END}`, 'giu'),
  ],
  ['date', new RegExp(`${START}${SPOKEN_DAY}\\sof\\s(?:may|march)${YEAR_AFTER}?${END}`, 'giu')],
  ['date', new RegExp(`${START}${SPOKEN_DAY}\\s(?:may|march)${YEAR_AFTER}${END}`, 'giu')],
  [
    'date',
    new RegExp(`${START}(?:${ALL_MONTHS})\\s(?:the\\s)?(?:${DAY}|${ENGLISH_ORDINALS})${YEAR_AFTER}${END}`, 'giu'),
  ],
  [
    'date',
    new RegExp(
      `${START}(?:${CLEAR_MONTHS})\\s(?:the\\s)?\\d{1,2}(?:st|nd|rd|th)?(?![\\d/:.%]|\\s?(?:mg|g|ml|kg|am|pm|days|weeks)\\b)${END}`,
      'giu',
    ),
  ],
  [
    'date',
    new RegExp(
      `(?<!\\d)(?=\\d)(?<=${START}(?:${BIRTH})[^\\d\\n]{0,20})\\d{1,4}[-/.\\s]\\d{1,2}(?:[-/.\\s]\\d{1,4})?(?!\\d|\\s?(?:kg|kilo|gram|g|lb|किलो|ग्राम|كيلو|كجم|جرام)(?![\\p{L}\\p{M}]))`,
      'giu',
    ),
  ],
];
