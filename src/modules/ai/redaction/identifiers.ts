import type { RedactionRule } from './rules.js';
import { END, START } from './word-borders.js';

/** Words before a number that identifies a person, a record or a contract. */
const LABELS =
  'mrn|mrd|mr no|uhid|cr no|nhs|hospital|medical record|record|chart|file|patient|case|member(?:ship)?|policy|insurance|bima|beema|health card|ration card|card|kaar?d|account|a\\/c|acc(?:oun)?t|khata|iban|' +
  'iqama|i2ama|passport|pasport|aadhaa?r|adhaa?r|pan|abha|voter(?: id)?|driving licen[cs]e|licen[cs]e|emirates id|civil id|national id|qid|id|e?id card|ssn|social security|nino|ni number|student id|employee|emp|' +
  'medicare|medicaid|barcode|pension|ayushman|pmjay|bpl|lic|enrol(?:l?ment)?|roll|serial|batch|tracking|docket|opd|ipd|lab|parcha|parchi|rasid|raseed|kagaz|kart|el ?kart|7agz|el 7agz|hagz|certificate|visa|permit|badge|account number|number|' +
  'ticket|token|receipt|slip|invoice|bill|booking|reference|ref|appointment|sample|claim|order|registration|reg|ra2m el malaf|rakam el malaf|malaf|el bita2a|bita2a|hawiya|' +
  'رقم(?:\\s[\\p{L}]{2,}){0,2}|ملف[يه]?|ملفي|هويت[يه]|الهوية|هوية|[إا]قامت?[يهة]?|ال[إا]قامة|جواز\\p{L}*(?: السفر)?|بطاقت?[يهة]?|البطاقة|ت[أا]مين\\p{L}*|الت[أا]مين|بوليصة|حساب\\p{L}*|[آا]يبان|التذكرة|تذكرة|كارت|الكارت|كرت|الكرت|الحجز|الطلب|طلب رقم|الفاتورة|فاتورة|[إا]يصال|ال[إا]يصال|الوصل|شهادة|الشهادة|سجل|السجل|العضوية|عضوية|رخصة|الرخصة|الملف|تصريح|التصريح|ت[أا]شيرة|المطالبة|مطالبة|الجلسة|الكود|كود|الكشف|العينة|' +
  'आधार(?: कार्ड)?|पैन|पासपोर्ट|फ़?ाइल|फाइल|फ़ाइल|रिकॉर्ड|केस|कार्ड|पॉलिसी|बीमा|खाता|खाते|पर्ची|स्लिप|रसीद|टोकन|मरीज़?|आईडी|यूएचआईडी|एमआरएन|एमआरडी|पहचान(?: पत्र)?|वोटर|राशन|रजिस्ट्रेशन|पंजीकरण|पंजीयन|पर्चा|दाखिला|भर्ती|ओपीडी|आईपीडी|लाइसेंस|एबीएचए|आभा|आयुष्मान|पेंशन|बिल|क्लेम|संख्या|नंबर|नम्बर|क्रमांक';
const FILLER =
  '(?:number|numb|no|nr|num|id|is|was|says|under|ka|ki|hai|he|h|نمبر|رقم|رقمه|رقمها|رقمي|هو|هي|नंबर|नम्बर|संख्या|नं|क्रमांक|आईडी|है|का)';
/** Four or more digits, or letters with digits, in groups. A group of less than two digits ends it. */
const VALUE =
  '#?(?=(?:[^\\s\\d]{0,8}[\\s/_.-]?){0,3}(?:[\\s/_.-]{0,1}[\\p{L}]?\\d){3})(?:(?:[A-Z]{1,6}|\\p{L})[\\s/_.-]{0,1}(?:[A-Z]{1,4}[/_.-])?)?\\d[\\p{L}\\d]*(?:[\\s/_.-]{1,2}\\d[\\p{L}\\d]+|[/_.-]\\d)*(?:[\\s-]\\p{L})?';
const NOT_CLINICAL =
  '(?!\\s?(?:mg|mcg|ml|g|kg|days?|weeks?|months?|years?|am|pm|%|mmhg|ملغ|مجم|مل|يوم|सप्ताह|दिन|साल|मिग्रा))';

/** Applied before the patterns of cards, which would leave the letters. */
export const IBAN_RULES: readonly RedactionRule[] = [
  ['id', /\b[A-Z]{2}\d{2}(?:\s?[A-Z\d]{4}){2,7}(?:\s?[A-Z\d]{1,4})?\b/gu],
];

/** Numbers with their label, and words of letters and digits. Medical words such as "HbA1c" and "B12" have fewer digits. */
export const IDENTIFIER_RULES: readonly RedactionRule[] = [
  [
    'id',
    new RegExp(
      `(?<![\\p{L}\\p{M}\\p{N}])(?=[#\\p{L}\\d])(?<=${START}(?:${LABELS})(?:[\\s:.#()،,-]{1,3}${FILLER}){0,3}[\\s:.#(-]{0,3})${VALUE}${END}${NOT_CLINICAL}`,
      'giu',
    ),
  ],
  [
    'id',
    new RegExp(
      `${START}#?[A-Z]{1,6}(?:[/.-][A-Z]{1,5})?[/.-]?(?=(?:[/.-]?[A-Z]?\\d){4})\\d+[A-Z]?(?:[/.-][\\dA-Z]+)*${END}`,
      'gu',
    ),
  ],
  ['id', new RegExp(`${START}#?[a-z]{1,4}(?:[/-](?=(?:[/.-]?\\d){4})\\d+|\\d{5,})(?:[/.-][\\da-z]+)*${END}`, 'gu')],
];
