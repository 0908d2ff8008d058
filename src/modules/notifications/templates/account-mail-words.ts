import type { AccountMessageKind, LinkAction } from '../../account-links/index.js';
import type { Language } from '../../../core/kernel/locale.js';
import { API_KEY_CREATED } from './api-key-mail-words.js';
import { REFRESH_TOKEN_REUSED } from './session-mail-words.js';
import { MFA_MAIL_WORDS } from './mfa-mail-words.js';
import { PHONE_CHANGED } from './phone-mail-words.js';
import { WEBHOOK_PAUSED } from './webhook-mail-words.js';

interface Words {
  greeting: string;
  /** In the place of a clinic's name, if the message names none. */
  service: string;
  /** An invitation by SMS. The link follows. */
  sms: string;
  footer: string;
  mails: Record<AccountMessageKind, { subject: string; lead: string }>;
  buttons: Partial<Record<LinkAction, string>>;
}

export const ACCOUNT_MAIL_WORDS: Record<Language, Words> = {
  en: {
    greeting: 'Hello,',
    service: 'an online booking service for clinics',
    sms: '{{clinic}} created an account for you. Choose a password within 7 days:',
    footer: 'This message was sent automatically. Answers to it are not read.',
    mails: {
      EMAIL_VERIFICATION: {
        subject: 'Confirm your e-mail address',
        lead: 'Somebody registered with this e-mail address at an online booking service for clinics. If it was you, confirm the address: then you get reminders and messages about your appointments. If it was not you, close the account. The links work for three days.',
      },
      STAFF_EMAIL_VERIFICATION: {
        subject: 'Confirm your e-mail address',
        lead: 'A staff account at an online booking service for clinics has this e-mail address. If it is yours, confirm the address. The link works once, for three days. If it is not yours, do nothing.',
      },
      PASSWORD_RESET: {
        subject: 'Choose a new password',
        lead: 'Somebody asked for a new password for the account with this e-mail address at an online booking service for clinics. If it was you, choose a new password. The link works once, for 30 minutes. If it was not you, do nothing: your password stays as it is.',
      },
      EMAIL_CHANGE: {
        subject: 'Confirm your new e-mail address',
        lead: 'Somebody wants to use this e-mail address for their account at an online booking service for clinics. If it was you, confirm the address. The link works once, for one day. If it was not you, do nothing.',
      },
      EMAIL_CHANGE_REQUESTED: {
        subject: 'Your e-mail address is about to change',
        lead: 'Somebody asked to use another e-mail address for your account at an online booking service for clinics. If it was you, do nothing. If it was not you, stop the change: all devices are then signed out, and you should choose a new password. The link works until the change is confirmed, at most for one day.',
      },
      EMAIL_CHANGED: {
        subject: 'Your e-mail address was changed',
        lead: 'Your account at an online booking service for clinics now has another e-mail address. You can no longer sign in with this one. If you did not want this, contact your clinic at once.',
      },
      EMAIL_IN_USE: {
        subject: 'You already have an account',
        lead: 'Somebody wanted to use this e-mail address for another account at an online booking service for clinics, but you already have an account with it. If it was you, sign in to that account. If you forgot its password, choose a new one there. If it was not you, do nothing: nothing was changed.',
      },
      ...MFA_MAIL_WORDS.en,
      PASSWORD_CHANGED: {
        subject: 'Your password was changed',
        lead: 'The password of your account at an online booking service for clinics was changed. If it was not you, use “Forgot password” at once to choose a new one, and contact your clinic.',
      },
      IDENTITY_LINKED: {
        subject: 'Another way to sign in was added',
        lead: 'You can now also sign in to your account at an online booking service for clinics with an account at another provider, such as Google. If it was not you, choose a new password at once, remove that way to sign in, and contact your clinic.',
      },
      IDENTITY_REMOVED: {
        subject: 'A way to sign in was removed',
        lead: 'You can no longer sign in to your account at an online booking service for clinics with one of the providers that were linked to it. All other devices were signed out. If it was not you, choose a new password at once, and contact your clinic.',
      },
      PHONE_CHANGED: PHONE_CHANGED.en,
      REFRESH_TOKEN_REUSED: REFRESH_TOKEN_REUSED.en,
      API_KEY_CREATED: API_KEY_CREATED.en,
      WEBHOOK_PAUSED: WEBHOOK_PAUSED.en,
      INVITATION: {
        subject: 'Your account at {{clinic}}',
        lead: '{{clinic}} created an account for you, so that you can sign in online. Choose a password to use it. The link works once, for seven days. If you do not know this clinic, do nothing.',
      },
      INVITATION_TO_JOIN: {
        subject: '{{clinic}} wants to add you',
        lead: '{{clinic}} wants to add the account that you already use at another clinic. If you work there, accept the invitation. The link works once, for seven days. If you do not work there, do nothing: your account stays as it is.',
      },
      BREAK_GLASS_OPENED: {
        subject: 'Emergency access to a patient record',
        lead: 'Somebody of your clinic opened the record of a person who is not their patient, giving an emergency as the reason. The access ends after an hour. Sign in to see who it was, which record it is and why, and check whether the access was justified.',
      },
      RECORD_OPENED: {
        subject: 'Your patient record was opened in an emergency',
        lead: 'Somebody at a clinic that does not treat you opened your patient record, giving an emergency as the reason. The access ends after an hour, and the managers of that clinic were told. Sign in to see when it was and why. If you know of no emergency, contact your clinic.',
      },
    },
    buttons: {
      verify: 'Confirm the address',
      disown: 'This was not me: close the account',
      'reset-password': 'Choose a new password',
      'change-email': 'Confirm the new address',
      'stop-email-change': 'This was not me: stop the change',
      'accept-invitation': 'Accept the invitation',
    },
  },
  ar: {
    greeting: 'مرحبًا،',
    service: 'خدمة لحجز مواعيد العيادات عبر الإنترنت',
    sms: 'أنشأت {{clinic}} حسابًا لك. اختر كلمة مرور خلال 7 أيام:',
    footer: 'أُرسلت هذه الرسالة تلقائيًا. لا تُقرأ الردود عليها.',
    mails: {
      EMAIL_VERIFICATION: {
        subject: 'أكّد عنوان بريدك الإلكتروني',
        lead: 'سجّل شخصٌ ما بهذا العنوان في خدمة لحجز مواعيد العيادات عبر الإنترنت. إن كنت أنت، فأكّد العنوان لتصلك التذكيرات والرسائل الخاصة بمواعيدك. وإن لم تكن أنت، فأغلق الحساب. يعمل الرابطان لمدة ثلاثة أيام.',
      },
      STAFF_EMAIL_VERIFICATION: {
        subject: 'أكّد عنوان بريدك الإلكتروني',
        lead: 'لحساب أحد العاملين في خدمة لحجز مواعيد العيادات عبر الإنترنت هذا العنوان. إن كان حسابك، فأكّد العنوان. يعمل الرابط مرة واحدة ولمدة ثلاثة أيام. وإن لم يكن حسابك، فلا تفعل شيئًا.',
      },
      PASSWORD_RESET: {
        subject: 'اختر كلمة مرور جديدة',
        lead: 'طلب شخصٌ ما كلمة مرور جديدة للحساب المسجَّل بهذا العنوان في خدمة لحجز مواعيد العيادات عبر الإنترنت. إن كنت أنت، فاختر كلمة مرور جديدة. يعمل الرابط مرة واحدة ولمدة 30 دقيقة. وإن لم تكن أنت، فلا تفعل شيئًا: ستبقى كلمة مرورك كما هي.',
      },
      EMAIL_CHANGE: {
        subject: 'أكّد عنوان بريدك الإلكتروني الجديد',
        lead: 'يريد شخصٌ ما استخدام هذا العنوان لحسابه في خدمة لحجز مواعيد العيادات عبر الإنترنت. إن كنت أنت، فأكّد العنوان. يعمل الرابط مرة واحدة ولمدة يوم واحد. وإن لم تكن أنت، فلا تفعل شيئًا.',
      },
      EMAIL_CHANGE_REQUESTED: {
        subject: 'سيتغيّر عنوان بريدك الإلكتروني',
        lead: 'طلب شخصٌ ما استخدام عنوان بريد إلكتروني آخر لحسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت. إن كنت أنت، فلا تفعل شيئًا. وإن لم تكن أنت، فأوقف التغيير: سيتم عندئذ تسجيل الخروج من كل الأجهزة، وعليك اختيار كلمة مرور جديدة. يعمل الرابط حتى تأكيد التغيير، ولمدة يوم واحد على الأكثر.',
      },
      EMAIL_CHANGED: {
        subject: 'تم تغيير عنوان بريدك الإلكتروني',
        lead: 'أصبح لحسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت عنوان بريد إلكتروني آخر، ولم يعد بإمكانك تسجيل الدخول بهذا العنوان. إن لم تكن تريد ذلك، فاتصل بعيادتك فورًا.',
      },
      EMAIL_IN_USE: {
        subject: 'لديك حساب بالفعل',
        lead: 'أراد شخصٌ ما استخدام هذا العنوان لحساب آخر في خدمة لحجز مواعيد العيادات عبر الإنترنت، لكن لديك حسابًا بهذا العنوان بالفعل. إن كنت أنت، فسجّل الدخول إلى ذلك الحساب، وإن نسيت كلمة مروره فاختر كلمة مرور جديدة هناك. وإن لم تكن أنت، فلا تفعل شيئًا: لم يتغيّر شيء.',
      },
      ...MFA_MAIL_WORDS.ar,
      PASSWORD_CHANGED: {
        subject: 'تم تغيير كلمة مرورك',
        lead: 'تم تغيير كلمة مرور حسابك في خدمة لحجز مواعيد العيادات عبر الإنترنت. إن لم تكن أنت من غيّرها، فاستخدم «نسيت كلمة المرور» فورًا لاختيار كلمة مرور جديدة، واتصل بعيادتك.',
      },
      IDENTITY_LINKED: {
        subject: 'أُضيفت طريقة أخرى لتسجيل الدخول',
        lead: 'أصبح بالإمكان تسجيل الدخول إلى حسابك في خدمة حجز مواعيد العيادات عبر الإنترنت بحساب لدى مزوّد آخر، مثل Google. إن لم تكن أنت من فعل ذلك، فاختر كلمة مرور جديدة فورًا، وأزل طريقة الدخول هذه، واتصل بعيادتك.',
      },
      IDENTITY_REMOVED: {
        subject: 'أُزيلت إحدى طرق تسجيل الدخول',
        lead: 'لم يعد بالإمكان تسجيل الدخول إلى حسابك في خدمة حجز مواعيد العيادات عبر الإنترنت بأحد المزوّدين الذين كانوا مرتبطين به. وتم تسجيل الخروج من كل الأجهزة الأخرى. إن لم تكن أنت من فعل ذلك، فاختر كلمة مرور جديدة فورًا، واتصل بعيادتك.',
      },
      PHONE_CHANGED: PHONE_CHANGED.ar,
      REFRESH_TOKEN_REUSED: REFRESH_TOKEN_REUSED.ar,
      API_KEY_CREATED: API_KEY_CREATED.ar,
      WEBHOOK_PAUSED: WEBHOOK_PAUSED.ar,
      INVITATION: {
        subject: 'حسابك لدى {{clinic}}',
        lead: 'أنشأت {{clinic}} حسابًا لك لتتمكّن من تسجيل الدخول عبر الإنترنت. اختر كلمة مرور لاستخدامه. يعمل الرابط مرة واحدة ولمدة سبعة أيام. إن كنت لا تعرف هذه العيادة، فلا تفعل شيئًا.',
      },
      INVITATION_TO_JOIN: {
        subject: 'تريد {{clinic}} إضافتك',
        lead: 'تريد {{clinic}} إضافة الحساب الذي تستخدمه في عيادة أخرى. إن كنت تعمل فيها، فاقبل الدعوة. يعمل الرابط مرة واحدة ولمدة سبعة أيام. وإن لم تكن تعمل فيها، فلا تفعل شيئًا: سيبقى حسابك كما هو.',
      },
      BREAK_GLASS_OPENED: {
        subject: 'وصول طارئ إلى ملف مريض',
        lead: 'فتح أحد العاملين في عيادتك ملف شخص ليس من مرضاه، وذكر حالة طارئة سببًا لذلك. ينتهي هذا الوصول بعد ساعة. سجّل الدخول لترى من فعل ذلك وأي ملف فُتح وما السبب، وتحقّق مما إذا كان الوصول مبرَّرًا.',
      },
      RECORD_OPENED: {
        subject: 'فُتح ملفك الطبي بسبب حالة طارئة',
        lead: 'فتح أحد العاملين في عيادة لا تعالجك ملفك الطبي، وذكر حالة طارئة سببًا لذلك. ينتهي هذا الوصول بعد ساعة، وقد أُبلغ مديرو تلك العيادة. سجّل الدخول لترى متى حدث ذلك ولماذا. وإن لم تكن تعلم بأي حالة طارئة، فاتصل بعيادتك.',
      },
    },
    buttons: {
      verify: 'تأكيد العنوان',
      disown: 'لم أكن أنا: إغلاق الحساب',
      'reset-password': 'اختيار كلمة مرور جديدة',
      'change-email': 'تأكيد العنوان الجديد',
      'stop-email-change': 'لم أكن أنا: إيقاف التغيير',
      'accept-invitation': 'قبول الدعوة',
    },
  },
  hi: {
    greeting: 'नमस्ते,',
    service: 'क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा',
    sms: '{{clinic}} ने आपके लिए एक खाता बनाया है। 7 दिनों के भीतर पासवर्ड चुनें:',
    footer: 'यह संदेश अपने आप भेजा गया है। इसके उत्तर पढ़े नहीं जाते।',
    mails: {
      EMAIL_VERIFICATION: {
        subject: 'अपने ईमेल पते की पुष्टि करें',
        lead: 'किसी ने इस ईमेल पते से क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में पंजीकरण किया है। अगर वह आप थे, तो पते की पुष्टि करें: तब आपको अपॉइंटमेंट के रिमाइंडर और संदेश मिलेंगे। अगर वह आप नहीं थे, तो खाता बंद करें। ये लिंक तीन दिन तक काम करते हैं।',
      },
      STAFF_EMAIL_VERIFICATION: {
        subject: 'अपने ईमेल पते की पुष्टि करें',
        lead: 'क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में एक कर्मचारी के खाते का यह ईमेल पता है। अगर वह खाता आपका है, तो पते की पुष्टि करें। यह लिंक एक बार और तीन दिन तक काम करता है। अगर वह आपका नहीं है, तो कुछ न करें।',
      },
      PASSWORD_RESET: {
        subject: 'नया पासवर्ड चुनें',
        lead: 'किसी ने क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में इस ईमेल पते वाले खाते के लिए नया पासवर्ड माँगा है। अगर वह आप थे, तो नया पासवर्ड चुनें। यह लिंक एक बार और 30 मिनट तक काम करता है। अगर वह आप नहीं थे, तो कुछ न करें: आपका पासवर्ड वैसा ही रहेगा।',
      },
      EMAIL_CHANGE: {
        subject: 'अपने नए ईमेल पते की पुष्टि करें',
        lead: 'कोई क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में अपने खाते के लिए यह ईमेल पता इस्तेमाल करना चाहता है। अगर वह आप थे, तो पते की पुष्टि करें। यह लिंक एक बार और एक दिन तक काम करता है। अगर वह आप नहीं थे, तो कुछ न करें।',
      },
      EMAIL_CHANGE_REQUESTED: {
        subject: 'आपका ईमेल पता बदलने वाला है',
        lead: 'किसी ने क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में आपके खाते के लिए दूसरा ईमेल पता माँगा है। अगर वह आप थे, तो कुछ न करें। अगर वह आप नहीं थे, तो बदलाव रोकें: तब सभी डिवाइस साइन आउट हो जाएँगे, और आपको नया पासवर्ड चुनना चाहिए। यह लिंक बदलाव की पुष्टि होने तक, ज़्यादा से ज़्यादा एक दिन तक, काम करता है।',
      },
      EMAIL_CHANGED: {
        subject: 'आपका ईमेल पता बदल दिया गया है',
        lead: 'क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में अब आपके खाते का ईमेल पता दूसरा है। आप इस पते से अब साइन इन नहीं कर सकते। अगर आप यह नहीं चाहते थे, तो तुरंत अपने क्लिनिक से संपर्क करें।',
      },
      EMAIL_IN_USE: {
        subject: 'आपका खाता पहले से है',
        lead: 'कोई क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में किसी दूसरे खाते के लिए यह ईमेल पता इस्तेमाल करना चाहता था, लेकिन इस पते से आपका खाता पहले से है। अगर वह आप थे, तो उस खाते में साइन इन करें; अगर उसका पासवर्ड भूल गए हैं, तो वहाँ नया चुनें। अगर वह आप नहीं थे, तो कुछ न करें: कुछ नहीं बदला है।',
      },
      ...MFA_MAIL_WORDS.hi,
      PASSWORD_CHANGED: {
        subject: 'आपका पासवर्ड बदल दिया गया है',
        lead: 'क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा में आपके खाते का पासवर्ड बदल दिया गया है। अगर यह आपने नहीं किया, तो तुरंत “पासवर्ड भूल गए” से नया पासवर्ड चुनें और अपने क्लिनिक से संपर्क करें।',
      },
      IDENTITY_LINKED: {
        subject: 'साइन इन करने का एक और तरीका जोड़ा गया',
        lead: 'क्लिनिक की ऑनलाइन बुकिंग सेवा के आपके खाते में अब किसी दूसरे प्रदाता, जैसे Google, के खाते से भी साइन इन किया जा सकता है। अगर यह आपने नहीं किया, तो तुरंत नया पासवर्ड चुनें, साइन इन का यह तरीका हटाएँ और अपने क्लिनिक से संपर्क करें।',
      },
      IDENTITY_REMOVED: {
        subject: 'साइन इन करने का एक तरीका हटाया गया',
        lead: 'क्लिनिक की ऑनलाइन बुकिंग सेवा के आपके खाते में जुड़े प्रदाताओं में से एक से अब साइन इन नहीं किया जा सकता। बाकी सभी डिवाइस साइन आउट कर दिए गए हैं। अगर यह आपने नहीं किया, तो तुरंत नया पासवर्ड चुनें और अपने क्लिनिक से संपर्क करें।',
      },
      PHONE_CHANGED: PHONE_CHANGED.hi,
      REFRESH_TOKEN_REUSED: REFRESH_TOKEN_REUSED.hi,
      API_KEY_CREATED: API_KEY_CREATED.hi,
      WEBHOOK_PAUSED: WEBHOOK_PAUSED.hi,
      INVITATION: {
        subject: '{{clinic}} में आपका खाता',
        lead: '{{clinic}} ने आपके लिए एक खाता बनाया है, ताकि आप ऑनलाइन साइन इन कर सकें। इसका इस्तेमाल करने के लिए पासवर्ड चुनें। यह लिंक सात दिन तक एक बार काम करता है। अगर आप इस क्लिनिक को नहीं जानते, तो कुछ न करें।',
      },
      INVITATION_TO_JOIN: {
        subject: '{{clinic}} आपको जोड़ना चाहता है',
        lead: '{{clinic}} उस खाते को जोड़ना चाहता है जिसका इस्तेमाल आप दूसरे क्लिनिक में करते हैं। अगर आप वहाँ काम करते हैं, तो निमंत्रण स्वीकार करें। यह लिंक सात दिन तक एक बार काम करता है। अगर आप वहाँ काम नहीं करते, तो कुछ न करें: आपका खाता वैसा ही रहेगा।',
      },
      BREAK_GLASS_OPENED: {
        subject: 'मरीज़ के रिकॉर्ड तक आपातकालीन पहुँच',
        lead: 'आपके क्लिनिक के किसी व्यक्ति ने आपातस्थिति का कारण बताकर ऐसे व्यक्ति का रिकॉर्ड खोला है जो उनका मरीज़ नहीं है। यह पहुँच एक घंटे बाद समाप्त हो जाती है। साइन इन करके देखें कि वह कौन था, कौन सा रिकॉर्ड खोला गया और क्यों, और जाँचें कि यह पहुँच उचित थी या नहीं।',
      },
      RECORD_OPENED: {
        subject: 'आपातस्थिति में आपका मरीज़ रिकॉर्ड खोला गया',
        lead: 'ऐसे क्लिनिक के किसी व्यक्ति ने, जो आपका इलाज नहीं करता, आपातस्थिति का कारण बताकर आपका मरीज़ रिकॉर्ड खोला है। यह पहुँच एक घंटे बाद समाप्त हो जाती है, और उस क्लिनिक के प्रबंधकों को सूचित कर दिया गया है। साइन इन करके देखें कि यह कब और क्यों हुआ। अगर आपको किसी आपातस्थिति की जानकारी नहीं है, तो अपने क्लिनिक से संपर्क करें।',
      },
    },
    buttons: {
      verify: 'पते की पुष्टि करें',
      disown: 'यह मैं नहीं था/थी: खाता बंद करें',
      'reset-password': 'नया पासवर्ड चुनें',
      'change-email': 'नए पते की पुष्टि करें',
      'stop-email-change': 'यह मैं नहीं था/थी: बदलाव रोकें',
      'accept-invitation': 'निमंत्रण स्वीकार करें',
    },
  },
};
