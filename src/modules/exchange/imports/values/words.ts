import { normalizeHeader } from '../mapping/column-mapping.js';

/** The words for a value, in the languages of headers. */
type Words = Readonly<Record<string, string>>;

const SEX: Words = {
  FEMALE: 'female|f|w|woman|girl|أنثى|انثي|امرأة|बालिका|महिला|स्त्री|weiblich|frau|mujer|femenino|femme|féminin',
  MALE: 'male|m|man|boy|ذكر|رجل|पुरुष|männlich|mann|hombre|masculino|varón|homme|masculin',
  OTHER: 'other|diverse|x|آخر|अन्य|divers|otro|autre',
  UNKNOWN: 'unknown|u|غير معروف|अज्ञात|unbekannt|desconocido|inconnu',
};

const MODE: Words = {
  IN_PERSON:
    'in person|onsite|on site|clinic|office|حضوري|في العيادة|व्यक्तिगत|vor ort|praxis|presencial|sur place|cabinet',
  VIDEO:
    'video|online|remote|telehealth|virtual|فيديو|عن بعد|वीडियो|ऑनलाइन|videosprechstunde|telemedicina|téléconsultation|visio',
};

const STATUS: Words = {
  PENDING: 'pending|requested|awaiting confirmation|معلق|लंबित|ausstehend|pendiente|en attente',
  CONFIRMED:
    'confirmed|booked|scheduled|accepted|upcoming|planned|مؤكد|محجوز|पुष्ट|bestätigt|gebucht|confirmada|confirmado|confirmé',
  COMPLETED:
    'completed|done|seen|finished|attended|past|مكتمل|تمت|पूर्ण|abgeschlossen|erledigt|completada|realizada|terminé|effectué',
  CANCELLED: 'cancelled|canceled|ملغي|ملغى|रद्द|storniert|abgesagt|cancelada|cancelado|annulé',
  NO_SHOW: 'no show|noshow|missed|absent|لم يحضر|अनुपस्थित|nicht erschienen|no presentado|ausente|absent|non présenté',
};

/** Full and short names; ISO 8601 numbers, of which 0 is a Sunday too. */
const WEEKDAY: Words = {
  1: '1|monday|mon|الاثنين|الإثنين|सोमवार|montag|mo|lunes|lun|lundi',
  2: '2|tuesday|tue|tues|الثلاثاء|मंगलवार|dienstag|di|martes|mardi',
  3: '3|wednesday|wed|الأربعاء|बुधवार|mittwoch|mi|miércoles|mié|mercredi',
  4: '4|thursday|thu|thur|thurs|الخميس|गुरुवार|बृहस्पतिवार|donnerstag|do|jueves|jue|jeudi',
  5: '5|friday|fri|الجمعة|शुक्रवार|freitag|fr|viernes|vie|vendredi',
  6: '6|saturday|sat|السبت|शनिवार|samstag|sonnabend|sa|sábado|sáb|samedi',
  7: '7|0|sunday|sun|الأحد|रविवार|sonntag|so|domingo|dom|dimanche',
};

const toLookup = (words: Words): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(words).flatMap(([value, names]) => names.split('|').map((name) => [normalizeHeader(name), value])),
  );

const LOOKUPS = {
  sex: toLookup(SEX),
  mode: toLookup(MODE),
  status: toLookup(STATUS),
  weekday: toLookup(WEEKDAY),
} as const;

export type WordType = keyof typeof LOOKUPS;

/** The values of each type, for messages. */
export const WORD_VALUES: Readonly<Record<WordType, readonly string[]>> = {
  sex: Object.keys(SEX),
  mode: Object.keys(MODE),
  status: Object.keys(STATUS),
  weekday: Object.keys(WEEKDAY),
};

/** The value that a word means; undefined if it is unknown. */
export const parseWord = (type: WordType, typed: string): string | undefined =>
  LOOKUPS[type].get(normalizeHeader(typed));
