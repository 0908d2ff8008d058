import { pattern, rules, type Lexicon } from './rule.js';

const CANT =
  '(?:cant|cannot|can not|could not|couldnt|can barely|can hardly|unable to|not able to|isnt able to|wont|will not|doesnt|does not|not)';
const SUDDEN = '(?:sudden|suddenly|all of a sudden|abrupt|abruptly|out of nowhere|ago|woke up|just now)';
const LIMB = '(?:arms?|hands?|legs?|foot|feet|fingers|side|face|body|limbs?)';
const MUCH =
  '(?:heavy|heavily|severe|severely|lots? of|a lot of|massive|profuse|profusely|so much|too much|pouring|gushing|spurting)';
const BLOOD = '(?:bleed|bleeding|bleeds|bled|blood(?! test| pressure| sugar| group| work| report| count| donation))';
const TAKEN = '(?:swallowed|swallow|swallowing|drank|drunk|drink|drinking|ate|eaten|ingested|took|taken|had)';
const PILLS = '(?:pills?|tablets?|capsules?|paracetamol|panadol|sleeping|medicines?|meds|aspirin)';
const YOUNG =
  '(?:newborn|new born|infant|babys?|(?:\\d|1\\d|one|two|three|four|five|six|seven|eight) ?(?:days?|weeks?|wks?) old|(?:1|2|3|one|two|three) months? old)';
const PREGNANT = '(?:pregnan(?:t|cy)|trimester|weeks along)';

const STROKE = [
  ...rules(
    'STROKE',
    'SIGN',
    '\\b(?:face|mouth|smile|eyelid|lips?) ~4 (?:droop\\w*|crooked|lopsided|twisted|sagg\\w*|uneven|numb|tingling|paraly[sz]\\w*|weird|fallen)\\b',
    '\\b(?:droop\\w*|crooked|lopsided|twisted|numb) ~2 (?:face|mouth|smile)\\b',
    '\\b(?:speech|words|talking|talks|speaking|speaks|sentences?|voice) ~5 (?:slurr\\w*|strange|strangely|weird|weirdly|jumbled|garbled|gibberish|nonsense|no sense|mumbl\\w*|unclear|thick)\\b',
    '\\bslurr(?:ed|ing|y)\\b',
    '\\b(?:talking|speaking|saying) ~1 (?:nonsense|gibberish)\\b',
    '\\b(?:numb|numbness|weak|weakness|paraly[sz]ed|paralysis|tingling|heavy|dead|limp) ~4 (?:one|left|right|half|arm|leg|hand|face)\\b',
    `\\b(?:left|right|one|half|my|his|her|their) ~3 ${LIMB} ~4 (?:numb|weak|paraly[sz]ed|tingling|dead|limp|gone numb)\\b`,
    '\\b(?:lost|loss of|losing) ~3 (?:vision|sight|eyesight|balance|coordination|speech)\\b',
    '\\b(?:double vision|(?:see|seeing|sees) double|gone blind|went blind)\\b',
    `\\b${SUDDEN} ~4 (?:blind|blurry|dizz\\w*|vertigo|confus\\w*|disoriented|numb|weak\\w*)\\b`,
    '\\b(?:dizz\\w*|vertigo|room is spinning|spinning)\\b…50\\b(?:walk|falling|fall|stand|numb|one side)\\b',
    '\\bconfused ~1 (?:doesnt|does not|cant|cannot)\\b',
    '\\b(?:doesnt|does not) know where (?:he|she|they)\\b',
  ),
  ...rules(
    'STROKE',
    'SURE',
    `\\b${CANT} ~2 (?:lift|raise|move|feel|hold|use) ~4 (?:${LIMB}|cup|spoon)\\b`,
    `\\b${CANT} ~1 smile\\b`,
    `\\b(?:${LIMB}) ${CANT} ~1 (?:move|moving|work|working|lift)\\b`,
    `\\b(?:face|side) ~3 not moving\\b`,
    `\\bneither ~1 ${LIMB} nor ~1 ${LIMB} (?:move|moves|work|works)\\b`,
    `\\b(?:cant|cannot|can not|couldnt|unable to|not able to) ~1 (?:speak|talk|say anything|find words|get (?:the|his|her|my) words)\\b(?! to| with| on| about| (?:any )?(?:english|arabic|hindi|french|your|the language))`,
    `\\b${SUDDEN} ~2 (?:cant|cannot) see\\b`,
    '\\b(?:cant|cannot) see ~5 eyes?\\b',
  ),
  ...rules(
    'STROKE',
    'NAME',
    '\\b(?:having|suffering|think\\w*|its|is this|this is|might be|could be|maybe|just had|has had|have had|had|have|has|getting|symptoms? of|signs? of) ~3 (?:mini ?)?stroke\\b(?! clinic| cent| unit| specialist| doctor| history| risk)',
    // A word alone, or "my father stroke help".
    '^ (?:stroke|brain attack) $',
    '\\bstroke ~2 (?:help|please|emergency|now)\\b',
    '\\bbrain attack\\b',
  ),
];

