import type { Language } from '../../core/kernel/locale.js';

/** The pages of links about appointments, offers, mails and accounts. */
export type LinkPageKind =
  | 'CONFIRM'
  | 'CANCEL'
  | 'UNSUBSCRIBE'
  | 'CONFIRMED'
  | 'CANCELLED'
  | 'UNSUBSCRIBED'
  | 'LINK_EXPIRED'
  | 'TOO_LATE'
  | 'ACCEPT_OFFER'
  | 'DECLINE_OFFER'
  | 'OFFER_ACCEPTED'
  | 'OFFER_DECLINED'
  | 'OFFER_OVER'
  | 'OFFER_CLOSED'
  | 'OFFER_REFUSED'
  | 'UNKNOWN'
  | 'VERIFY'
  | 'VERIFIED'
  | 'DISOWN'
  | 'DISOWNED'
  | 'ACCOUNT_LINK_EXPIRED'
  | 'RESET_PASSWORD'
  | 'WEAK_PASSWORD'
  | 'PASSWORD_RESET'
  | 'CHANGE_EMAIL'
  | 'EMAIL_CHANGED'
  | 'NEW_ADDRESS_TAKEN'
  | 'STOP_EMAIL_CHANGE'
  | 'EMAIL_CHANGE_STOPPED';

export type LinkButton =
  | 'confirm'
  | 'cancel'
  | 'acceptOffer'
  | 'declineOffer'
  | 'unsubscribe'
  | 'verify'
  | 'disown'
  | 'setPassword'
  | 'stop';
export type LinkLabel = 'newPassword';
type Words = Record<LinkPageKind | LinkButton | LinkLabel, string>;

