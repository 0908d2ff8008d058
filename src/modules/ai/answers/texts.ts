import type { Language } from '../../../core/kernel/locale.js';
import { callText, type EmergencyNumber } from '../../stroke/index.js';
import type { RedFlag } from '../red-flags/rule.js';
import type { Disposition } from './disposition.js';

interface Texts {
  emergency: string;
  stroke: string;
  selfHarm: string;
  /** Follows the text about self-harm if a crisis line is known. */
  crisisLine: (number: string) => string;
  cannotAnswer: string;
  contact: (name: string, phone: string | null) => string;
  book: (url: string) => string;
  /** The emergency lines, with the request to call in them. */
  emergencyLines: (call: string) => string;
  disclaimer: Record<'EMERGENCY' | 'URGENT' | 'OTHER', string>;
}

/** Fixed texts for readers from the age of eleven, never written by a model. A clinician must review them (docs/ai.md). */
const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    emergency:
      'This can be an emergency. Do not wait for an appointment or an answer here. Do not drive yourself. ' +
      'Have someone stay with the person.',
    stroke:
      'These can be signs of a stroke. Call even if they have gone away. Write down when the person was last well. ' +
      'Tell the ambulance crew.',
    selfHarm:
      'I am sorry that it is so hard right now. You are not alone. You deserve help at once. Stay with someone you trust. ' +
      'Put away anything that could hurt you. If someone is hurt already, call now.',
    crisisLine: (number) => `You can also talk to the crisis line: ${number}.`,
    cannotAnswer: 'I do not know the answer to this. The people of the clinic can help you.',
    contact: (name, phone) => (phone ? `Call ${name}: ${phone}.` : `Ask ${name}.`),
    book: (url) => `You can book an appointment here: ${url}`,
    emergencyLines: (call) =>
      `Emergency? ${call} Call if life is at risk, or for chest pain, trouble breathing or heavy bleeding. Call for a drooping ` +
      'face, a weak arm or leg, or trouble speaking. Call for fainting, a seizure or thoughts of suicide.\n' +
      'If you cannot call, go to the nearest emergency department.',
    disclaimer: {
      EMERGENCY: 'Automatic message. It does not replace the emergency services: call them now.',
      URGENT: 'This is not a diagnosis. See a doctor or a nurse today.',
      OTHER: 'General information, not a diagnosis. It does not replace the advice of a clinician.',
    },
  },
  ar: {
    emergency: 'قد تكون هذه حالة طارئة. لا تنتظر موعدًا ولا ردًا هنا. لا تقد السيارة بنفسك. ليبق أحد مع المريض.',
    stroke:
      'قد تكون هذه علامات سكتة دماغية. اتصل حتى لو زالت العلامات. اكتب آخر وقت كان فيه الشخص سليمًا. أخبر به طاقم الإسعاف.',
    selfHarm:
      'يؤسفني أن الأمر صعب جدًا الآن. لست وحدك. من حقك أن تحصل على المساعدة فورًا. ابق مع شخص تثق به. ' +
      'أبعد عنك كل ما قد يؤذيك. إذا تأذى أحد بالفعل فاتصل الآن.',
    crisisLine: (number) => `يمكنك أيضًا التحدث مع خط الدعم النفسي: ${number}.`,
    cannotAnswer: 'لا أعرف الإجابة عن هذا. يمكن للعاملين في العيادة مساعدتك.',
    contact: (name, phone) => (phone ? `اتصل بـ ${isolate(name)}: ${isolate(phone)}.` : `اسأل ${isolate(name)}.`),
    book: (url) => `يمكنك حجز موعد من هنا: ${isolate(url)}`,
    emergencyLines: (call) =>
      `هل هي حالة طارئة؟ ${call} اتصل إذا كانت الحياة في خطر، أو عند ألم في الصدر أو صعوبة في التنفس أو نزيف شديد. اتصل عند تدلي ` +
      'الوجه أو ضعف في ذراع أو ساق أو صعوبة في الكلام. اتصل عند الإغماء أو التشنج أو أفكار الانتحار.\n' +
      'إذا لم تستطع الاتصال فاذهب إلى أقرب قسم طوارئ.',
    disclaimer: {
      EMERGENCY: 'رسالة آلية لا تغني عن خدمات الطوارئ: اتصل بها الآن.',
      URGENT: 'هذا ليس تشخيصًا. راجع طبيبًا أو ممرضًا اليوم.',
      OTHER: 'معلومات عامة وليست تشخيصًا، ولا تغني عن استشارة الطبيب.',
    },
  },
  hi: {
    emergency: 'यह आपात स्थिति हो सकती है। अपॉइंटमेंट या यहाँ के उत्तर का इंतज़ार न करें। ख़ुद गाड़ी न चलाएँ। कोई मरीज़ के साथ रहे।',
    stroke:
      'ये स्ट्रोक (लकवा) के लक्षण हो सकते हैं। लक्षण चले गए हों तब भी कॉल करें। लिख लें कि मरीज़ आख़िरी बार कब ठीक था। ' +
      'यह एम्बुलेंस वालों को बताएँ।',
    selfHarm:
      'मुझे दुख है कि अभी इतना कठिन समय है। आप अकेले नहीं हैं। आपको तुरंत मदद मिलनी चाहिए। किसी भरोसेमंद व्यक्ति के साथ रहें। ' +
      'जो चीज़ चोट पहुँचा सके उसे दूर रख दें। अगर किसी को चोट लग चुकी है तो अभी कॉल करें।',
    crisisLine: (number) => `आप संकट हेल्पलाइन पर भी बात कर सकते हैं: ${number}।`,
    cannotAnswer: 'मुझे इसका उत्तर नहीं पता। क्लिनिक के लोग आपकी मदद कर सकते हैं।',
    contact: (name, phone) => (phone ? `${name} को फ़ोन करें: ${phone}।` : `${name} से पूछें।`),
    book: (url) => `यहाँ अपॉइंटमेंट बुक कर सकते हैं: ${url}`,
    emergencyLines: (call) =>
      `आपात स्थिति है? ${call} जान को ख़तरा हो या सीने में दर्द हो तो कॉल करें। साँस में तकलीफ़ हो या बहुत ख़ून बहे तो कॉल करें। चेहरा टेढ़ा हो, ` +
      'हाथ या पैर कमज़ोर हो या बोलने में दिक़्क़त हो तो कॉल करें। बेहोशी, दौरा या आत्महत्या के विचार हों तो कॉल करें।\n' +
      'अगर कॉल नहीं कर सकते, तो पास के आपातकालीन विभाग जाएँ।',
    disclaimer: {
      EMERGENCY: 'स्वचालित संदेश। यह आपातकालीन सेवाओं की जगह नहीं लेता: उन्हें अभी कॉल करें।',
      URGENT: 'यह निदान नहीं है। आज ही डॉक्टर या नर्स को दिखाएँ।',
      OTHER: 'सामान्य जानकारी, निदान नहीं। यह चिकित्सक की सलाह की जगह नहीं लेती।',
    },
  },
};

