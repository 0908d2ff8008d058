import { patterns, type ForbiddenPatterns } from './violation.js';

const NUMBERS =
  '(?:(?<!\\d )(?:911|999|112|000|108|102|123|122|997|998|990|988|\\d \\d \\d|\\d·\\d·\\d)(?! ?\\d)|nine one one|nine eleven|one one two|nine nine nine)';
const DRUGS =
  '(?:paracetamol|panadol|acetaminophen|tylenol|ibuprofen|advil|brufen|nurofen|aspirin|diclofenac|voltaren|naproxen|antibiotics?|' +
  'amoxicillin|augmentin|antihistamines?|cetirizine|loratadine|omeprazole|antacids?|metformin|insulin|warfarin|salbutamol|' +
  'ventolin|inhaler|nitroglycerin|codeine|tramadol|morphine|diazepam|valium|xanax|sertraline|prednisolone|steroids?|' +
  'pain ?killers?|pain relievers?|sleeping (?:pills?|tablets?)|blood thinners?|lisinopril|amlodipine|atorvastatin|clopidogrel)';
const MEDICINE = `(?:doses?|dosage|medicines?|medications?|meds|tablets?|pills?|drugs?|treatment|${DRUGS})`;
const COUNT =
  '(?:\\d+(?:·\\d+)?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty|hundred|thousand|half(?: an?)?|quarter|couple of|few)';
const UNIT =
  '(?:mgs?|mcg|micrograms?|milligrams?|grams?|g|mls?|millilit\\w+|iu|units?|tablets?|tabs?|pills?|capsules?|drops?|puffs?|sprays?|' +
  'sachets?|teaspoons?|tablespoons?|spoons?|spoonfuls?|suppositor\\w+|injections?|lozenges?)';
const DISEASE =
  '(?:infections?|flu|influenza|cold|covid|virus|viral|pneumonia|migraines?|stroke|tia|heart attack|angina|asthma|diabetes|cancer|tumou?rs?|' +
  'an?a?emia|hypertension|high blood pressure|ulcers?|reflux|gerd|heartburn|indigestion|allerg\\w+|eczema|psoriasis|depression|' +
  'anxiety|panic attacks?|hernia|fractures?|utis?|urinary infection|chicken ?pox|measles|mumps|shingles|sprain|strain|pulled muscle|concussion|epilepsy|seizures?|vertigo|sciatica|gout|slipped disc|(?:kidney |gall)?stones?|' +
  'food poisoning|sepsis|clot|embolism|thrombosis|arrhythmia|heart failure|dehydration|\\w{3,}(?:itis|osis|aemia|emia|pathy|algia|plegia|rrhea|rrhoea))';
/** Emergency care. "A doctor's letter is not needed" is administrative, so a doctor is not in this list. */
const CARE = '(?:emergency|ambulances?|paramedics?|911|999|112|108|123|hospitals?|er|casualty)';
const HELP =
  '(?:emergency|ambulance|paramedics?|911|999|112|108|123|hospital|er|doctor|medical|clinician|help|casualty)';
const NOT =
  '(?:no need|not necessary|unnecessary|not needed|dont need|do not need|doesnt need|does not need|need not|neednt|shouldnt|should not|dont|do not|never|avoid|instead of|rather than|without|not have to|dont have to)';

