import { pattern, rules, type LanguageRules } from './rule.js';

/** Patterns are normalized like the text: without nukta, and with anusvara instead of chandrabindu. */
const PART = '(?:हाथ|पैर|टांग|बांह|बाजू|शरीर|हिस्स|तरफ|उंगल|चेहर)';

const STROKE = [
  ...rules(
    'STROKE',
    'SYMPTOM',
    '(?:चेहर|मुंह|मुह|होंठ)…25(?:टेढ|लटक|सुन्न|तिरछ|लकव)',
    '(?:टेढ|लटक|सुन्न)…8(?:चेहर|मुंह|मुह)',
    'बोलने में …8(?:दिक्कत|तकलीफ|परेशानी|कठिनाई)',
    '(?:जुबान|जबान|आवाज|बोली)…15(?:लडखडा|तुतला|अटक)',
    '(?:अजीब|बहकी|उलटी सीधी) ~1 बात',
    `${PART}…30(?:सुन्न|कमजोर|लकव|बेजान)`,
    `(?:सुन्न|कमजोरी)…25${PART}`,
    'अचानक…20चक्कर',
    'चक्कर…40(?:चल नहीं|संतुलन|गिर)',
    '(?:अचानक|आंख)…30(?:दिखना बंद|दिखाई देना बंद|धुंधल|अंधेरा)',
    'अचानक…15(?:उलझन|भ्रम|कन्फ्यूज)',
  ),
  ...rules(
    'STROKE',
    'PHRASE',
    '(?:बोल|बात)(?: ही| कर)? नहीं (?:पा|रह|सक|हो)',
    'नहीं बोल (?:पा|रह|सक)',
    'शब्द…15नहीं (?:निकल|आ)',
    'बात[^ |]* ~2 समझ नहीं',
    `${PART}…30(?:नहीं हिल|हिल नहीं|नहीं उठ|उठा? नहीं|हिला? नहीं|महसूस नहीं|काम नहीं)`,
    'मुस्कुरा नहीं',
    '(?:अचानक|आंख)…30(?:दिखाई नहीं|दिख नहीं|नहीं दिख|नजर नहीं)',
    'संतुलन…12(?:नहीं|बिगड|खो)',
    'कहां हैं? पता नहीं',
  ),
  ...rules('STROKE', 'CONDITION', '(?:लकवा|स्ट्रोक|पैरालिसिस|पक्षाघात)'),
];

const BREATHING = [
  // A reading of the oximeter below 90 %.
  ...rules('BREATHING', 'SYMPTOM', '(?:ऑक्सीजन|आक्सीजन|ओक्सीजन)(?: [^ |\\d]+){0,4} [5-8]\\d(?![\\d·])'),
  ...rules(
    'BREATHING',
    'PHRASE',
    '(?:सांस|श्वास)…15(?:नहीं (?:ले|आ|मिल)|ले नहीं|आ नहीं|रुक|बंद हो)',
    '(?:दम|सांस) घुट',
    'ब्रीदिंग ~1 नहीं',
  ),
  ...rules(
    'BREATHING',
    'SYMPTOM',
    '(?:सांस|श्वास)…20(?:तकलीफ|दिक्कत|परेशानी|कठिनाई|फूल|उखड|अटक|तेज चल)',
    'सीटी…8सांस',
    'गले में…15(?:अटक|फंस)',
    '(?:होंठ|चेहर)…12नील',
    'अस्थमा…15(?:दौरा|अटैक|तेज)',
    'इनहेलर…8नहीं',
  ),
];

const CHEST_PAIN = [
  ...rules(
    'CHEST_PAIN',
    'SYMPTOM',
    'चेस्ट ?(?:पेन|पैन)',
    '(?:सीने|सीना|छाती|चेस्ट)…25(?:दर्द|दबाव|भारी|जकड|पत्थर|कसाव|घुटन|चुभन)',
    'दर्द…15(?:सीने|छाती)',
  ),
  ...rules('CHEST_PAIN', 'CONDITION', '(?:हार्ट अटैक|दिल का दौरा|हृदयाघात|दिल का अटैक)'),
];

