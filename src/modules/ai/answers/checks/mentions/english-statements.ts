import { words } from './mentions.js';

const BODY =
  'heart|lungs?|kidneys?|liver|brain|stomach|bowels?|appendix|thyroid|blood|bones?|spine|back|knees?|ankles?|hips?|shoulders?|arms?|legs?|hands?|foot|feet|fingers?|skin|eyes?|ears?|throat|teeth|gums?|womb|uterus|ovar\\w+|bladder|prostate|muscles?|nerves?|tendons?|ligaments?|arter\\w+|veins?|lymph nodes?|hormones?|blood pressure|sugar|cholesterol|heart rate|pulse|oxygen|baby|pregnancy|tests?|scans?|x ray|mri|values?';

/** "Your kidneys are failing", "she has a cyst", "those blisters mean herpes". */
export const STATES_DIAGNOSIS = words(
  `(?:your|his|her|their) (?:${BODY}) (?:[^ ]+ )?(?:is|are|has|have|seems?|looks?|shows?|was|were)`,
  '(?:you|he|she|they|your [a-z]+) (?:have|has|have got|ve got|had|suffers?) (?:an? |the |some )?(?!appointments?|questions?|to |the right|right|time|insurance|an appointment|symptoms|access|account|not|been|a question|medical|several|two|more|any|this|that|it|booked|reports?|uploaded|chosen|asked|reached|options?|choices?|a choice)[^ ]+',
  'youve got|hes got|shes got|(?:id|i would|id almost|i d) (?:say|bet|guess|wager|think|put)|my (?:guess|impression|money|hunch|bet)|(?:everything|all|all this|it all|signs|the signs) (?:points?|leads?) (?:to|towards?)|(?:culprit|explanation|reason for this|cause here) is',
  `there (?:is|are|seems? to be|must be|may be)(?: [^ ]+){1,4} (?:in|inside|on|around|behind) (?:your|his|her|the) (?:${BODY}|joints?)`,
  '(?:this|these|those|that) [a-z]+ (?:is|are) (?:simply|just|only|merely|clearly|probably|obviously|definitely) (?!available|open|for|shown|an option|possible)[^ ]+',
  '(?:this|that|these|those|it)(?: [^ ]+)? (?:means?|indicates?|signals?|suggests?|points? to|sounds? like|looks? like|seems? like|comes from|stems? from)',
);

/** "When you have questions", "a doctor can tell whether you have …". */
export const DIAGNOSIS_IS_OPEN = words(
  'if|when|whether|do you|have you|please|doctors? can|doctor may|clinician|cannot|cant|unless|once|so that|i do not know|list|by the end|(?:hard|difficult|impossible|not possible) to (?:say|tell|know|judge)|(?:i understand|sorry to hear|sorry|thank you for telling me|you say|you write|you mention|you mentioned|you told me) (?:that )?(?:you|your|he|his|she|her|they|their)',
);

/** A sentence of the assistant about itself that claims and promises nothing. */
export const HARMLESS_FIRST_PERSON = words(
  'cannot|cant|sorry|not able|unable|do not know|dont know|do not have|dont have|an assistant|can only|only give|only answer|help you|may i|can i help|i understand|i hope|i am not|im not|i see|glad|could you tell me|let me know|i can explain|i can tell|i can give|how can i|i recommend (?:that you )?(?:see|speak|talk|book|ask)|i suggest (?:that you )?(?:see|speak|talk|book|ask)|can we|we are open|we are closed|we accept|we offer|we work|we have|do i|i may|i forgot|i book|i cancel|i bring|i change',
);

export const FIRST_PERSON = words('i(?! e )|ive|ill|im|we|weve|well be|were|lets');

/** "Your slot has been secured." */
export const DONE = words(
  '(?:your|the) (?:slot|appointment|booking|visit|request|payment|account|complaint|refund|name|prescription|message|data|profile|doctor|clinic|reception|team|nurse|reminder|cancellation|place|seat|change|file|documents?|report|invoice|fee|bill)s? (?:has|have|had|was|were|got|is now|is already|knows?|is being)',
  '(?:is|are|was|were|has been|have been) (?:held|kept|saved|reserved|waived|set aside) (?:for you|open|until|as you)|(?:dr|doctor|nurse|professor|mr|mrs|ms)(?: [a-z]+)? (?:knows|expects|awaits|is expecting|is waiting|has agreed|agreed|has been)',
  '(?:is|are) (?:sorted|secured|settled|locked in|taken care of)',
);

/** "You need to be seen by someone now." */
export const URGENT_HELP = words(
  '(?:now|immediately|at once|right away|straight away|asap|as soon as you can|this minute|urgently)',
);
export const HELP = words(
  '(?:help|doctors?|care|treatment|seen|examined|hospital|ambulance|rescue|attention|checked|er|a and e|someone)',
);