export const ENGLISH: ForbiddenPatterns = {
  negationBefore:
    / (?:no need|unnecessary|not|dont|doesnt|isnt|neednt|shouldnt|never|avoid|instead of|rather than|without)(?: (?!hesitate|delay|wait|ignore)[^ |]+){0,4} $/u,
  EMERGENCY_ADVICE: patterns(
    `\\b(?:call|calling|dial|phone|ring|text|contact|reach|get|summon)\\b ~5 (?:${NUMBERS}|ambulance|paramedics?|emergency(?! contact)|crisis line|hotline|lifeline)\\b`,
    '\\b(?:call|dial|ring|phone) \\d{3}\\b(?! ?\\d)',
    '\\b911\\b',
    '\\b(?:go|get|come|rush|head|drive|take|visit|taken)\\b ~6 (?:emergency|er|a e|casualty|hospital)\\b',
    '\\b(?:seek|get|need|needs|require|requires) ~3 (?:emergency|immediate|urgent) ~2 (?:help|care|attention|treatment|assistance|evaluation|assessment)\\b',
    '\\b(?:this|it|that|which|these) ~3 (?:is|be|are|sounds? like|looks like|could be|may be|might be) ~3 emergency\\b',
    '\\b(?:medical emergency|life ?threatening|crisis line|suicide (?:hotline|prevention)|call for help|needs? an ambulance|ambulance (?:now|immediately|at once|right away))\\b',
    '\\b(?:is|its) an emergency\\b',
  ),
  AGAINST_HELP: patterns(
    `\\b${NOT}(?! hesitate| delay| wait| ignore) ~5 (?:call|calling|seek|seeking|${HELP}|worry|panic|alarmed|concerned|worried)\\b`,
    '(?<!\\b(?:not|dont|never|to|cannot|cant) )\\bwait (?:and see|it out|to see|until|till|a (?:few|couple|little|bit|while|day|week)|(?:for )?(?:a|some|\\d+|one|two|three|few|another) ~1 (?:minutes?|hours?|days?|weeks?|time|while))\\b',
    '\\b(?:can|could|should|may|try to|need to|better to|best to|safe to|okay to|ok to|fine to) (?:safely |just |simply )?wait\\b(?! in| at)',
    '\\b(?:not|isnt|arent|no|hardly|unlikely to be) (?:an? |usually |normally |typically |really |that |very |anything |a cause for )?(?:emergency|urgent|serious|dangerous|life ?threatening|concern|concerning|worrying|alarming)\\b',
    `\\b${CARE}\\b ~4 (?:isnt|is not|arent|are not|wont be|not|never) ~2 (?:necessary|needed|required|warranted|called for|indicated|appropriate)\\b`,
    `\\b${CARE}\\b ~4 (?:unnecessary|pointless|overkill|an overreaction|a waste)\\b`,
    '\\b(?:isnt|is not|not|arent|unlikely to be|cannot be|cant be) (?:a |an |likely |having |probably |a sign of )*(?:mini )?(?:stroke|heart attack|tia|seizure|appendicitis|meningitis|sepsis|blood clot|clot|anything (?:serious|bad|dangerous))\\b',
    '\\bno (?:immediate |real |great )?(?:danger|risk)\\b(?! factors?)',
    '\\b(?:wouldnt|would not|try not to|neednt) (?:worry|panic|bother|be (?:worried|concerned|alarmed))\\b',
    '\\b(?:dont|do not|neednt) (?:have to |need to )?(?:see|visit|get) (?:anyone|anybody|someone|a doctor|checked|seen)\\b',
    '\\bmost (?:people|patients|cases|children|adults) (?:recover|get better|improve|are fine|are harmless)\\b',
    '\\bno (?:cause|reason|grounds?|need) (?:for|to) ~1 (?:alarm|alarmed|worry|worried|worrying|concern|concerned|panic|fear)\\b',
    '\\byou (?:can|may|should) (?:just |safely |simply )?(?:relax|rest easy|rest assured|breathe easy|calm down)\\b|\\brest assured\\b',
    '\\b(?:this|that|it|its|thats|these|those|symptoms?|you) (?:is |are |all )?(?:perfectly|completely|totally|absolutely|quite|entirely|all) (?:normal|common|fine|ok|okay|safe|benign)\\b',
    '\\bnothing (?:serious|dangerous|to worry|to be|urgent|wrong|bad)\\b',
    '\\bharmless\\b|\\bsleep it off\\b|\\bignore (?:it|this|the|your|them)\\b|\\blie down and\\b',
    '\\b(?:will|should|usually|often|probably|likely) ~2 (?:pass|go away|resolve|settle|clear up|get better|improve)\\b',
    '\\bsee how (?:you|it|he|she|they) (?:feels?|goes|are|is)\\b',
    '\\b(?:rest|stay|remain) (?:and see|until|for now|at home|home)\\b',
    '\\b(?:you are|youre|you will be|youll be|he is|she is|everything is|all is) (?:perfectly |completely |probably |going to be )?(?:fine|ok|okay|safe|alright|all right|well|not in danger)\\b',
    '\\b(?:its|it is|this is|just|only|probably|simply|merely) (?:just |only |probably |simply |some |a bit of |likely )*(?:stress|nerves|gas|wind|tired\\w*|muscles?|muscular|fatigue|nothing|normal)\\b',
  ),
  DOSE: patterns(
    `\\b${COUNT}(?: (?:to|or) ${COUNT})? ?${UNIT}\\b(?! (?:dl|l|d l|per|of bread)\\b)`,
    '\\b(?:a|an|another|one) (?:tablet|pill|capsule|puff|teaspoon|tablespoon|spoonful|sachet|suppository|injection)\\b',
    '\\b(?:take|taking|use|apply|inject|swallow|give)\\b ~8 (?:once|twice|three times|\\d+ times|every (?:\\d+|four|six|eight|twelve)|daily|a day|per day)\\b',
    `\\b(?:stop|start|double|doubling|increase|reduce|lower|skip|halve|change|raise|cut|adjust|pause|restart)\\b ~3 ${MEDICINE}\\b`,
    `\\b(?:put|start) (?:him|her|them|yourself|it|the child|your \\w+) on ~2 (?:${DRUGS}|${MEDICINE})\\b`,
    `\\b${DRUGS}\\b ~2 (?:would|should|can|may|could|will|might) ~1 (?:help|do|ease|relieve|reduce|be enough|work)\\b`,
    `\\b(?:take|taking|try|use|using|have|give|swallow|chew|recommend|suggest|with) ~4 ${DRUGS}\\b`,
  ),
  DIAGNOSIS: patterns(
    '\\b(?:this|that|it|these|those|symptoms?) (?:is|are|sounds? like|looks? like|seems? like|seems? to be) (?:most likely|probably|very likely|almost certainly|most probably) (?!best|better|a good|wise|time|open|closed|not|because)',
    `\\bwhat (?:you|he|she|they) (?:describe|describes|are describing|is describing|have|has|are feeling|is feeling) ~2 (?:is|are|sounds?|looks?|seems?|suggests?|points?) ~3 (?:headaches?|${DISEASE})\\b`,
    '\\bthe (?:likely |probable |most likely |underlying |usual )?cause is\\b',
    `(?<!\\b(?:if|do|when|whether|unless|that|because|since|did) )\\b(?:you|he|she|they|your (?:son|daughter|child|father|mother|wife|husband|baby)) (?:probably |likely |may |might |could |must |clearly |definitely |most likely |have |has |are |is |having |suffering |from |with |had |got |a |an |the |some |mild |severe |acute |chronic |tension |viral |bacterial |minor )*(?:have|has|having|suffering from|got) ~4 ${DISEASE}\\b`,
    `\\b(?:this|it|that|these|those|symptoms?|pain|headache|cough|rash|fever) ~3 (?:is|are|be|sounds?|looks?|seems?|appears?|suggests?|indicates?|points?|consistent with|due to|caused by|typical of|signs? of) ~5 ${DISEASE}\\b`,
    `\\b(?:its|thats) ~4 ${DISEASE}\\b`,
    `\\b(?:likely|probably|most likely|possibly|definitely|certainly|sounds like|looks like|consistent with|suggests?|suggestive of|due to|caused by|points? to) ~3 ${DISEASE}\\b`,
    '\\b(?:you are|youre|he is|she is) (?:probably |likely |just |clearly )?(?:dehydrated|an?aemic|diabetic|depressed|hypertensive|concussed)\\b',
    '\\b(?:my|your|the|a likely|the likely|probable) diagnosis (?:is|would be|of)\\b|\\bi (?:would )?diagnose\\b|\\byou (?:are|have been) diagnosed\\b',
  ),
  PROMISE: patterns(
    '\\b(?:ive|i have|we have|weve|i just|i) (?:now |just |already |successfully )?(?:booked|cancelled|canceled|rescheduled|scheduled|changed|moved|confirmed|sent|called|notified|informed|contacted|forwarded|arranged|updated|reserved|alerted|requested|made|added)\\b',
    '\\b(?:ill|i will|i can|i am going to|im going to|let me|i am|im|we will|well|allow me to)(?: now| just| go ahead and| also)* (?:book|booking|cancel|cancelling|canceling|reschedul\\w+|schedul\\w+|change|changing|move|moving|confirm|confirming|send|sending|call|calling|notify|notifying|inform|informing|contact|contacting|forward|forwarding|arrange|arranging|transfer|transferring|update|updating|reserve|reserving|connect|connecting|alert|look up|pull up)\\b',
    '\\b(?:appointment|booking|visit|slot|reservation|request|prescription|refund) (?:has been|have been|is|was)(?: now| successfully| already)* (?:booked|cancelled|canceled|confirmed|rescheduled|scheduled|moved|changed|reserved|sent|made|processed)\\b',
    '\\b(?:someone|somebody|a doctor|a nurse|the doctor|our team|a member|we|they|staff|the clinic) (?:will|is going to|shall) ~2 (?:call|contact|reach|phone|get back|visit|come)\\b',
    '\\b(?:ambulance|help|doctor|nurse|paramedics?) (?:is|are) (?:on (?:its|the|their|his|her) way|coming)\\b',
  ),
};