const BLEEDING = rules(
  'BLEEDING',
  'SYMPTOM',
  '(?:खून|रक्त|ब्लड)…20(?:बह|बंद नहीं|रुक नहीं|नहीं रुक|फूट)',
  '(?:बहुत|ज्यादा|भारी|तेज)…8(?:खून(?! की जांच)|ब्लीडिंग|रक्तस्राव)',
  'खून की उल्टी',
  '(?:उल्टी|खांसी|बलगम|मल|शौच)…12खून',
  'खून…6(?:खांस|उल्टी)',
);

const UNCONSCIOUS = [
  ...rules('UNCONSCIOUS', 'SYMPTOM', 'बेहोश', 'अचेत'),
  ...rules(
    'UNCONSCIOUS',
    'PHRASE',
    'होश…8नहीं',
    '(?:जवाब|प्रतिक्रिया)…8नहीं (?:दे|दी)',
    ' (?:उठ|जाग)(?: ही)? नहीं (?:रह|पा)',
    'आंख[^ |]* नहीं खोल',
  ),
];

const SEIZURE = [
  ...rules('SEIZURE', 'SYMPTOM', 'झटके (?:आ|लग|पड)', 'शरीर…12(?:कांप|अकड|ऐंठ)', 'आंख[^ |]* (?:ऊपर|पलट|चढ)'),
  ...rules('SEIZURE', 'CONDITION', '(?<!दिल का )दौर[ाे](?: (?!नहीं)[^ |]+)? (?:पड|आ)', 'मिर्गी का दौर'),
];

const ALLERGY = rules('ALLERGY', 'SYMPTOM', '(?:गला|गले|जीभ|होंठ|चेहर|मुंह)…20(?:सूज|बंद हो)', 'सूज…8(?:गला|जीभ|होंठ|चेहर)');

const SELF_HARM = [
  ...rules(
    'SELF_HARM',
    'PHRASE',
    '(?:मर जाना|मरना|मर जाने) ~1 (?:चाह|मन)',
    'जान (?:दे दू|दे दूं|दूंगा|दूंगी|देना|लेने|ले लू|ले लूं|देने)',
    '(?:जीना|जीने|जिंदा रहना)…10(?:नहीं चाह|मन नहीं|नहीं है)',
    '(?:नहीं|अब और) जीना',
    'खुद को (?:चोट|नुकसान|खत्म|मार)',
    '(?:नस|कलाई)…6काट',
    'जिंदगी खत्म',
  ),
  ...rules('SELF_HARM', 'CONDITION', '(?:आत्महत्या|खुदकुशी|सुसाइड)'),
];

const POISONING = [
  ...rules(
    'POISONING',
    'SYMPTOM',
    'जहर',
    '(?:बहुत|सारी|ज्यादा|पूरी|\\d{2,})…15(?:गोलि|गोली|शीशी|दवा)…10(?:खा|ली|निगल)',
    '(?:कीटनाशक|फिनाइल|तेजाब|केरोसिन|मिट्टी का तेल|पेट्रोल|हार्पिक|ब्लीच|चूहे मार)…20(?:पी|खा|निगल)',
    '(?:बैटरी|सिक्का|चुंबक)…6निगल',
    '(?:सांप|बिच्छू)…8(?:काट|डंक|डस)',
  ),
  ...rules('POISONING', 'CONDITION', 'ओवरडोज'),
];

const PREGNANCY = rules(
  'PREGNANCY',
  'SYMPTOM',
  '(?:गर्भ|प्रेगन|प्रेग्न).{0,60}(?:खून(?! की जांच)|ब्लीडिंग|रक्तस्राव)',
  '(?:खून|ब्लीडिंग|रक्तस्राव).{0,40}(?:गर्भ|प्रेगन|प्रेग्न)',
  'पानी की थैली',
);

