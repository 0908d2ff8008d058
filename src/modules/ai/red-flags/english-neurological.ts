import { CANT, SUDDEN, LIMB } from './english-fragments.js';
import { rules } from './rule.js';

/** English rules for the nervous system, consciousness and self-harm. */
export const SELF_HARM = [
  ...rules(
    'SELF_HARM',
    'PHRASE',
    '\\bkill (?:my ?self|him ?self|her ?self)\\b',
    '\\b(?:end|ending|take|taking|ended) (?:my|his|her|my own|his own|her own) life\\b',
    '\\b(?:end|ending) it all\\b',
    '\\b(?:want|wants|wanted) to (?:die|be dead)\\b(?! (?:my|the|her|his) hair)',
    '\\b(?:dont|cant|do not|cannot) see (?:any|a) reason to (?:live|go on)\\b',
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
  ...rules('SELF_HARM', 'CONDITION', '\\bsu[i1]+cid\\w*', '\\bself ?harm\\w*'),
];

export const STROKE = [
  // "my husband's hand just doesn't work now"
  ...rules(
    'STROKE',
    'PHRASE',
    '\\b(?:hand|arm|leg|foot|fingers)(?: just| suddenly| really)? (?:doesnt|does not|wont|will not|stopped|isnt|not) (?:work|working|move|moving)\\b(?! out)',
  ),
  ...rules(
    'STROKE',
    'SYMPTOM',
    '\\b(?:face|mouth|smile|eyelid|lips?) ~4 (?:droop\\w*|crooked|lopsided|twisted|sagg\\w*|uneven|numb|tingling|paraly[sz]\\w*|weird|fallen)\\b',
    '\\b(?:droop\\w*|crooked|lopsided|twisted|numb) ~2 (?:face|mouth|smile)\\b',
    '\\b(?:speech|words|talking|talks|speaking|speaks|sentences?|voice) ~5 (?:slurr\\w*|strange|strangely|weird|weirdly|jumbled|garbled|gibberish|nonsense|no sense|mumbl\\w*|unclear|thick)\\b',
    '\\bslurr(?:ed|ing|y)\\b',
    '\\b(?:face|mouth) ~3 (?:hanging|hangs)\\b',
    '\\bsuddenly (?:cant|cannot|doesnt|does not) ~1 understand\\b',
    '\\bconfus(?:ed|ion) (?:since|suddenly)\\b|\\bconfus(?:ed|ion)\\b…20\\b(?:fever|fell|drowsy)\\b',
    '\\b(?:fell|fever|drowsy|hit)\\b…40\\b(?:confus\\w+|drowsy)\\b',
    '\\bdrowsy\\b…20\\bconfus\\w+',
    '\\b(?:doesnt|does not) answer ~3 (?:stares?|staring)\\b',
    '\\b(?:cant|cannot) walk (?:straight|properly)\\b…30\\b(?:spin\\w*|dizz\\w*|suddenly|since)\\b',
    '\\b(?:talking|speaking|saying) ~1 (?:nonsense|gibberish)\\b',
    '\\b(?:numb|numbness|weak|weakness|paraly[sz]ed|paralysis|tingling|heavy|dead|limp) ~4 (?:one|left|right|half|arm|leg|hand|face)\\b',
    `\\b(?:left|right|one|half|my|his|her|their) ~3 ${LIMB} ~4 (?:numb|weak|paraly[sz]ed|tingling|dead|limp|gone numb)\\b`,
    '\\b(?:arms?|legs?|hands?|face) ~1 (?:weak|numb|limp|paraly[sz]ed|floppy)\\b',
    '\\b(?:lost|loss of|losing) ~3 (?:vision|sight|eyesight|balance|coordination|speech)\\b',
    '\\b(?:double vision|(?:see|seeing|sees) double|gone blind|went blind)\\b',
    `\\b${SUDDEN} ~4 (?:blind|blurry|dizz\\w*|vertigo|confus\\w*|disoriented|numb|weak\\w*)\\b`,
    '\\b(?:dizz\\w*|vertigo|room is spinning|spinning)\\b…50\\b(?:walk|falling|fall|stand|numb|one side)\\b',
    '\\bconfused ~1 (?:doesnt|does not|cant|cannot)\\b',
    '\\b(?:doesnt|does not) know where (?:he|she|they)\\b',
  ),
  ...rules(
    'STROKE',
    'PHRASE',
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
    'CONDITION',
    '\\b(?:having|suffering|think\\w*|its|is this|this is|might be|could be|maybe|just had|has had|have had|had|have|has|getting|symptoms? of|signs? of) ~3 (?:mini ?)?stroke\\b(?! clinic| cent| unit| specialist| doctor| history| risk)',
    // The word alone, or "my father stroke help".
    '^ (?:stroke|brain attack) $',
    '\\bstroke ~2 (?:help|please|emergency|now)\\b',
    '\\bbrain attack\\b',
  ),
];

export const UNCONSCIOUS = rules(
  'UNCONSCIOUS',
  'SYMPTOM',
  '\\b(?:unconscious|unresponsive|lifeless|comatose|no pulse|out cold)\\b',
  '\\b(?:passed|passing|passes|blacked|blacking) out\\b',
  '\\b(?:collapsed|fainted|fainting|faints)\\b',
  '\\blost consciousness\\b',
).concat(
  rules(
    'UNCONSCIOUS',
    'PHRASE',
    '(?<!\\b(?:app|site|website|page|link|system|phone|computer|it) (?:is )?)\\b(?:not|isnt|doesnt|wont|does not) (?:respond\\w*|wak\\w* up|wake|waking|reacting)\\b(?! to ~1 (?:e ?mails?|messages?|calls?|texts?)\\b)',
    '\\b(?:cant|cannot|unable to) wake\\b',
  ),
);

export const SEIZURE = [
  ...rules(
    'SEIZURE',
    'SYMPTOM',
    '\\b(?:convuls\\w*|having a fit|fits? right now|is fitting)\\b',
    '\\bshak\\w+ (?:uncontroll\\w*|all over|violently)\\b',
    '\\beyes? ~2 roll\\w*\\b',
  ),
  ...rules('SEIZURE', 'SYMPTOM', '\\b(?:having|has|had) (?:fits|a fit|convulsions)\\b(?! of)'),
  ...rules('SEIZURE', 'CONDITION', '\\bseizures?\\b', '\\bepileptic (?:fit|attack)\\b'),
];

export const HEADACHE = rules(
  'HEADACHE',
  'SYMPTOM',
  '\\b(?:sudden|suddenly|thunderclap|worst|explosive) ~4 head ?aches?\\b',
  '\\bhead ?ache ~6 (?:sudden|suddenly|thunderclap|worst|my life)\\b',
  '\\b(?:stiff neck|neck ~2 stiff)\\b.{0,50}\\b(?:fever|rash|light|headache)\\b',
  '\\bfever\\b.{0,50}\\b(?:stiff neck|neck ~2 stiff)\\b',
  '\\brash ~4 (?:fade|pressed|glass)\\b',
);
