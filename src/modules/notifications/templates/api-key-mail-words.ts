import type { Language } from '../../../core/kernel/locale.js';

/** Tells the owner of an account that a key was made with it. */
export const API_KEY_CREATED: Record<Language, { subject: string; lead: string }> = {
  en: {
    subject: 'An API key was created with your account',
    lead: 'Your account at an online booking service for clinics was used to create an API key. With it, a machine can work for your clinic without signing in, also after you change your password. If it was not you, revoke the key at once in the list of API keys, choose a new password, and tell your administrator.',
  },
  ar: {
    subject: 'أُنشئ مفتاح API بحسابك',
    lead: 'استُخدم حسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت لإنشاء مفتاح API. يتيح هذا المفتاح لجهاز أو نظام أن يعمل لعيادتك دون تسجيل الدخول، حتى بعد تغيير كلمة مرورك. إن لم تكن أنت من أنشأه، فألغِ المفتاح فورًا من قائمة مفاتيح API، واختر كلمة مرور جديدة، وأبلغ مسؤول النظام.',
  },
  hi: {
    subject: 'आपके खाते से एक API कुंजी बनाई गई',
    lead: 'क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में आपके खाते से एक API कुंजी बनाई गई है। इससे कोई मशीन बिना साइन इन किए आपके क्लिनिक के लिए काम कर सकती है, आपका पासवर्ड बदलने के बाद भी। अगर यह आपने नहीं किया, तो API कुंजियों की सूची में उस कुंजी को तुरंत रद्द करें, नया पासवर्ड चुनें और अपने व्यवस्थापक को बताएँ।',
  },
};
