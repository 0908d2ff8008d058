import type { AccountMessageKind } from '../../account-links/index.js';
import type { Language } from '../../../core/kernel/locale.js';

type MfaMessageKind = Extract<AccountMessageKind, `MFA_${string}`>;

/** The mails about changes of a second factor. */
export const MFA_MAIL_WORDS: Record<Language, Record<MfaMessageKind, { subject: string; lead: string }>> = {
  en: {
    MFA_ENABLED: {
      subject: 'Your second factor was switched on',
      lead: 'Signing in to your account at an online booking service for clinics now needs a code of your authenticator app, and other devices were signed out. If it was not you, somebody else has your password: choose a new one at once, and contact your clinic.',
    },
    MFA_DISABLED: {
      subject: 'Your second factor was switched off',
      lead: 'Signing in to your account at an online booking service for clinics no longer needs a code of your authenticator app. If it was not you, choose a new password at once, switch the second factor on again, and contact your clinic.',
    },
    MFA_RESET: {
      subject: 'Your second factor was reset',
      lead: 'A manager or an administrator switched off the second factor of your account at an online booking service for clinics, and all devices were signed out. Sign in with your password, and set the second factor up again. If you did not ask for this, contact your clinic at once.',
    },
    MFA_CODES_RENEWED: {
      subject: 'Your recovery codes were replaced',
      lead: 'Your account at an online booking service for clinics has new recovery codes. The old ones no longer work. If it was not you, choose a new password at once, and contact your clinic.',
    },
    MFA_CODE_USED: {
      subject: 'One of your recovery codes was used',
      lead: 'Somebody used a recovery code of your account at an online booking service for clinics. The code no longer works. If you are running out of codes, replace them. If it was not you, choose a new password at once, replace the codes, and contact your clinic.',
    },
  },
  ar: {
    MFA_ENABLED: {
      subject: 'تم تفعيل خطوة التحقق الثانية',
      lead: 'أصبح تسجيل الدخول إلى حسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت يتطلب رمزًا من تطبيق المصادقة، وتم تسجيل الخروج من الأجهزة الأخرى. إن لم تكن أنت من فعل ذلك، فشخصٌ آخر يعرف كلمة مرورك: اختر كلمة مرور جديدة فورًا، واتصل بعيادتك.',
    },
    MFA_DISABLED: {
      subject: 'تم إيقاف خطوة التحقق الثانية',
      lead: 'لم يعد تسجيل الدخول إلى حسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت يتطلب رمزًا من تطبيق المصادقة. إن لم تكن أنت من فعل ذلك، فاختر كلمة مرور جديدة فورًا، وأعد تفعيل خطوة التحقق الثانية، واتصل بعيادتك.',
    },
    MFA_RESET: {
      subject: 'تمت إعادة ضبط خطوة التحقق الثانية',
      lead: 'أوقف مدير العيادة أو مسؤول النظام خطوة التحقق الثانية لحسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت، وتم تسجيل الخروج من كل الأجهزة. سجّل الدخول بكلمة مرورك، ثم فعّل خطوة التحقق الثانية من جديد. إن لم تطلب ذلك، فاتصل بعيادتك فورًا.',
    },
    MFA_CODES_RENEWED: {
      subject: 'تم استبدال رموز الاسترداد',
      lead: 'أصبحت لحسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت رموز استرداد جديدة، ولم تعد الرموز القديمة صالحة. إن لم تكن أنت من فعل ذلك، فاختر كلمة مرور جديدة فورًا، واتصل بعيادتك.',
    },
    MFA_CODE_USED: {
      subject: 'تم استخدام أحد رموز الاسترداد',
      lead: 'استخدم شخصٌ ما أحد رموز استرداد حسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت، ولم يعد هذا الرمز صالحًا. إن أوشكت رموزك على النفاد، فاستبدلها. وإن لم تكن أنت، فاختر كلمة مرور جديدة فورًا، واستبدل الرموز، واتصل بعيادتك.',
    },
  },
  hi: {
    MFA_ENABLED: {
      subject: 'आपके खाते में दूसरे चरण का सत्यापन चालू किया गया',
      lead: 'क्लिनिकों की एक ऑनलाइन बुकिंग सेवा के आपके खाते में साइन इन करने के लिए अब आपके ऑथेंटिकेटर ऐप का कोड चाहिए, और दूसरे उपकरणों से साइन आउट कर दिया गया है। अगर यह आपने नहीं किया, तो आपका पासवर्ड किसी और के पास है: तुरंत नया पासवर्ड चुनें और अपने क्लिनिक से संपर्क करें।',
    },
    MFA_DISABLED: {
      subject: 'आपके खाते में दूसरे चरण का सत्यापन बंद किया गया',
      lead: 'क्लिनिकों की एक ऑनलाइन बुकिंग सेवा के आपके खाते में साइन इन करने के लिए अब ऑथेंटिकेटर ऐप का कोड नहीं चाहिए। अगर यह आपने नहीं किया, तो तुरंत नया पासवर्ड चुनें, दूसरे चरण का सत्यापन फिर से चालू करें और अपने क्लिनिक से संपर्क करें।',
    },
    MFA_RESET: {
      subject: 'आपके खाते में दूसरे चरण का सत्यापन रीसेट किया गया',
      lead: 'किसी प्रबंधक या व्यवस्थापक ने क्लिनिकों की एक ऑनलाइन बुकिंग सेवा के आपके खाते में दूसरे चरण का सत्यापन बंद कर दिया है, और सभी उपकरणों से साइन आउट कर दिया गया है। अपने पासवर्ड से साइन इन करें और दूसरे चरण का सत्यापन फिर से चालू करें। अगर आपने यह नहीं कहा था, तो तुरंत अपने क्लिनिक से संपर्क करें।',
    },
    MFA_CODES_RENEWED: {
      subject: 'आपके रिकवरी कोड बदल दिए गए',
      lead: 'क्लिनिकों की एक ऑनलाइन बुकिंग सेवा के आपके खाते के लिए नए रिकवरी कोड बनाए गए हैं। पुराने कोड अब काम नहीं करते। अगर यह आपने नहीं किया, तो तुरंत नया पासवर्ड चुनें और अपने क्लिनिक से संपर्क करें।',
    },
    MFA_CODE_USED: {
      subject: 'आपका एक रिकवरी कोड इस्तेमाल किया गया',
      lead: 'क्लिनिकों की एक ऑनलाइन बुकिंग सेवा के आपके खाते का एक रिकवरी कोड किसी ने इस्तेमाल किया। यह कोड अब काम नहीं करता। अगर आपके कोड खत्म होने वाले हैं, तो उन्हें बदल दें। अगर यह आपने नहीं किया, तो तुरंत नया पासवर्ड चुनें, कोड बदलें और अपने क्लिनिक से संपर्क करें।',
    },
  },
};
