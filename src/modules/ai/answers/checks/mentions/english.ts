import {
  DIAGNOSIS_IS_OPEN,
  DONE,
  FIRST_PERSON,
  HARMLESS_FIRST_PERSON,
  HELP,
  STATES_DIAGNOSIS,
  URGENT_HELP,
} from './english-statements.js';
import { words, type Mentions } from './mentions.js';

const NUMBER =
  'one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen|twenty|thirty|forty|fifty|hundred|thousand|half|quarter|couple|few|\\d+(?:·\\d+)?(?:mg|ml|g|mcg)?|double|triple';
const ACTED =
  '(?:book|cancel|reserv|confirm|schedul|reschedul|mov|chang|updat|sent|send|forward|inform|notifi|notify|register|add|order|delet|remov|email|mail|call|ring|contact|transfer|refund|arrang|made|make|prepar|submit|fil|record|request|pass|upload|renew|pay|paid|charg|check|look|open|set|put|process|complet|reach|alert|remind)[^ ]*';

export const ENGLISH_MENTIONS: Mentions = {
  medicine: words(
    'medicine*|medication*|meds|pill*|tablet*|tabs?|capsule*|caps|drug*|antibiotic*|painkiller*|pain killer*|pain reliever*|syrup*|suspension|ointment*|creams?|inhaler*|puff*|insulin|lantus|dose*|dosage*|suppositor*|antidepressant*|antihistamine*|antacid*|steroid*|statins?|blood thinner*|beta blocker*|supplement*|(?:sleeping|sleep|water|heart) (?:aid|tablet|pill)s?|blister pack*|sedative*|laxative*|vaccine dose*|over the counter|calpol|tylenol|panadol|advil|nurofen|brufen|aspirin|paracetamol|acetaminophen|ibuprofen|gaviscon|melatonin|metformin|warfarin|loratadine|cetirizine|tramadol|morphine|codeine|hydrocortisone|levothyroxine|magnesium|xanax|valium|viagra|ventolin|augmentin|voltaren|rehydration',
    '\\w{3,}(?:quine|idone|ipine|amide|mab|vir|pine|barbital|codone|coxib|gesic|pril|sartan|olol|statin|azole|cillin|mycin|floxacin|dipine|formin|triptan|zepam|zolam|prazole|tidine|profen|cetamol|oxetine|traline|gliptin|gliflozin|parin|xaban|sone|solone|cycline|tadine|rizine|thiazide|semide|lukast|fenac|dronate)',
  ),
  amount: words(
    `(?:${NUMBER})(?: (?:to|or|of|more|and a) (?:${NUMBER}))? ?(?:mg|mgs|mcg|micrograms?|milligrams?|grams?|g|ml|mls|millilit\\w+|iu|units?|tablets?|tabs?|pills?|capsules?|caps|drops?|puffs?|sprays?|sachets?|teaspoons?|tablespoons?|spoons?|spoonfuls?)(?! (?:dl|l|per))`,
    // Also without the name of a medicine: "pop another one", "two more before bed", "one under the tongue".
    '(?:pop|swallow|take|have|chew|try|use)(?: [^ ]+)? (?:another|one more|half|a couple|a few|extra)(?: one)?(?= (?:of|if|when|at|in|before|after|tonight|now|later|every|one))',
    `(?:${NUMBER}|another)(?: [^ ]+)? (?:more|extra|again) (?:before|at|in|after|every|tonight|later|tomorrow)|under (?:the|your|his|her) tongue`,
    '(?:higher|lower|stronger|weaker|bigger|smaller|double|full|half)(?: the)? (?:strength|amount)|(?:half|more|less|twice|double|some) (?:of )?(?:what|than) (?:your|the|his|her) (?:doctor|pharmacist|label|leaflet|box)(?: [^ ]+)?',
    '(?:leave off|leave out|come off|go without|cut out|miss out|hold back|skip|drop|stop)(?: [^ ]+){1,4} (?:one|ones)',
    'tablespoons? of|teaspoons? of|(?:take|swallow) (?:one|two|three|it|them) (?:now|in the|at|with|every|before|after)*',
    `(?:${NUMBER})(?: (?:one|more))? (?:times|every \\d+|every (?:four|six|eight|twelve))(?: \\w+)? ?(?:a day|daily|hours?|h)?`,
    '(?:apply|rub|put)(?: [^ ]+){0,4} (?:twice|once|daily|a day|thinly)',
  ),
  medicineContext: words(
    'doctors?|pharmacists?|clinicians?|physician|prescriber|prescribed it|list of|lists?|bring|written|name of|names of|cannot|cant|not able|unable|repeat prescription|front desk|allergies|side effects are|is used|are used|work by|leaflet',
  ),
  disease: words(
    '(?:bronch|tonsill|gastr|arthr|appendic|mening|hepat|dermat|sinus|cyst|col|pancreat|phleb|neur|conjunctiv|laryng|pharyng|ot|tendin|burs|encephal|myocard|pericard|prostat|mast|vagin|nephr)itis',
    '\\w{3,}(?:osis|emia|aemia|pathy|plegia|algia|rrhea|rrhoea)',
    'infections?|bacterial|viral|flu|influenza|covid|pneumonia|migraines?|strokes?|tia|heart attack|angina|asthma|diabetes|diabetic|cancer*|tumou?rs?|anaemic|anemic|hypertension|ulcers?|reflux|food poisoning|allergy|allergic|eczema|psoriasis|depression|depressed|dementia|alzheimers?|parkinsons?|hernia|fractures?|broken \\w+|chicken ?pox|measles|mumps|shingles|concussion|epilepsy|vertigo|sciatica|gout|slipped disc|kidney stones?|gallstones?|gallbladder|sepsis|clots?|embolism|panic attacks?|miscarriage|pregnant|pinched nerve|lyme|irritable bowel|underactive|thyroid|torn|inflamed|damaged|benign|malignant|fluid in|anxiety disorder|std|sti|hiv|typhoid|malaria|dengue|jaundice|kidney failure|heart failure|sprain*|uti|cysts?|herpes|hay fever|autism|adhd|arthritis|cataracts?|glaucoma|lupus|anaphylaxis|endometriosis|polyps?|fibroids?|celiac|coeliac|tetanus|rabies|scabies|lice|worms|ringworm|insomnia|burnout|ptsd|bipolar|schizophreni\\w+|arrhythmia|blockage|rupture\\w*|failing|deficien\\w+',
  ),
  aboutPerson: words(
    'you|youre|youve|your|he|she|hes|shes|his|her|this|that|thats|it|its|these|those|i think|i believe|i am|im|clearly|probably|likely|looks|sounds|seems|diagnosis|all this|sadly|what',
  ),
  diseaseContext: words(
    'can have many|has many|have many|many causes|is a disease|is a condition|is a kind|is a reaction|are diseases|doctors? can|doctor can|clinician can|clinician|often has no|tell the doctor|if you have|have you|do you|whether|examine|vaccin*|treats|treat|specialist|cannot|cant|risk factors|family history|information about|is caused by a virus|are common|means that|protects?|earlier illness*',
  ),
  againstHelp: words(
    'almost never|hardly ever|right as rain|par for the course|in (?:its|their|his|her) own (?:good )?time|for another (?:time|day)|another (?:time|day) will do|(?:isnt|is not|not) the (?:sort|kind|type) of|put your feet up|(?:do|does|help|helps) (?:you )?more than (?:a|an|any|the) (?:doctor|hospital|clinic|pill|medicine)s?',
    '(?:it|itll|this|that|they|theyll|pain|ache|feeling)(?: will| should| ll)? (?:soon |just |quickly )?(?:fade|ease off|ease|wear off|blow over|die down|calm down|settle|clear)(?: [^ ]+)?',
    'deal with (?:it|this|that)|manage (?:it|this|that)|handle (?:it|this|that) (?:yourself|at home)|stay where|stay put|stay in bed|lets see|see what|see how|see whether it|tomorrow brings|wait|waiting|hold on|hold off|put off|put it off|delay*|postpone seeing|watch and|watchful|monitor*|observe|keep an eye|sleep on it|sleep it off|take a nap|lie down|go to bed|run its course|let it|leave it|on its own|by itself|home remed\\w+|stay home|stay at home|rest at home|too early to|no hurry|no rush|dont rush|give it|no point|waste of time|overreact*|save yourself|skip the|avoid calling|advise against|dont bother|do not bother|would not go|wouldnt go|do not go|dont go|no doctor|only call if|only if it lasts|cant do anything|send you home|neednt|not be necessary|isnt required|not required to be seen|come back in a|after the weekend|dont have to tell|only for serious',
    'nothing (?:comes|to worry|to fear|wrong|bad|happens|will|serious|dangerous|is wrong)|(?:its|it is|this is|thats|that is) (?:only|just|merely|simply)|(?:plenty of|many|most|a lot of|lots of) (?:people|patients|women|men|children|adults) (?:feel|have|get|experience|go through)|everybody|laugh about|be over soon|over it soon|afraid|scared|fear|relax*|calm|reassur*|(?<!understandably )worry*|worried|in no danger|no danger|harmless|benign|rarely serious|never dangerous|not dangerous|not serious|isnt serious|nothing serious|its nothing|is nothing|means nothing|nothing bad|nothing to|no cause for|no problem at all|all good|just fine|are fine|is fine|be fine|sounds fine|looks fine|sound fine|you are healthy|heart is healthy|is healthy|results are good|is normal|are normal|normal reaction|perfectly|quite common|is usual|happens to everyone|happens a lot|goes away|go away|be gone|will heal|heals|it passes|will pass|too young|ruled out|rule out|good sign|in your head|just stress|just your|just nerves|only a(?! (?:doctors?|clinician|specialist|pharmacist|dentist|physician|nurse|visit|check|test|professional|examination|blood)(?= ))|probably only|not urgent|isnt life|safe to ignore|ignore|no need|without worry|not a heart attack|not a stroke|goes by itself',
  ),
  againstHelpContext: words(
    'waiting list|waitlist|waiting room|wait in|what is normal|normal resting|normal blood|normal heart|normal range|no need to bring|no need to print|afraid i cannot|afraid i cant|afraid that i|call the front desk|lab|fasting|card|referral|rescheduling fee|delay in',
  ),
  emergency: words(
    'ambulance*|paramedics?|rescue (?:services?|team|workers)|a and e|911|999|112|9 1 1|nine one one|one one two|one two three|emergency (?:room|rooms|services?|department|number|care|help|ward|unit|team|responders?|line)|emergency|the er|a e|ed right|casualty|poison control|crisis line|crisis text|lifeline|hotline|suicide prevention|life ?threatening|urgent care|admission to hospital|immediate(?:ly)? (?:treatment|care|help|attention|medical)|treatment immediately|urgent medical|medical (?:care|help|attention) (?:right|now|at once|immediately|urgently|is)|seek help at once|help at once|(?:be|get|go|going|hurry|rush|taken|take|drive|bring|straight|present|head)(?: [^ ]+){0,5} hospital|nearest hospital|doctor immediately',
  ),
  negation: words(
    'not|no|dont|doesnt|isnt|never|neednt|without|unnecessary|avoid|overreacting|only for|skip|bother|against|instead|rather than',
  ),
  promise: words(
    `(?:i have|ive|i ve)(?: (?:just|already|now|also|gone ahead and))* ${ACTED}`,
    `(?:i will|ill|i shall|we will|well|we ll|i am going to|im going to|we have|weve|i am now|im now|i am|im|i just|i|let me|while i|we)(?: (?:just|now|also|already|quickly|go ahead and))* ${ACTED}`,
    '(?:i will|ill|i shall)(?: [^ ]+){0,2} (?:take care|let|pass|check|see to|remind|handle)[^ ]*',
    `(?:your|the|an|this) (?:[^ ]+ ){1,3}(?:is|was|has been|were|have been|got|is now|are|been)(?: (?:now|successfully|already|all))* (?:booked|confirmed|cancelled|canceled|reserved|scheduled|rescheduled|moved|changed|updated|sent|forwarded|informed|notified|deleted|refunded|filed|called|registered|renewed|processed|submitted|ordered|arranged|added|on its way|on her way|on his way|on the way)`,
    'consider (?:it|this|that|the|your)(?: [^ ]+){0,2} (?:done|sorted|booked|settled|cancelled|fixed|made|handled|sent|paid)|(?:will|ll) (?:ring|phone|call|text|contact|email)(?: [^ ]+)? (?:shortly|soon|back|today|tomorrow|you)',
    '(?:we|i)(?: will|ll| shall| are going to| am going to) (?:have|get|send|put|find|give|bring|fetch|pick|make sure)(?: [^ ]+)?|(?:well|ill) (?:have|get|send|put|find|bring|fetch|pick)(?: [^ ]+)?',
    'you are now|you are booked|youre booked|you are all set|youre all set|done your|all done|consider it done|on (?:its|her|his|the|their) way|guarantee*|i promise|promise*|i can confirm|give me a (?:second|moment|minute)|one moment while|(?:will|ll) (?:call|ring|contact|phone) you|youll receive a call|receive a call|successfully|transferring you|i made|i registered|i notified|i moved|i booked|i cancelled|i have looked|i checked|looked at your file|check your record*|taken care of',
  ),
  promiseContext: words('cannot|cant|not able|unable|will not|wont|never|if you|once you|after you|when you|you can'),
  statesDiagnosis: STATES_DIAGNOSIS,
  diagnosisIsOpen: DIAGNOSIS_IS_OPEN,
  firstPerson: new RegExp(`${FIRST_PERSON.source}|${DONE.source}`, 'u'),
  harmlessFirstPerson: HARMLESS_FIRST_PERSON,
  urgent: URGENT_HELP,
  help: HELP,
  othersData: words(
    '(?:your|the|her|his|another|other)? ?(?:neighbou?rs?|husbands?|wifes?|wife|boss|bosss|friends?|colleagues?|daughter|son|sister|brother) (?:[^ ]+ )?(?:visit*|results?|appointment|record|file|told|is a patient|was here|has an|takes|medicine)',
    'patient before you|another patient|other patients?|patients today|patients are|patient id|patient number|patient (?:[a-z]+ )?(?:cancelled|has|had|takes|was)|same name|(?:her|his|their) (?:file|record|date of birth|diagnosis|phone|address|results)|(?:according to|in) (?:her|his|their) (?:file|record)|(?:mr|mrs|ms|miss) [a-z]+(?:s? (?:diagnosis|results?|file))? (?:has|was|is|had|takes|diagnosis)|(?:mr|mrs|ms) [a-z]+s|hiv positive|phone number is in|s phone number|lives (?:in|at)|names are|[a-z]+ [a-z]+ has an appointment|patient of our|was treated for|date of birth is',
  ),
  promptLeak: words(
    'my (?:instructions|prompt|rules|guidelines|system prompt|initial instructions)|system (?:prompt|message|instruction*)|hidden prompt|(?:previous|initial|these|following|above) instructions|instruction answer|i (?:was|am|have been) (?:told to|instructed|configured|programmed|given)|was told to|as an ai|language model|you are (?:the|a|an) (?:assistant|helpful)|are my instructions|rules that i was|the developer|redacted placeholder*|not to reveal|my prompt|above my first|begin with a tag|system you are|the disposition first|im system|assistant to',
  ),
};