/** Shows a Latin name, a number or a link in its own direction within Arabic text: otherwise a leading "+" moves to the other end. */
function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}

/** The numbers that an emergency text names. */
interface NumbersToCall {
  number: EmergencyNumber;
  crisisLine: EmergencyNumber;
}

/** The emergency text: the number to call, and what to do until help comes. It never offers an appointment. */
export function emergencyText(language: Language, flag: RedFlag | null, { number, crisisLine }: NumbersToCall): string {
  const texts = TEXTS[language];
  const call = callText(language, number);
  if (flag !== 'SELF_HARM') return `${call} ${flag === 'STROKE' ? texts.stroke : texts.emergency}`;
  const line = crisisLine.number && texts.crisisLine(formatNumber(crisisLine, crisisLine.number));
  return [texts.selfHarm, call, line].filter(Boolean).join('\n');
}

/** A number that is derived from the locale is shown with its country, since a locale does not prove where a person is. */
const formatNumber = ({ from, country }: EmergencyNumber, number: string): string =>
  from === 'LOCALE' ? `${number} (${country})` : number;

/** Separates the emergency lines from the answer. The lines themselves contain no empty line. */
const AFTER_EMERGENCY_LINES = '\n\n';

/** The emergency lines: the signs of an emergency and the number to call. Every answer begins with them, unless it is certainly administrative. */
export const emergencyLines = (language: Language, number: EmergencyNumber): string =>
  TEXTS[language].emergencyLines(callText(language, number)) + AFTER_EMERGENCY_LINES;

/** Removes the emergency lines of an answer: all before its first empty line. Only for answers whose `safetyNet` is true. */
export function withoutEmergencyLines(answer: string): string {
  const end = answer.indexOf(AFTER_EMERGENCY_LINES);
  return end < 0 ? answer : answer.slice(end + AFTER_EMERGENCY_LINES.length).trim();
}

/** How to contact the clinic. */
export interface ContactOptions {
  clinic: { name: string; phone: string | null } | null;
  bookingUrl: string;
}

/** An answer without a model: the matching FAQ, whom to call and where to book. */
export function fallbackText(language: Language, faq: string | null, { clinic, bookingUrl }: ContactOptions): string {
  const texts = TEXTS[language];
  const parts = [faq ?? texts.cannotAnswer, clinic && texts.contact(clinic.name, clinic.phone), texts.book(bookingUrl)];
  return parts.filter(Boolean).join('\n');
}

export function disclaimerFor(language: Language, disposition: Disposition): string {
  const { disclaimer } = TEXTS[language];
  return disposition === 'EMERGENCY' || disposition === 'URGENT' ? disclaimer[disposition] : disclaimer.OTHER;
}
