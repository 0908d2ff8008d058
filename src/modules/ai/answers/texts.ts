import type { Language } from '../../../core/kernel/locale.js';
import { callText, type EmergencyNumber } from '../../stroke/index.js';
import type { RedFlag } from '../red-flags/rule.js';
import type { Disposition } from './disposition.js';

interface Texts {
  emergency: string;
  stroke: string;
  selfHarm: string;
  cannotAnswer: string;
  contact: (name: string, phone: string | null) => string;
  book: (url: string) => string;
  /** The emergency lines, with the request to call in them. */
  emergencyLines: (call: string) => string;
  disclaimer: Record<'EMERGENCY' | 'URGENT' | 'OTHER', string>;
}

/** Fixed texts, never written by a model. A clinician must review them (docs/ai.md). */
const TEXTS: Readonly<Record<Language, Texts>> = {
  en: {
    emergency:
      'What you describe can be an emergency. Do not wait for an appointment or for an answer here. ' +
      'Do not drive yourself; have somebody stay with the person.',
    stroke:
      'These can be signs of a stroke. Call even if they have gone away. Note the time when the person was last known ' +
      'to be well and tell it to the ambulance crew.',
    selfHarm:
      'I am sorry that it is so hard right now. You are not alone, and you deserve help at once. Stay with somebody you ' +
      'trust, and put away whatever could hurt you. If somebody has been hurt already, call now.',
    cannotAnswer: 'I cannot answer this here right now. The people of the clinic can help you.',
    contact: (name, phone) => (phone ? `Call ${name}: ${phone}.` : `Ask ${name}.`),
    book: (url) => `You can book an appointment here: ${url}`,
    emergencyLines: (call) =>
      `Emergency? ${call} Call if life is at risk, or for chest pain, trouble breathing, a drooping face, a weak arm or leg, ` +
      'trouble speaking, heavy bleeding, fainting, a seizure or thoughts of suicide.\n' +
      'If you cannot call, go to the nearest emergency department.',
    disclaimer: {
      EMERGENCY: 'Automatic message. It does not replace the emergency services: call them now.',
      URGENT: 'Not a diagnosis. Let a clinician assess this today.',
      OTHER: 'General information, not a diagnosis. It does not replace the advice of a clinician.',
    },
  },
  ar: {
    emergency: 'ما تصفه قد يكون حالة طارئة. لا تنتظر موعدًا ولا ردًا هنا. لا تقد السيارة بنفسك، وليبق أحد مع المريض.',
    stroke:
      'قد تكون هذه علامات سكتة دماغية. اتصل حتى لو زالت العلامات. سجّل آخر وقت كان فيه الشخص سليمًا وأخبر به طاقم الإسعاف.',
    selfHarm:
      'يؤسفني أن الأمر بهذه الصعوبة الآن. لست وحدك، وتستحق المساعدة فورًا. ابق مع شخص تثق به وأبعد عنك كل ما قد يؤذيك. ' +
      'وإذا كان أحد قد تأذى بالفعل فاتصل الآن.',
    cannotAnswer: 'لا أستطيع الإجابة عن هذا هنا الآن. يمكن للعاملين في العيادة مساعدتك.',
    contact: (name, phone) => (phone ? `اتصل بـ ${name}: ${phone}.` : `اسأل ${name}.`),
    book: (url) => `يمكنك حجز موعد من هنا: ${url}`,
    emergencyLines: (call) =>
      `هل هي حالة طارئة؟ ${call} اتصل إذا كانت الحياة في خطر، أو عند ألم في الصدر، أو صعوبة في التنفس، أو تدلي الوجه، أو ضعف في ` +
      'ذراع أو ساق، أو صعوبة في الكلام، أو نزيف شديد، أو إغماء، أو تشنج، أو أفكار انتحارية.\n' +
      'إذا لم تستطع الاتصال فاذهب إلى أقرب قسم طوارئ.',
    disclaimer: {
      EMERGENCY: 'رسالة آلية لا تغني عن خدمات الطوارئ: اتصل بها الآن.',
      URGENT: 'هذا ليس تشخيصًا. ليقيّم طبيب هذه الحالة اليوم.',
      OTHER: 'معلومات عامة وليست تشخيصًا، ولا تغني عن استشارة الطبيب.',
    },
  },
  hi: {
    emergency:
      'आप जो बता रहे हैं वह आपात स्थिति हो सकती है। अपॉइंटमेंट या यहाँ के उत्तर की प्रतीक्षा न करें। ख़ुद गाड़ी न चलाएँ; ' +
      'कोई व्यक्ति रोगी के साथ रहे।',
    stroke:
      'ये स्ट्रोक (लकवा) के लक्षण हो सकते हैं। लक्षण चले गए हों तब भी कॉल करें। वह समय लिख लें जब व्यक्ति आख़िरी बार ठीक था, ' +
      'और एम्बुलेंस कर्मियों को बताएँ।',
    selfHarm:
      'मुझे दुख है कि अभी इतना कठिन समय है। आप अकेले नहीं हैं, और आपको तुरंत मदद मिलनी चाहिए। किसी भरोसेमंद व्यक्ति के साथ रहें ' +
      'और जो चीज़ चोट पहुँचा सके उसे दूर रख दें। अगर चोट लग चुकी है तो अभी कॉल करें।',
    cannotAnswer: 'मैं अभी यहाँ इसका उत्तर नहीं दे सकता। क्लिनिक के लोग आपकी मदद कर सकते हैं।',
    contact: (name, phone) => (phone ? `${name} को फ़ोन करें: ${phone}।` : `${name} से पूछें।`),
    book: (url) => `यहाँ अपॉइंटमेंट बुक कर सकते हैं: ${url}`,
    emergencyLines: (call) =>
      `आपात स्थिति है? ${call} जान को ख़तरा हो, या सीने में दर्द, साँस लेने में तकलीफ़, चेहरा टेढ़ा होना, हाथ या पैर में कमज़ोरी, बोलने में ` +
      'दिक़्क़त, बहुत ख़ून बहना, बेहोशी, दौरा या आत्महत्या के विचार हों, तो कॉल करें।\n' +
      'यदि कॉल नहीं कर सकते, तो नज़दीकी आपातकालीन विभाग जाएँ।',
    disclaimer: {
      EMERGENCY: 'स्वचालित संदेश। यह आपातकालीन सेवाओं की जगह नहीं लेता: उन्हें अभी कॉल करें।',
      URGENT: 'यह निदान नहीं है। आज ही किसी चिकित्सक से जाँच कराएँ।',
      OTHER: 'सामान्य जानकारी, निदान नहीं। यह चिकित्सक की सलाह की जगह नहीं लेती।',
    },
  },
};

/** The emergency text: the number to call, and what to do until help comes. It never offers an appointment. */
export function emergencyText(language: Language, flag: RedFlag | null, number: EmergencyNumber): string {
  const texts = TEXTS[language];
  const call = callText(language, number);
  if (flag === 'SELF_HARM') return `${texts.selfHarm}\n${call}`;
  return `${call} ${flag === 'STROKE' ? texts.stroke : texts.emergency}`;
}

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
