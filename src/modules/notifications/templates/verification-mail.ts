import { HTML, TEXT } from './engine.js';
import { PRIMARY_BUTTON, SECONDARY_BUTTON } from './layouts.js';
import { negotiate, type Language } from './locales.js';

interface Words {
  subject: string;
  greeting: string;
  lead: string;
  confirm: string;
  disown: string;
  footer: string;
}

const WORDS: Record<Language, Words> = {
  en: {
    subject: 'Confirm your e-mail address',
    greeting: 'Hello,',
    lead: 'Somebody registered with this e-mail address at an online booking service for clinics. If it was you, confirm the address: then you get reminders and messages about your appointments. If it was not you, close the account. The links work for three days.',
    confirm: 'Confirm the address',
    disown: 'This was not me: close the account',
    footer: 'This message was sent automatically. Answers to it are not read.',
  },
  ar: {
    subject: 'أكّد عنوان بريدك الإلكتروني',
    greeting: 'مرحبًا،',
    lead: 'سجّل شخصٌ ما بهذا العنوان في خدمة لحجز مواعيد العيادات عبر الإنترنت. إن كنت أنت، فأكّد العنوان لتصلك التذكيرات والرسائل الخاصة بمواعيدك. وإن لم تكن أنت، فأغلق الحساب. يعمل الرابطان لمدة ثلاثة أيام.',
    confirm: 'تأكيد العنوان',
    disown: 'لم أكن أنا: إغلاق الحساب',
    footer: 'أُرسلت هذه الرسالة تلقائيًا. لا تُقرأ الردود عليها.',
  },
  hi: {
    subject: 'अपने ईमेल पते की पुष्टि करें',
    greeting: 'नमस्ते,',
    lead: 'किसी ने इस ईमेल पते से क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में पंजीकरण किया है। अगर वह आप थे, तो पते की पुष्टि करें: तब आपको अपॉइंटमेंट के रिमाइंडर और संदेश मिलेंगे। अगर वह आप नहीं थे, तो खाता बंद करें। ये लिंक तीन दिन तक काम करते हैं।',
    confirm: 'पते की पुष्टि करें',
    disown: 'यह मैं नहीं था/थी: खाता बंद करें',
    footer: 'यह संदेश अपने आप भेजा गया है। इसके उत्तर पढ़े नहीं जाते।',
  },
};

interface VerificationMail {
  subject: string;
  text: string;
  html: string;
}

/**
 * The mail to an address that was used to register an account. It contains no name, because the address may belong to somebody
 * other than the person who registered.
 */
export function verificationMail(wanted: string, links: { verify: string; disown: string }): VerificationMail {
  const { language, direction } = negotiate(wanted);
  const { subject, greeting, lead, confirm, disown, footer } = WORDS[language];
  const parts = {
    language,
    direction,
    subject,
    title: subject,
    greeting,
    lead,
    awaitsConfirmation: null,
    note: null,
    rows: [],
    buttons: [
      { label: confirm, url: links.verify, style: PRIMARY_BUTTON },
      { label: disown, url: links.disown, style: SECONDARY_BUTTON },
    ],
    footer,
    unsubscribe: null,
    unsubscribeUrl: null,
  };
  return { subject, text: TEXT[language].layout(parts), html: HTML[language].layout(parts) };
}
