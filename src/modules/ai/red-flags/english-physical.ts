import { SUDDEN, MUCH, BLOOD, TAKEN, PILLS, YOUNG, PREGNANT } from './english-fragments.js';
import { rules } from './rule.js';

/** English rules for the red flags that are not in english-neurological.ts. */
export const BREATHING = [
  // A reading of the oximeter below 90 %.
  ...rules(
    'BREATHING',
    'SYMPTOM',
    '(?:\\b(?:oxygen|o2|spo2|sp02|sats?|saturations?|oximeter))(?: [^ |\\d]+){0,4} [5-8]\\d(?![\\d·])',
  ),
  ...rules(
    'BREATHING',
    'PHRASE',
    '\\b(?:cant|cannot|can not|couldnt|unable to|not able to|can barely|can hardly) ~2 (?:breathe?|breathing|get ~1 air|catch ~1 breath|inhale)\\b',
    '\\b(?:not|stopped|isnt|hardly|barely) breathing\\b',
    '\\b(?:cant|cannot) get ~1 air\\b',
  ),
  ...rules(
    'BREATHING',
    'SYMPTOM',
    '\\b(?:difficult\\w*|trouble|problems?|struggl\\w*|hard|fighting|short|shortness|out) (?:in |with |of |to |while )?(?:breathe?|breathing)\\b(?! through ~1 nose)',
    '\\b(?:breath|breathing) ~3 (?:hard|difficult|short|heavy|laboured|labored)\\b',
    '\\b(?:struggling|fighting|gasping) for ~1 (?:air|breath)\\b',
    '\\b(?:breathless|breathlessness|gasping|suffocating|choking|choked)\\b',
    '\\b(?:lips?|face|fingers|skin|he|she|baby) ~4 (?:blue|bluish|purple)\\b',
    '\\b(?:turning|turned|going|goes|went) (?:blue|grey|gray|purple)\\b',
    '\\bwheez\\w* ~2 (?:badly|bad|a lot|lips)\\b',
    '\\b(?:severe|bad) asthma\\b',
    '\\basthma attack\\b',
    '\\binhaler ~2 (?:not|isnt|doesnt)\\b',
  ),
];

export const CHEST_PAIN = [
  ...rules(
    'CHEST_PAIN',
    'SYMPTOM',
    '\\bchest ?p(?:ai|ia)n\\w*',
    '\\bchest\\b ~4 (?:pains?|pian|hurt\\w*|ach\\w+|tight\\w*|pressure|heav\\w*|crush\\w*|squeez\\w*|burn\\w*|discomfort|elephant|stab\\w*)\\b',
    '\\b(?:pains?|pian|hurts?|pressure|tight\\w*|crush\\w*|squeez\\w*|heav\\w*|discomfort|stabbing|ache) ~5 chest\\b(?! x ?ray| clinic| scan| ct)',
    '\\bpain\\b ~5 (?:jaw|left arm)\\b',
    '\\b(?:jaw|left arm) ~2 (?:and|with) ~2 (?:jaw|left arm|chest)\\b',
    '\\b(?:breastbone|sternum)\\b',
    '\\b(?:holding|clutching|grabbing) ~1 chest\\b',
    '\\bcold sweats? ~3 (?:pain|pressure|chest)\\b|\\b(?:pain|pressure|chest)\\b…40\\bcold sweat',
    '\\bcardiac arrest\\b',
  ),
  ...rules('CHEST_PAIN', 'PHRASE', '\\bnever ~4 chest ~2 (?:like this|this bad|so bad)\\b'),
  ...rules('CHEST_PAIN', 'CONDITION', '\\bheart attack\\b'),
];

export const ALLERGY = [
  ...rules(
    'ALLERGY',
    'SYMPTOM',
    '\\b(?:throat|tongue|lips?|face|airway)\\b ~5 (?:swell\\w*|swollen|clos\\w+|puff\\w*|tight\\w*)\\b',
    '\\b(?:swell\\w*|swollen|puffy) ~4 (?:throat|tongue|lips?|face)\\b',
    '\\b(?:severe|serious|bad) allergic\\b',
    '\\ballergic reaction ~3 (?:worse|spreading|breath\\w*|throat)\\b',
  ),
  ...rules('ALLERGY', 'CONDITION', '\\banaphyla\\w*'),
];

export const POISONING = [
  ...rules(
    'POISONING',
    'SYMPTOM',
    `\\b(?:too many|whole|entire|handful of|bottle of|strip of|\\d{2,}) ~3 ${PILLS}\\b`,
    `\\b${TAKEN} (?:all|too much) ~3 (?:${PILLS}|insulin)\\b`,
    `\\b(?:child|son|daughter|toddler|baby|kid|boy|girl|grandson|granddaughter) ~2 ${TAKEN} ~5 ${PILLS}\\b`,
    '\\b(?:double|triple|wrong) dose ~1 (?:insulin|heart|warfarin|morphine|blood)\\b',
    '\\b(?:carbon monoxide|gas leak|chemical (?:splash|burn)\\w*)\\b',
    '\\b(?:chemical|acid|bleach|lime|cement) ~3 eyes?\\b|\\beyes? ~3 (?:chemical|acid|bleach|lime|cement)\\b',
    `\\b${TAKEN} ~4 (?:battery|magnets?|bleach|poison|pesticide|insecticide|kerosene|acid|detergent|petrol|phenyl|cleaner)\\b`,
    `\\b${TAKEN} everything (?:in|from) (?:the|my|his|her) (?:medicine )?(?:cabinet|cupboard|drawer|box)\\b`,
    '(?<!food )\\bpoison(?:ed|ing)\\b',
    '\\b(?:snake|scorpion|viper|cobra) ?(?:bite|bit|bitten|sting|stung)\\b',
    '\\b(?:bitten|stung) by ~1 (?:snake|scorpion|viper|cobra)\\b',
  ),
  ...rules('POISONING', 'CONDITION', '\\boverdos\\w*'),
];

