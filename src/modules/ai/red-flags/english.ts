import * as BODY from './english-physical.js';
import * as MIND from './english-neurological.js';
import { HINGLISH_NEGATED_AFTER } from './hindi.js';
import { pattern, type Lexicon } from './rule.js';

const NEGATIONS =
  'no|not|without|never|denies|denied|dont|doesnt|havent|hasnt|hadnt|didnt|isnt|arent|wasnt|nor|free of|negative for|do not|does not';
/** Words between a negation and the condition that it governs; all others end its reach. */
const FILLERS =
  'any|a|an|the|real|actual|more|further|new|other|current|recent|known|obvious|visible|significant|major|minor|mild|severe|' +
  'strong|sharp|bad|serious|sudden|left|right|central|sided|side|kind of|sort of|signs?|symptoms?|evidence|episodes?|feelings?|' +
  'sensation|complaints?|history|of|in|from|with|have|has|had|having|been|get|getting|got|feel|feeling|felt|experienc\\w+|' +
  'suffer|suffering|suffered|notic\\w+|report|reports|complain\\w*|problems?|trouble|difficulty|issues?|really|actually|currently|ever';
/** A list that "or" continues: "no fever or cough or chest pain". */
const LISTED = '(?!(?:and|but|my|i|im|he|she|his|her|they|we|it|its|is|are|now|because|since|with|so|just)\\b)[^ |]+';
const NEGATED_BEFORE = new RegExp(
  `(?<!\\b(?:not|never|cant|cannot)) (?:${NEGATIONS})(?: (?:${FILLERS})\\b)*(?:(?: ${LISTED}){1,4} (?:or|nor)(?: (?:${FILLERS})\\b)*){0,3} ?$`,
  'u',
);
const CLAUSE_WORDS =
  'i|im|ive|id|he|hes|she|shes|it|its|they|theyre|we|you|my|his|her|our|their|the|this|that|there|now|today|tonight|suddenly|' +
  'currently|still|since|cant|cannot|couldnt|can|could|is|are|am|was|were|have|has|having|had|feel|feels|feeling|felt|' +
  'started|starts|one|left|right|half|someone|somebody|again|just|also|then|when|not|wont|isnt|doesnt|dont|want|need';
const NEW_STATEMENT = new RegExp(
  ` (?=(?:but|because|cause|so|then|however|yet|although|though|while|whereas|now|today|tonight|suddenly|currently|also|plus|still|again|since) )` +
    `| and (?=(?:${CLAUSE_WORDS}) )`,
  'gu',
);

export const ENGLISH: Lexicon = {
  language: 'en',
  rules: [
    ...MIND.SELF_HARM,
    ...MIND.STROKE,
    ...BODY.BREATHING,
    ...MIND.UNCONSCIOUS,
    ...BODY.CHEST_PAIN,
    ...MIND.SEIZURE,
    ...BODY.ALLERGY,
    ...BODY.POISONING,
    ...BODY.PREGNANCY,
    ...BODY.QUIET_BABY,
    ...BODY.INFANT,
    ...BODY.BLEEDING,
    ...BODY.TRAUMA,
    ...MIND.HEADACHE,
    ...BODY.OTHER,
  ],
  negatedBefore: NEGATED_BEFORE,
  // Hinglish puts its negation behind English words.
  negatedAfter: HINGLISH_NEGATED_AFTER,
  negationUndone: /^[^|]{0,12} (?:before|until now|until today)(?! (?:that|then|the|my|surgery))/u,
  listed: / (?:or|nor) /gu,
  or: 'or',
  newStatement: NEW_STATEMENT,
  longPast: pattern(
    ' (?:last (?:year|month|week|summer|winter)|(?:years?|months?|decades?) (?:ago|back)|in (?:19|20)\\d\\d|childhood|as a child|when (?:i|he|she) was (?:a|an|young|little|small|born|in|\\d+|five|six|seven|eight|nine|ten) |in the past(?! (?:\\d|few|couple|hours?|minutes?|days?|half|two|three|night))|previously(?! (?:healthy|well|fine|fit|normal))|history of|died (?:of|from|due to)|used to (?:have|get|suffer|be)(?! (?:fine|healthy|well|ok|okay|normal|fit)))\\b',
  ),
  pastOf: /\b(?:history of|previously|died (?:of|from|due to)|used to (?:have|get|suffer|be))\b/u,
  subject:
    /(?<!\b(?:in|of|on|to|with|from|at|for|during|after|before|by|and|or|when|that|as|than)) (?=(?:my|our|his|her|their|i|im|ive|he|hes|she|shes|they|we|it|its|the|there) )/gu,
  present: / (?:is|are|am|isnt|arent|hurts?|hurting|aches|feels?|cant|cannot|wont|doesnt|dont) /u,
  now: pattern(
    ' (?:again|now|today|tonight|this (?:morning|evening|afternoon)|(?:minutes?|hours?) ago|just|currently|still|suddenly|sudden|started|starting|starts|came back|is back|keeps) ',
  ),
  returned:
    / (?:again|same|still|worse|keeps|(?:is|its|are|came|come|coming|comes|got) back|return(?:ed|s|ing)|this time|happening|happened|started|starting) /u,
  asking: pattern(
    ' (?:what (?:is|are|causes)|how (?:to|can one|do you|does|can i (?:prevent|avoid|recogni[sz]e|tell))|if (?:someone|somebody|a person|anyone)|information|prevent\\w*|risk|screening|do you (?:have|treat)|meaning of|difference between|family history) ',
  ),
  reporting: pattern(
    ' (?:i (?:think|believe|fear|suspect)|im (?:afraid|scared|sure)) | (?:i am|im|hes|shes|he is|she is|they are|my [^ |]+(?: [^ |]+)? (?:is|are)) (?:having|getting|in|suffering) | (?:having (?:one|it)|he|she|(?:my|our) [^ |]+) (?:just )?(?:had|has) ',
  ),
};