const BREATHING = [
  ...rules(
    'BREATHING',
    'SURE',
    '\\b(?:cant|cannot|can not|couldnt|unable to|not able to|can barely|can hardly) ~2 (?:breathe?|breathing|get ~1 air|catch ~1 breath|inhale)\\b',
    '\\b(?:not|stopped|isnt|hardly|barely) breathing\\b',
    '\\b(?:cant|cannot) get ~1 air\\b',
  ),
  ...rules(
    'BREATHING',
    'SIGN',
    '\\b(?:difficult\\w*|trouble|problems?|struggl\\w*|hard|fighting|short|shortness|out) (?:in |with |of |to |while )?(?:breathe?|breathing)\\b(?! through ~1 nose)',
    '\\b(?:breath|breathing) ~3 (?:hard|difficult|short|heavy|laboured|labored)\\b',
    '\\b(?:struggling|fighting|gasping) for ~1 (?:air|breath)\\b',
    '\\b(?:breathless|breathlessness|gasping|suffocating|choking|choked)\\b',
    '\\b(?:lips?|face|fingers|skin|he|she|baby) ~4 (?:blue|bluish|purple)\\b',
    '\\bwheez\\w* ~2 (?:badly|bad|a lot|lips)\\b',
    '\\b(?:severe|bad) asthma\\b',
    '\\basthma attack\\b',
    '\\binhaler ~2 (?:not|isnt|doesnt)\\b',
  ),
];

const BLEEDING = [
  ...rules(
    'BLEEDING',
    'SIGN',
    `\\b${BLOOD} ~5 (?:wont stop|not stop\\w*|doesnt stop|a lot|heavily|badly|pouring|gushing|spurting|everywhere|nonstop|profusely)\\b`,
    `\\b${MUCH} ~2 ${BLOOD}\\b`,
    `\\b${BLOOD} ~2 (?:head|neck|ears?|gushing|pouring)\\b`,
    '\\b(?:vomit\\w*|throw\\w* up|threw up|cough\\w*|spit\\w*|puk\\w*) ~5 blood\\b',
    '\\bblood ~3 (?:vomit|puke|sputum|urine)\\b',
    '\\b(?:stools?|poop?) ~4 (?:black|tarry|tar)\\b',
  ),
  ...rules('BLEEDING', 'SURE', '\\b(?:cant|cannot) stop ~2 bleed\\w*\\b', '\\bblood\\b…30\\bwont stop\\b'),
];