export const PREGNANCY = rules(
  'PREGNANCY',
  'SYMPTOM',
  `\\b${PREGNANT}\\b.{0,60}\\b(?:${BLOOD}|waters? (?:broke|broken)|(?:stopped|not) moving|seeing spots)\\b`,
  `\\b${BLOOD}\\b.{0,40}\\b${PREGNANT}\\b`,
  `\\b(?:severe|bad|terrible|strong) (?:headache|pain)\\b.{0,40}\\b${PREGNANT}\\b`,
  '\\bwaters? (?:broke|broken|has broken|have broken)\\b',
);

export const FETAL_MOVEMENT = rules(
  'PREGNANCY',
  'PHRASE',
  '\\bbaby ~3 (?:not|stopped|isnt) ~1 (?:moving|kicking)\\b',
  '\\b(?:havent|have not|cant|cannot|dont|do not|not) ~1 (?:felt|feel|feeling) ~3 (?:baby|kicks?|movements?)\\b',
);

export const INFANT = rules(
  'INFANT',
  'SYMPTOM',
  `\\b${YOUNG}\\b.{0,60}\\b(?:fever|feverish|temperature|hot|floppy|limp|lethargic|38|39|40|(?:wont|not|isnt|doesnt) (?:feed|feeding|wake|waking|eat|eating))\\b`,
  `\\b(?:fever|temperature|limp|floppy)\\b.{0,30}\\b${YOUNG}\\b`,
);

export const BLEEDING = [
  ...rules(
    'BLEEDING',
    'SYMPTOM',
    `\\b${BLOOD} ~5 (?:wont stop|not stop\\w*|doesnt stop|a lot|heavily|badly|pouring|gushing|spurting|everywhere|nonstop|profusely)\\b`,
    `\\b${MUCH} ~2 ${BLOOD}\\b`,
    `\\b${BLOOD} ~2 (?:head|neck|ears?|gushing|pouring)\\b`,
    '\\b(?:vomit\\w*|throw\\w* up|threw up|cough\\w*|spit\\w*|puk\\w*) ~5 blood\\b',
    '\\bblood ~3 (?:vomit|puke|sputum|urine)\\b',
    '\\b(?:stools?|poop?) ~4 (?:black|tarry|tar)\\b',
    '\\b(?:black|tarry) ~2 (?:stools?|poo|poop)\\b',
  ),
  ...rules(
    'BLEEDING',
    'PHRASE',
    '\\b(?:cant|cannot) stop ~2 bleed\\w*\\b',
    '\\bbl(?:oo|ee)d\\w*\\b…30\\bwont stop\\b',
    '\\b(?:wont|doesnt|does not|not) stop bleeding\\b',
    '\\bsoak\\w* ~2 (?:pads?|towels?|bandages?)\\b',
  ),
];

export const TRAUMA = rules(
  'TRAUMA',
  'SYMPTOM',
  '\\b(?:severe|serious|bad|third degree|large|deep) (?:burns?|burnt|wound)\\b',
  '\\b(?:burn(?:ed|t)|scalded) ~5 (?:boiling|water|oil|fire|acid|face|chest|steam)\\b',
  '\\b(?:boiling|scalding) (?:water|oil|tea|soup|milk) ~5 (?:spilled|spilt|fell|over|on|skin)\\b',
  '\\b(?:electric\\w* shock|electrocuted|drown\\w*|run over|gun ?shot|shot in|stabbed|amputated|head injury)\\b',
  '\\b(?:car|road|bike|motorcycle|traffic) (?:accident|crash)\\b',
  '\\bhit by (?:a|the) (?:car|truck|bus|bike|train|motor ?bike|motorcycle|scooter|van)\\b',
  '\\bbone ~3 (?:sticking|out|through)\\b',
  '\\b(?:fell|fallen) ~4 (?:roof|ladder|height|head|balcony|window|floor|stairs)\\b',
  '\\bhit (?:his|her|my|the) head\\b',
  '\\bskin ~2 (?:coming off|peeling off)\\b',
);

export const OTHER = rules(
  'OTHER',
  'SYMPTOM',
  '\\b(?:sugar|glucose) ~3 [1-4]?\\d\\b(?! ?[\\d·]).{0,40}\\b(?:confus\\w*|shak\\w*|sweat\\w*|faint\\w*|drowsy)\\b',
  '\\bsevere (?:abdominal|stomach|belly) pain\\b',
  `\\b(?:testicles?|testis|testicular)\\b…40\\b(?:sudden\\w*|severe|lots?)\\b|\\b${SUDDEN} ~4 (?:testicles?|testicular)\\b`,
  '\\b(?:unable to|cant|cannot) (?:pee|urinate)\\b…40\\b(?:numb|legs?|back)\\b',
);