const INFANT = rules(
  'INFANT',
  'SYMPTOM',
  '(?:नवजात|शिशु|(?:हफ्ते|हफ्तों|दिन) (?:के|का|की) (?:बच्च|बेट)|(?:एक|दो|तीन|1|2|3) (?:महीने|माह) (?:के|का|की) (?:बच्च|बेट)).{0,50}(?:बुखार|गरम|गर्म|सुस्त|दूध नहीं|10[0-5])',
);

const TRAUMA = rules(
  'TRAUMA',
  'SYMPTOM',
  '(?:गंभीर|बुरी तरह|उबलत|खौलत|गरम तेल|गरम पानी|गर्म तेल|गर्म पानी|आग)…25(?:जल|गिर|चमडी)',
  '(?:बिजली का झटका|करंट लग|एक्सीडेंट|दुर्घटना|डूब गय)',
  '(?:गाडी|कार|बस|ट्रक|बाइक)…8टक्कर',
  'हड्डी…6बाहर',
  'सिर…6चोट',
  '(?:छत|सीढ|ऊंचाई|बालकनी)…8गिर',
  'गोली (?:लग|मार)',
  'चाकू (?:लग|मार|घोंप)',
);

const HEADACHE = rules(
  'HEADACHE',
  'SYMPTOM',
  'अचानक…12सिर ?दर्द',
  '(?:सबसे|भयानक)…15सिर ?दर्द',
  'सिर ?दर्द…8अचानक',
  'गर्दन…8अकड',
);

const OTHER = rules('OTHER', 'SYMPTOM', '(?:शुगर|ग्लूकोज)…6 [1-4]\\d …15(?:होश|चक्कर|पसीना|कांप)');

/** Hindi in Latin letters. */
export const HINGLISH: LanguageRules['rules'] = [
  ...rules(
    'STROKE',
    'SYMPTOM',
    '\\b(?:muh|munh|mooh|chehra)\\b…12(?:tedh|latak|sunn)',
    '\\bha+th\\b…12(?:sunn|kamzor)',
    '\\blak[wv]a\\b',
    '\\b(?:stroke|attack) (?:aaya|aya|aa|ho|pada|aagaya)\\b',
  ),
  ...rules('STROKE', 'PHRASE', '\\bbol nahi+n? (?:pa|rah|sak)', '\\b(?:hath|haath|pair)\\b…10(?:hil|uth) nahi'),
  ...rules(
    'CHEST_PAIN',
    'SYMPTOM',
    '\\b(?:seene|sine|chhati|chaati|chati|chest)\\b…20\\b(?:dard|dabav|jakdan)',
    '\\bdil ka daura',
  ),
  ...rules('BREATHING', 'SYMPTOM', '\\bsa+n?s\\b…15(?:takli|taklee|dikkat|phool|ful rahi)'),
  ...rules('BREATHING', 'PHRASE', '\\bsa+n?s\\b…10(?:nahi|ruk|ghut)', '\\bdam ghut'),
  ...rules('UNCONSCIOUS', 'SYMPTOM', '\\bbehosh', '\\bhosh (?:mein |me )?nahi'),
  ...rules('BLEEDING', 'SYMPTOM', '\\bkh?oo?n\\b…12(?:bah|beh|ruk nahi|ki ulti|band nahi)'),
  ...rules('SEIZURE', 'SYMPTOM', '\\b(?:daura|dora|daure) (?:pad|aa)', '\\bmirgi ka'),
  ...rules(
    'SELF_HARM',
    'PHRASE',
    '\\b(?:marna|mar jana) (?:chah|hai\\b)',
    '\\b(?:khud ?kushi|atmahatya|aatmahatya)',
    '\\b(?:jeena|jina) nahi',
    '\\bnas ka+t',
    '\\bjaan de d',
  ),
  ...rules(
    'POISONING',
    'SYMPTOM',
    '\\b(?:zeher|zehar|zahar|jahar)\\b',
    '\\bgoli(?:ya|yan)\\b…10kha',
    '\\bsa+n?p ne ka+t',
  ),
];

