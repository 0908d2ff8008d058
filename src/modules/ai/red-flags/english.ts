import * as physical from './english-physical.js';
import * as neurological from './english-neurological.js';
import { HINGLISH_NEGATION_AFTER } from './hindi.js';
import { pattern, type LanguageRules } from './rule.js';

const NEGATIONS =
  'no|not|without|never|denies|denied|dont|doesnt|havent|hasnt|hadnt|didnt|isnt|arent|wasnt|nor|free of|negative for|do not|does not';
/** Words that may stand between a negation and the match. Any other word ends the scope of the negation. */
const FILLERS =
  'any|a|an|the|real|actual|more|further|new|other|current|recent|known|obvious|visible|significant|major|minor|mild|severe|' +
  'strong|sharp|bad|serious|sudden|left|right|central|sided|side|kind of|sort of|signs?|symptoms?|evidence|episodes?|feelings?|' +
  'sensation|complaints?|history|of|in|from|with|have|has|had|having|been|get|getting|got|feel|feeling|felt|experienc\\w+|' +
  'suffer|suffering|suffered|notic\\w+|report|reports|complain\\w*|problems?|trouble|difficulty|issues?|really|actually|currently|ever';
/** A word of a list that is negated as a whole: "no fever or cough or chest pain". */
const LIST_WORD =
  '(?!(?:and|but|my|i|im|he|she|his|her|they|we|it|its|is|are|now|because|since|with|so|just)\\b)[^ |]+';
const NEGATION_BEFORE = new RegExp(
  `(?<!\\b(?:not|never|cant|cannot)) (?:${NEGATIONS})(?: (?:${FILLERS})\\b)*(?:(?: ${LIST_WORD}){1,4} (?:or|nor)(?: (?:${FILLERS})\\b)*){0,3} ?$`,
  'u',
);
/** Words that begin a new statement after "and". */
const STATEMENT_WORDS =
  'i|im|ive|id|he|hes|she|shes|it|its|they|theyre|we|you|my|his|her|our|their|the|this|that|there|now|today|tonight|suddenly|' +
  'currently|still|since|cant|cannot|couldnt|can|could|is|are|am|was|were|have|has|having|had|feel|feels|feeling|felt|' +
  'started|starts|one|left|right|half|someone|somebody|again|just|also|then|when|not|wont|isnt|doesnt|dont|want|need';
const STATEMENT_START = new RegExp(
  ` (?=(?:but|because|cause|so|then|however|yet|although|though|while|whereas|now|today|tonight|suddenly|currently|also|plus|still|again|since) )` +
    `| and (?=(?:${STATEMENT_WORDS}) )`,
  'gu',
);

export const ENGLISH: LanguageRules = {
  language: 'en',
  rules: [
    ...neurological.SELF_HARM,
    ...neurological.STROKE,
    ...physical.BREATHING,
    ...neurological.UNCONSCIOUS,
    ...physical.CHEST_PAIN,
    ...neurological.SEIZURE,
    ...physical.ALLERGY,
    ...physical.POISONING,
    ...physical.PREGNANCY,
    ...physical.FETAL_MOVEMENT,
    ...physical.INFANT,
    ...physical.BLEEDING,
    ...physical.TRAUMA,
    ...neurological.HEADACHE,
    ...physical.OTHER,
  ],
  negationBefore: NEGATION_BEFORE,
  // In Hinglish the negation follows the English words: "chest pain nahi hai".
  negationAfter: HINGLISH_NEGATION_AFTER,
  pseudoNegation: /^[^|]{0,12} (?:before|until now|until today)(?! (?:that|then|the|my|surgery))/u,
  listSeparator: / (?:or|nor) /gu,
  or: 'or',
  statementStart: STATEMENT_START,
  pastTime: pattern(
    ' (?:last (?:year|month|week|summer|winter)|(?:years?|months?|decades?) (?:ago|back)|in (?:19|20)\\d\\d|childhood|as a child|when (?:i|he|she) was (?:a|an|young|little|small|born|in|\\d+|five|six|seven|eight|nine|ten) |in the past(?! (?:\\d|few|couple|hours?|minutes?|days?|half|two|three|night))|previously(?! (?:healthy|well|fine|fit|normal))|history of|died (?:of|from|due to)|used to (?:have|get|suffer|be)(?! (?:fine|healthy|well|ok|okay|normal|fit)))\\b',
  ),
  pastPrefix: /\b(?:history of|previously|died (?:of|from|due to)|used to (?:have|get|suffer|be))\b/u,
  subjectStart:
    /(?<!\b(?:in|of|on|to|with|from|at|for|during|after|before|by|and|or|when|that|as|than)) (?=(?:my|our|his|her|their|i|im|ive|he|hes|she|shes|they|we|it|its|the|there) )/gu,
  presentVerb: / (?:is|are|am|isnt|arent|hurts?|hurting|aches|feels?|cant|cannot|wont|doesnt|dont) /u,
  presentTime: pattern(
    ' (?:again|now|today|tonight|this (?:morning|evening|afternoon)|(?:minutes?|hours?) ago|just|currently|still|suddenly|sudden|started|starting|starts|came back|is back|keeps) ',
  ),
  recurrence:
    / (?:again|same|still|worse|keeps|(?:is|its|are|came|come|coming|comes|got) back|return(?:ed|s|ing)|this time|happening|happened|started|starting) /u,
  generalQuestion: pattern(
    ' (?:what (?:is|are|causes)|how (?:to|can one|do you|does|can i (?:prevent|avoid|recogni[sz]e|tell))|if (?:someone|somebody|a person|anyone)|information|prevent\\w*|risk|screening|do you (?:have|treat)|meaning of|difference between|family history) ',
  ),
  report: pattern(
    ' (?:i (?:think|believe|fear|suspect)|im (?:afraid|scared|sure)) | (?:i am|im|hes|shes|he is|she is|they are|my [^ |]+(?: [^ |]+)? (?:is|are)) (?:having|getting|in|suffering) | (?:having (?:one|it)|he|she|(?:my|our) [^ |]+) (?:just )?(?:had|has) ',
  ),
};
