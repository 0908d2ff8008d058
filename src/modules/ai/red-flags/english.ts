import * as BODY from './english-body.js';
import * as MIND from './english-mind.js';
import { pattern, type Lexicon } from './rule.js';

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
