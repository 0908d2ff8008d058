import type { EmergencyNumber } from './emergency-number.js';
import type { Language } from './language.js';
import type { Level } from './triage.js';

interface Texts {
  call: (number: string) => string;
  callLocalNumber: string;
  /** The number was found by the locale, which is no proof of where somebody is. */
  callLocalNumberOf: (country: string, number: string) => string;
  evenIfGone: string;
  lastKnownWell: string;
  /** Names low sugar as a cause that is treated at once, and never as a reason not to call. */
  lowGlucose: string;
  urgent: string;
  incomplete: string;
  routine: string;
  ifASignAppears: string;
  disclaimer: string;
}

/** Fixed texts, never made up by a model. Their content wants a clinician's review (docs/clinical.md). */
const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    call: (number) => `Call ${number} now. These can be signs of a stroke.`,
    callLocalNumber: 'Call your local emergency number now. These can be signs of a stroke.',
    callLocalNumberOf: (country, number) =>
      `Call your local emergency number now (${country}: ${number}). These can be signs of a stroke.`,
    evenIfGone: 'Call even if the signs have gone away.',
    lastKnownWell: 'Note the time when the person was last known to be well, and tell it to the ambulance crew.',
    lowGlucose:
      'The blood sugar is low. Low sugar can cause the same signs and is treated at once: tell the emergency service or a ' +
      'clinician now. It does not rule out a stroke.',
    urgent: 'This needs an urgent medical assessment, even if it has gone away and whatever a score says.',
    incomplete: 'Not every warning sign was answered, so a stroke cannot be ruled out.',
    routine: 'No warning sign was reported. Seek medical care if you are worried.',
    ifASignAppears:
      'If there is sudden trouble with balance, sight, face, arm or speech, a sudden severe headache, a seizure or ' +
      'reduced consciousness, call the emergency number at once.',
    disclaimer: 'Decision support, not a diagnosis. It needs the review of a clinician.',
  },
  ar: {
    call: (number) => `اتصل بالرقم ${number} الآن. قد تكون هذه علامات سكتة دماغية.`,
    callLocalNumber: 'اتصل برقم الطوارئ المحلي الآن. قد تكون هذه علامات سكتة دماغية.',
    callLocalNumberOf: (country, number) =>
      `اتصل برقم الطوارئ المحلي الآن (${country}: ${number}). قد تكون هذه علامات سكتة دماغية.`,
    evenIfGone: 'اتصل حتى لو زالت العلامات.',
    lastKnownWell: 'سجّل آخر وقت كان فيه الشخص سليمًا، وأخبر به طاقم الإسعاف.',
    lowGlucose:
      'سكر الدم منخفض. انخفاض السكر قد يسبب العلامات نفسها ويُعالج فورًا: أخبر الإسعاف أو الطبيب الآن. ' +
      'وهو لا يستبعد السكتة الدماغية.',
    urgent: 'هذه الحالة تحتاج إلى تقييم طبي عاجل، حتى لو زالت الأعراض ومهما كانت نتيجة أي مقياس.',
    incomplete: 'لم تتم الإجابة عن جميع علامات الإنذار، لذلك لا يمكن استبعاد السكتة الدماغية.',
    routine: 'لم يُبلَّغ عن أي علامة إنذار. اطلب الرعاية الطبية إذا كنت قلقًا.',
    ifASignAppears:
      'إذا ظهر فجأة اضطراب في التوازن أو النظر أو الوجه أو الذراع أو الكلام، أو صداع شديد مفاجئ، أو تشنج، ' +
      'أو نقص في الوعي، فاتصل برقم الطوارئ فورًا.',
    disclaimer: 'هذه أداة لدعم القرار وليست تشخيصًا، وتحتاج إلى مراجعة طبيب.',
  },
  hi: {
    call: (number) => `अभी ${number} पर कॉल करें। ये स्ट्रोक (लकवा) के लक्षण हो सकते हैं।`,
    callLocalNumber: 'अभी अपने स्थानीय आपातकालीन नंबर पर कॉल करें। ये स्ट्रोक (लकवा) के लक्षण हो सकते हैं।',
    callLocalNumberOf: (country, number) =>
      `अभी अपने स्थानीय आपातकालीन नंबर पर कॉल करें (${country}: ${number})। ये स्ट्रोक (लकवा) के लक्षण हो सकते हैं।`,
    evenIfGone: 'लक्षण चले गए हों तब भी कॉल करें।',
    lastKnownWell: 'वह समय लिख लें जब व्यक्ति आख़िरी बार ठीक था, और एम्बुलेंस कर्मियों को बताएँ।',
    lowGlucose:
      'रक्त में शर्करा (शुगर) कम है। कम शुगर से भी ऐसे ही लक्षण हो सकते हैं और इसका इलाज तुरंत किया जाता है: आपातकालीन सेवा या ' +
      'चिकित्सक को अभी बताएँ। इससे स्ट्रोक से इनकार नहीं होता।',
    urgent: 'इसकी तुरंत चिकित्सीय जाँच ज़रूरी है, चाहे लक्षण चले गए हों और कोई भी स्कोर कुछ भी कहे।',
    incomplete: 'सभी चेतावनी लक्षणों का उत्तर नहीं दिया गया, इसलिए स्ट्रोक से इनकार नहीं किया जा सकता।',
    routine: 'कोई चेतावनी लक्षण नहीं बताया गया। चिंता हो तो चिकित्सा सहायता लें।',
    ifASignAppears:
      'यदि अचानक संतुलन, दृष्टि, चेहरे, बाँह या बोलने में परेशानी, अचानक तेज़ सिरदर्द, दौरा या बेहोशी हो, ' +
      'तो तुरंत आपातकालीन नंबर पर कॉल करें।',
    disclaimer: 'यह निर्णय में सहायता है, निदान नहीं। चिकित्सक द्वारा समीक्षा आवश्यक है।',
  },
};

export function callText(language: Language, { number, from, country }: EmergencyNumber): string {
  const texts = TEXTS[language];
  if (!number) return texts.callLocalNumber;
  return from === 'LOCALE' ? texts.callLocalNumberOf(country ?? '', number) : texts.call(number);
}

/** The advice of a level, the most important first. None of it offers an appointment in place of a call. */
export function adviceTexts(
  level: Level,
  language: Language,
  number: EmergencyNumber,
  { lowGlucose = false }: { lowGlucose?: boolean } = {},
): string[] {
  const texts = TEXTS[language];
  const [first, ...others] = ADVICE[level](texts, callText(language, number));
  return [first, ...(lowGlucose ? [texts.lowGlucose] : []), ...others];
}

const ADVICE: Readonly<Record<Level, (texts: Texts, call: string) => [first: string, ...others: string[]]>> = {
  CALL_EMERGENCY: (texts, call) => [call, texts.evenIfGone, texts.lastKnownWell],
  URGENT: (texts) => [texts.urgent, texts.ifASignAppears, texts.lastKnownWell],
  INCOMPLETE: (texts) => [texts.incomplete, texts.ifASignAppears],
  ROUTINE: (texts) => [texts.routine, texts.ifASignAppears],
};

export const disclaimerText = (language: Language): string => TEXTS[language].disclaimer;
