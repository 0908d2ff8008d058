import type { Language } from '../../../core/kernel/locale.js';

/** Tells the owner of an account that a session was ended because somebody may have copied its refresh token. */
export const REFRESH_TOKEN_REUSED: Record<Language, { subject: string; lead: string }> = {
  en: {
    subject: 'One of your devices was signed out',
    lead: 'A session of your account at an online booking service for clinics was used from two places and was ended for safety. This can happen if the application runs twice on one device. If you did not expect it, somebody may have copied the session: choose a new password at once, and contact your clinic.',
  },
  ar: {
    subject: 'تم تسجيل الخروج من أحد أجهزتك',
    lead: 'استُخدمت جلسة من حسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت من مكانين، فأُنهيت حفاظًا على أمانك. قد يحدث ذلك إذا كان التطبيق مفتوحًا مرتين على جهاز واحد. إن لم تكن تتوقع ذلك، فربما نسخ شخصٌ آخر الجلسة: اختر كلمة مرور جديدة فورًا، واتصل بعيادتك.',
  },
  hi: {
    subject: 'आपके एक उपकरण से साइन आउट कर दिया गया है',
    lead: 'क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में आपके खाते का एक सेशन दो जगहों से इस्तेमाल हुआ, इसलिए सुरक्षा के लिए उसे बंद कर दिया गया। एक ही उपकरण पर ऐप दो बार खुला हो, तब भी ऐसा हो सकता है। अगर आपको इसकी उम्मीद नहीं थी, तो हो सकता है किसी ने सेशन की नकल कर ली हो: तुरंत नया पासवर्ड चुनें और अपने क्लिनिक से संपर्क करें।',
  },
};