const UNCONSCIOUS = rules(
  'UNCONSCIOUS',
  'SIGN',
  '\\b(?:unconscious|unresponsive|lifeless|comatose|no pulse|out cold)\\b',
  '\\b(?:passed|passing|passes|blacked|blacking) out\\b',
  '\\b(?:collapsed|fainted|fainting|faints)\\b',
  '\\blost consciousness\\b',
).concat(
  rules(
    'UNCONSCIOUS',
    'SURE',
    '(?<!\\b(?:app|site|website|page|link|system|phone|computer|it) (?:is )?)\\b(?:not|isnt|doesnt|wont|does not) (?:respond\\w*|wak\\w* up|wake|waking|reacting)\\b(?! to ~1 (?:e ?mails?|messages?|calls?|texts?)\\b)',
    '\\b(?:cant|cannot|unable to) wake\\b',
  ),
);

const SEIZURE = [
  ...rules(
    'SEIZURE',
    'SIGN',
    '\\b(?:convuls\\w*|having a fit|fits? right now|is fitting)\\b',
    '\\bshak\\w+ (?:uncontroll\\w*|all over|violently)\\b',
    '\\beyes? ~2 roll\\w*\\b',
  ),
  ...rules('SEIZURE', 'SIGN', '\\b(?:having|has|had) (?:fits|a fit|convulsions)\\b'),
  ...rules('SEIZURE', 'NAME', '\\bseizures?\\b', '\\bepileptic (?:fit|attack)\\b'),
];

const ALLERGY = [
  ...rules(
    'ALLERGY',
    'SIGN',
    '\\b(?:throat|tongue|lips?|face|airway)\\b ~5 (?:swell\\w*|swollen|clos\\w+|puff\\w*|tight\\w*)\\b',
    '\\b(?:swell\\w*|swollen|puffy) ~4 (?:throat|tongue|lips?|face)\\b',
    '\\b(?:severe|serious|bad) allergic\\b',
  ),
  ...rules('ALLERGY', 'NAME', '\\banaphyla\\w*'),
];

const SELF_HARM = [
  ...rules(
    'SELF_HARM',
    'SURE',
    '\\bkill (?:my ?self|him ?self|her ?self)\\b',
    '\\b(?:end|ending|take|taking|ended) (?:my|his|her|my own|his own|her own) life\\b',
    '\\b(?:end|ending) it all\\b',
    '\\b(?:want|wanna|going|ready) to end it(?= \\|| $| now| tonight| today)',
    '\\b(?:want|wanna|wish|going|planning|ready|rather|thinking) ~3 (?:die|dead)\\b(?! (?:my|the|her|his) hair)',
    '\\b(?:dont|do not|no longer|not|cant|cannot) ~2 (?:want|wish|wanna) ~1 (?:live|be alive|exist|wake up)\\b',
    '\\b(?:dont|do not|no longer|not|cant|cannot) ~2 (?:want|wish|wanna|going) ~1 (?:go on|be here)\\b(?! (?:on|at|in|for|next|till|until|before|after|mon|tues|wednes|thurs|fri|satur|sun|the|a) ?)',
    '\\b(?:hang|hanging|shoot|drown|unalive) (?:my ?self|him ?self|her ?self)\\b',
    '\\bjump(?:ing)? (?:off|from|out of|in front of) ~2 (?:bridge|roof|building|balcony|window|train|cliff)\\b',
    '\\bdisappear (?:forever|for ever)\\b',
    '\\b(?:kms|unalive)\\b',
    '\\b(?:no reason to live|not worth living|better off (?:without me|dead|if i))\\b',
    '\\b(?:hurt|hurting|harm|harming|cut|cutting) (?:my|him|her) ?self\\b(?! (?:while|shaving|cooking|on|with a (?:can|tin)))',
    '\\bcut ~2 (?:wrists?|veins?)\\b',
  ),
  ...rules('SELF_HARM', 'NAME', '\\bsu[i1]+cid\\w*', '\\bself ?harm\\w*'),
];

