import type { Language } from '../../../core/kernel/locale.js';

/** The number is not in the mail: it may have been entered by somebody else. */
export const PHONE_CHANGED: Record<Language, { subject: string; lead: string }> = {
  en: {
    subject: 'Your telephone number was changed',
    lead: 'The telephone number of your account at an online booking service for clinics was changed. Messages about your appointments by SMS now go to the new number. If it was not you, choose a new password at once, correct the number, and contact your clinic.',
  },
  ar: {
    subject: 'تم تغيير رقم هاتفك',
    lead: 'تم تغيير رقم هاتف حسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت. وتُرسل الآن الرسائل النصية الخاصة بمواعيدك إلى الرقم الجديد. إن لم تكن أنت من غيّره، فاختر كلمة مرور جديدة فورًا، وصحّح الرقم، واتصل بعيادتك.',
  },
  hi: {
    subject: 'आपका फ़ोन नंबर बदल दिया गया है',
    lead: 'क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में आपके खाते का फ़ोन नंबर बदल दिया गया है। आपके अपॉइंटमेंट के SMS अब नए नंबर पर जाते हैं। अगर यह आपने नहीं किया, तो तुरंत नया पासवर्ड चुनें, नंबर ठीक करें और अपने क्लिनिक से संपर्क करें।',
  },
};