/**
 * In Hindi the negation follows the match. Only these words, or a list with "or", may stand between the two: in "the pain
 * does not get better" the pain is not negated.
 */
const AFTER_FILLERS =
  'की|का|के|में|से|को|कोई|भी|ऐसा|ऐसी|बिल्कुल|तो|महसूस|तकलीफ|समस्या|शिकायत|लक्षण|परेशानी|दिक्कत|जैसा|जैसी|कुछ|अभी|हो|होता|होती|हुआ|हुई|पडा|आया';
const NEGATION_AFTER = new RegExp(
  `^[^ |]*(?: (?:${AFTER_FILLERS}))*(?: (?:या|न|ना)(?: (?!और |लेकिन |पर |मगर |है |हैं |नहीं )[^ |]+){1,5}){0,3}(?: (?:${AFTER_FILLERS}))* नहीं(?: (?:है|हैं|था|थी|थे|हुआ|हुई|पडा|पडे|पडी|होता|होती|आया|आई|बस|लेकिन|पर)| *$)`,
  'u',
);
export const HINGLISH_NEGATION_AFTER =
  /^[^ |]*(?: (?:ki|ka|ke|mein|me|se|ko|koi|bhi|bilkul|to|takleef|problem|dikkat|ho))*(?: ya(?: (?!aur |lekin |par |hai |nahi )[^ |]+){1,5}){0,3}(?: (?:ki|ka|ke|mein|me|koi|bhi|takleef|problem|dikkat))* (?:nahi|nahin|nhi|nai)(?: (?:hai|hain|tha|thi|hua|hui|aaya|pada|bas|lekin|par)| *$)/u;

export const HINDI: LanguageRules = {
  language: 'hi',
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
  negationBefore: / (?:बिना|न) ?$/u,
  negationAfter: NEGATION_AFTER,
  pseudoNegation: null,
  listSeparator: / (?:या|न) /gu,
  or: 'या',
  statementStart:
    / (?=(?:और|लेकिन|पर|मगर|अब|अभी|आज|फिर|क्योंकि|इसलिए|बस|अचानक|साथ|aur|lekin|par|magar|ab|abhi|aaj|phir|fir|kyunki|isliye|bas|achanak) )|(?<= (?:था|थी|थे|tha|thi|the)) (?! )/gu,
  pastTime: pattern(
    ' (?:पिछले (?:साल|महीने|हफ्ते|वर्ष)|(?:साल|सालों|महीने|महीनों|वर्ष|बरस) पहले|(?:19|20)\\d\\d में|बचपन[^ |]*|पुराना|पहले कभी|(?:pichh?le|pichh?ley) (?:saal|sal|mahine|hafte)|(?:saal|sal|mahine|salon) (?:pehle|pahle)|bachpan[^ |]*) ',
  ),
  pastPrefix: null,
  subjectStart:
    / (?=(?:मेर[ाीे]|मुझे|मैं|उस[^ |]*|उन[^ |]*|हाथ|पैर|चेहर[^ |]*|सीन[^ |]*|सांस|सिर|mer[aie]|mujhe|main|uska|uski|haa?th|pair|seene) )/gu,
  presentVerb: / (?:है|हैं|रहा|रही|रहे|हूं|hai|hain|raha|rahi|rahe) /u,
  presentTime: pattern(' (?:अभी|आज|अब|फिर|अचानक|दोबारा दर्द|abhi|aaj|ab|phir|fir|achanak|dobara) '),
  recurrence: / (?:फिर|दोबारा|वापस|वही|वैसा|phir se|fir se|dobara|wapas|wahi) /u,
  report: pattern(' (?:पड रहा|पड गया|आ रहा|आ गया|आया है|हो गया|हो रहा) '),
  generalQuestion: pattern('(?:के लक्षण क्या|कैसे (?:पहचान|बच)|अगर किसी|जानकारी|क्या आपके यहां|मुझे खतरा|क्या होता है|से बचाव)'),
};