const POISONING = [
  ...rules(
    'POISONING',
    'SIGN',
    `\\b(?:too many|whole|entire|handful of|bottle of|strip of|\\d{2,}) ~3 ${PILLS}\\b`,
    `\\b${TAKEN} (?:all|too much) ~3 (?:${PILLS}|insulin)\\b`,
    `\\b${TAKEN} ~4 (?:battery|magnets?|bleach|poison|pesticide|insecticide|kerosene|acid|detergent|petrol|phenyl|cleaner)\\b`,
    '(?<!food )\\bpoison(?:ed|ing)\\b',
    '\\b(?:snake|scorpion|viper|cobra) ?(?:bite|bit|bitten|sting|stung)\\b',
    '\\b(?:bitten|stung) by ~1 (?:snake|scorpion|viper|cobra)\\b',
  ),
  ...rules('POISONING', 'NAME', '\\boverdos\\w*'),
];

const PREGNANCY = rules(
  'PREGNANCY',
  'SIGN',
  `\\b${PREGNANT}\\b.{0,60}\\b(?:${BLOOD}|waters? (?:broke|broken)|(?:stopped|not) moving|seeing spots)\\b`,
  `\\b${BLOOD}\\b.{0,40}\\b${PREGNANT}\\b`,
  `\\bbaby ~3 (?:not|stopped|isnt) ~1 (?:moving|kicking)\\b`,
  '\\bwaters? (?:broke|broken|has broken|have broken)\\b',
);

const INFANT = rules(
  'INFANT',
  'SIGN',
  `\\b${YOUNG}\\b.{0,60}\\b(?:fever|feverish|temperature|hot|floppy|limp|lethargic|38|39|40|(?:wont|not|isnt|doesnt) (?:feed|feeding|wake|waking|eat|eating))\\b`,
  `\\b(?:fever|temperature|limp|floppy)\\b.{0,30}\\b${YOUNG}\\b`,
);

const TRAUMA = rules(
  'TRAUMA',
  'SIGN',
  '\\b(?:severe|serious|bad|third degree|large|deep) (?:burns?|burnt|wound)\\b',
  '\\b(?:burn(?:ed|t)|scalded) ~5 (?:boiling|water|oil|fire|acid|face|chest|steam)\\b',
  '\\b(?:boiling|scalding) (?:water|oil|tea|soup|milk) ~5 (?:spilled|spilt|fell|over|on|skin)\\b',
  '\\b(?:electric\\w* shock|electrocuted|drown\\w*|run over|gun ?shot|shot in|stabbed|amputated|head injury)\\b',
  '\\b(?:car|road|bike|motorcycle|traffic) (?:accident|crash)\\b',
  '\\bhit by (?:a|the) (?:car|truck|bus|bike|train)\\b',
  '\\bbone ~3 (?:sticking|out|through)\\b',
  '\\b(?:fell|fallen) ~4 (?:roof|ladder|height|head|balcony|window|floor)\\b',
  '\\bhit (?:his|her|my|the) head\\b',
  '\\bskin ~2 (?:coming off|peeling off)\\b',
);

const HEADACHE = rules(
  'HEADACHE',
  'SIGN',
  '\\b(?:sudden|suddenly|thunderclap|worst|explosive) ~4 head ?aches?\\b',
  '\\bhead ?ache ~6 (?:sudden|suddenly|thunderclap|worst|my life)\\b',
  '\\b(?:stiff neck|neck ~2 stiff)\\b.{0,50}\\b(?:fever|rash|light|headache)\\b',
  '\\bfever\\b.{0,50}\\b(?:stiff neck|neck ~2 stiff)\\b',
  '\\brash ~4 (?:fade|pressed|glass)\\b',
);