export const LINK_WORDS: Record<Language, Words> = {
  en: {
    CONFIRM: 'Will you come to this appointment?',
    CANCEL: 'Do you want to cancel this appointment?',
    UNSUBSCRIBE: 'Stop these mails?',
    CONFIRMED: 'Thank you. The clinic knows that you will come.',
    CANCELLED: 'The appointment is cancelled.',
    UNSUBSCRIBED: 'You will get no more mails of this kind.',
    LINK_EXPIRED: 'This link has been used, or the appointment was moved, cancelled or has begun.',
    TOO_LATE: 'It is too late to cancel here. Please call the clinic.',
    ACCEPT_OFFER: 'Do you want this appointment?',
    DECLINE_OFFER: 'Do you not want this appointment?',
    OFFER_ACCEPTED: 'The appointment is yours. You will get a message.',
    OFFER_DECLINED: 'Thank you. You stay on the waiting list.',
    OFFER_OVER: 'This offer is over, or was answered before.',
    OFFER_CLOSED: 'This time is not available any more. You stay on the waiting list and will be offered other times.',
    OFFER_REFUSED: 'This appointment cannot be booked here any more. Please call the clinic.',
    acceptOffer: 'Yes, book it',
    declineOffer: 'No, keep me on the waiting list',
    UNKNOWN: 'This link is not valid.',
    confirm: 'Yes, I will come',
    cancel: 'Cancel the appointment',
    unsubscribe: 'Stop these mails',
    VERIFY: 'Did you register with this e-mail address?',
    VERIFIED: 'Thank you. The address is confirmed.',
    DISOWN: 'Do you want to close the account that was registered with your e-mail address?',
    DISOWNED: 'The account is closed.',
    ACCOUNT_LINK_EXPIRED: 'This link was used before or has expired.',
    verify: 'Confirm the address',
    disown: 'Close the account',
    RESET_PASSWORD: 'Choose a new password',
    WEAK_PASSWORD:
      'This password is too easy to guess, or longer than 128 characters. Use at least 8 characters, or several words that are not about you.',
    PASSWORD_RESET: 'Your password was changed. You can sign in with it now.',
    CHANGE_EMAIL: 'Do you want to use this e-mail address for your account?',
    EMAIL_CHANGED: 'Thank you. Your account has this e-mail address now.',
    NEW_ADDRESS_TAKEN:
      'Another account has this e-mail address in the meantime. Sign in to that account, or choose another address.',
    STOP_EMAIL_CHANGE: 'Do you want to stop the change of your e-mail address, and sign out all devices?',
    EMAIL_CHANGE_STOPPED: 'The change is stopped and all devices are signed out. Please choose a new password.',
    setPassword: 'Change the password',
    stop: 'Stop the change',
    newPassword: 'New password',
  },
  ar: {
    CONFIRM: 'هل ستحضر هذا الموعد؟',
    CANCEL: 'هل تريد إلغاء هذا الموعد؟',
    UNSUBSCRIBE: 'هل تريد إيقاف هذا النوع من الرسائل؟',
    CONFIRMED: 'شكرًا لك. العيادة تعلم أنك ستحضر.',
    CANCELLED: 'تم إلغاء الموعد.',
    UNSUBSCRIBED: 'لن تصلك رسائل من هذا النوع بعد الآن.',
    LINK_EXPIRED: 'استُخدم هذا الرابط من قبل، أو تغيّر الموعد أو أُلغي أو بدأ.',
    TOO_LATE: 'فات وقت الإلغاء من هنا. يُرجى الاتصال بالعيادة.',
    ACCEPT_OFFER: 'هل تريد هذا الموعد؟',
    DECLINE_OFFER: 'ألا تريد هذا الموعد؟',
    OFFER_ACCEPTED: 'أصبح الموعد لك. ستصلك رسالة.',
    OFFER_DECLINED: 'شكرًا لك. ستبقى في قائمة الانتظار.',
    OFFER_OVER: 'انتهى هذا العرض، أو تم الرد عليه من قبل.',
    OFFER_CLOSED: 'لم يعد هذا الموعد متاحًا. ستبقى في قائمة الانتظار وستُعرض عليك مواعيد أخرى.',
    OFFER_REFUSED: 'لم يعد حجز هذا الموعد ممكنًا من هنا. يُرجى الاتصال بالعيادة.',
    acceptOffer: 'نعم، احجزه',
    declineOffer: 'لا، أبقني في قائمة الانتظار',
    UNKNOWN: 'هذا الرابط ليس من روابطنا.',
    confirm: 'نعم، سأحضر',
    cancel: 'إلغاء الموعد',
    unsubscribe: 'إيقاف هذه الرسائل',
    VERIFY: 'هل سجّلت بهذا العنوان؟',
    VERIFIED: 'شكرًا لك. تم تأكيد العنوان.',
    DISOWN: 'هل تريد إغلاق الحساب المسجَّل بعنوان بريدك الإلكتروني؟',
    DISOWNED: 'تم إغلاق الحساب.',
    ACCOUNT_LINK_EXPIRED: 'استُخدم هذا الرابط من قبل أو انتهت صلاحيته.',
    verify: 'تأكيد العنوان',
    disown: 'إغلاق الحساب',
    RESET_PASSWORD: 'اختر كلمة مرور جديدة',
    WEAK_PASSWORD:
      'يسهل تخمين كلمة المرور هذه، أو هي أطول من 128 حرفًا. استخدم ثمانية أحرف على الأقل، أو عدة كلمات لا تتعلق بك.',
    PASSWORD_RESET: 'تم تغيير كلمة مرورك. يمكنك الآن تسجيل الدخول بها.',
    CHANGE_EMAIL: 'هل تريد استخدام هذا العنوان لحسابك؟',
    EMAIL_CHANGED: 'شكرًا لك. أصبح هذا عنوان حسابك.',
    NEW_ADDRESS_TAKEN: 'أصبح هذا العنوان لحساب آخر. سجّل الدخول إلى ذلك الحساب، أو اختر عنوانًا آخر.',
    STOP_EMAIL_CHANGE: 'هل تريد إيقاف تغيير عنوان بريدك الإلكتروني وتسجيل الخروج من كل الأجهزة؟',
    EMAIL_CHANGE_STOPPED: 'تم إيقاف التغيير وتسجيل الخروج من كل الأجهزة. يُرجى اختيار كلمة مرور جديدة.',
    setPassword: 'تغيير كلمة المرور',
    stop: 'إيقاف التغيير',
    newPassword: 'كلمة المرور الجديدة',
  },
  hi: {
    CONFIRM: 'क्या आप इस अपॉइंटमेंट पर आएँगे?',
    CANCEL: 'क्या आप यह अपॉइंटमेंट रद्द करना चाहते हैं?',
    UNSUBSCRIBE: 'क्या आप इस तरह के ईमेल बंद करना चाहते हैं?',
    CONFIRMED: 'धन्यवाद। क्लिनिक को पता है कि आप आएँगे।',
    CANCELLED: 'अपॉइंटमेंट रद्द हो गया है।',
    UNSUBSCRIBED: 'अब आपको इस तरह के ईमेल नहीं मिलेंगे।',
    LINK_EXPIRED: 'यह लिंक इस्तेमाल हो चुका है, या अपॉइंटमेंट बदला, रद्द या शुरू हो चुका है।',
    TOO_LATE: 'यहाँ रद्द करने का समय निकल चुका है। कृपया क्लिनिक को फ़ोन करें।',
    ACCEPT_OFFER: 'क्या आप यह अपॉइंटमेंट चाहते हैं?',
    DECLINE_OFFER: 'क्या आप यह अपॉइंटमेंट नहीं चाहते?',
    OFFER_ACCEPTED: 'यह अपॉइंटमेंट अब आपका है। आपको एक संदेश मिलेगा।',
    OFFER_DECLINED: 'धन्यवाद। आप प्रतीक्षा सूची में बने रहेंगे।',
    OFFER_OVER: 'यह प्रस्ताव समाप्त हो चुका है, या इसका उत्तर पहले दिया जा चुका है।',
    OFFER_CLOSED: 'यह समय अब उपलब्ध नहीं है। आप प्रतीक्षा सूची में बने रहेंगे और आपको दूसरे समय दिए जाएँगे।',
    OFFER_REFUSED: 'यह अपॉइंटमेंट अब यहाँ बुक नहीं हो सकता। कृपया क्लिनिक को फ़ोन करें।',
    acceptOffer: 'हाँ, बुक करें',
    declineOffer: 'नहीं, मुझे प्रतीक्षा सूची में रखें',
    UNKNOWN: 'यह लिंक हमारा नहीं है।',
    confirm: 'हाँ, मैं आऊँगा/आऊँगी',
    cancel: 'अपॉइंटमेंट रद्द करें',
    unsubscribe: 'ये ईमेल बंद करें',
    VERIFY: 'क्या आपने इस ईमेल पते से पंजीकरण किया है?',
    VERIFIED: 'धन्यवाद। पते की पुष्टि हो गई है।',
    DISOWN: 'क्या आप अपने ईमेल पते से पंजीकृत खाता बंद करना चाहते हैं?',
    DISOWNED: 'खाता बंद कर दिया गया है।',
    ACCOUNT_LINK_EXPIRED: 'यह लिंक इस्तेमाल हो चुका है या इसकी अवधि समाप्त हो गई है।',
    verify: 'पते की पुष्टि करें',
    disown: 'खाता बंद करें',
    RESET_PASSWORD: 'नया पासवर्ड चुनें',
    WEAK_PASSWORD:
      'इस पासवर्ड का अनुमान लगाना आसान है, या यह 128 अक्षरों से लंबा है। कम से कम 8 अक्षर, या ऐसे कई शब्द लें जो आपके बारे में न हों।',
    PASSWORD_RESET: 'आपका पासवर्ड बदल दिया गया है। अब आप इससे साइन इन कर सकते हैं।',
    CHANGE_EMAIL: 'क्या आप अपने खाते के लिए यह ईमेल पता इस्तेमाल करना चाहते हैं?',
    EMAIL_CHANGED: 'धन्यवाद। अब आपके खाते का ईमेल पता यही है।',
    NEW_ADDRESS_TAKEN: 'इस बीच यह ईमेल पता किसी दूसरे खाते का हो गया है। उस खाते में साइन इन करें, या कोई दूसरा पता चुनें।',
    STOP_EMAIL_CHANGE: 'क्या आप अपने ईमेल पते का बदलाव रोकना और सभी डिवाइस साइन आउट करना चाहते हैं?',
    EMAIL_CHANGE_STOPPED: 'बदलाव रोक दिया गया है और सभी डिवाइस साइन आउट हो गए हैं। कृपया नया पासवर्ड चुनें।',
    setPassword: 'पासवर्ड बदलें',
    stop: 'बदलाव रोकें',
    newPassword: 'नया पासवर्ड',
  },
};