const CHEST_PAIN = [
  ...rules(
    'CHEST_PAIN',
    'SIGN',
    '\\bchest ?p(?:ai|ia)n\\w*',
    '\\bchest\\b ~4 (?:pains?|pian|hurt\\w*|ach\\w+|tight\\w*|pressure|heav\\w*|crush\\w*|squeez\\w*|burn\\w*|discomfort|elephant|stab\\w*)\\b',
    '\\b(?:pains?|pian|hurts?|pressure|tight\\w*|crush\\w*|squeez\\w*|heav\\w*|discomfort|stabbing|ache) ~5 chest\\b(?! x ?ray| clinic| scan| ct)',
    '\\bpain\\b ~5 (?:jaw|left arm)\\b',
    '\\bcardiac arrest\\b',
  ),
  ...rules('CHEST_PAIN', 'SURE', '\\bnever ~4 chest ~2 (?:like this|this bad|so bad)\\b'),
  ...rules('CHEST_PAIN', 'NAME', '\\bheart attack\\b'),
];

const OTHER = rules(
  'OTHER',
  'SIGN',
  '\\b(?:sugar|glucose) ~3 [1-4]?\\d\\b(?! ?[\\d·]).{0,40}\\b(?:confus\\w*|shak\\w*|sweat\\w*|faint\\w*|drowsy)\\b',
  '\\bsevere (?:abdominal|stomach|belly) pain\\b',
);

export const ENGLISH: Lexicon = {
  language: 'en',
  rules: [
    ...SELF_HARM,
    ...STROKE,
    ...BREATHING,
    ...UNCONSCIOUS,
    ...CHEST_PAIN,
    ...SEIZURE,
    ...ALLERGY,
    ...POISONING,
    ...PREGNANCY,
    ...INFANT,
    ...BLEEDING,
    ...TRAUMA,
    ...HEADACHE,
    ...OTHER,
  ],
  // Goes over "or", never over "and": "no chest pain or cough", but "I do not feel well and my chest hurts".
  negatedBefore:
    / (?:no(?! one| idea| doubt| matter)|not(?! sure| only| just| able| well| good| ok| okay| fine| normal| feeling)|without(?! (?:any )?(?:warning|reason|cause))|never(?! (?:\w+ )?(?:such|so|like|this)\b)|denies|dont(?! know| feel)|doesnt(?! feel)|havent|hasnt|didnt|nor|free of)(?: (?!(?:and|but|because|only|just|since|then|however|except|cause|due|with|like|such|this|that|suddenly|now|after|until|when|while) )[^ |]+){0,5} ?$/u,
  negatedAfter: null,
  longPast: pattern(
    ' (?:last (?:year|month|week|summer|winter)|(?:years?|months?|decades?) (?:ago|back)|in (?:19|20)\\d\\d|childhood|as a child|when (?:i|he|she) was (?:a|an|young|little|small|born|in|\\d+|five|six|seven|eight|nine|ten) |in the past(?! (?:\\d|few|couple|hours?|minutes?|days?|half|two|three|night))|previously(?! (?:healthy|well|fine|fit|normal))|history of|used to (?:have|get|suffer|be)(?! (?:fine|healthy|well|ok|okay|normal|fit)))\\b',
  ),
  now: pattern(
    ' (?:again|now|today|tonight|this (?:morning|evening|afternoon)|(?:minutes?|hours?) ago|just|currently|still|suddenly|sudden|started|starting|starts|came back|is back|keeps) ',
  ),
  asking: pattern(
    ' (?:what (?:is|are|causes)|how (?:to|can one|do you|does|can i (?:prevent|avoid|recogni[sz]e|tell))|if (?:someone|somebody|a person|anyone)|information|prevent\\w*|risk|screening|do you (?:have|treat)|meaning of|difference between|family history) ',
  ),
  reporting: pattern(
    ' (?:i am|im|hes|shes|he is|she is|they are|my [^ |]+(?: [^ |]+)? (?:is|are)) (?:having|getting|in|suffering) | (?:having (?:one|it)|he|she|(?:my|our) [^ |]+) (?:just )?(?:had|has) ',
  ),
};
