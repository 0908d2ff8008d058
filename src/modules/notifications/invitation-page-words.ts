import type { Language } from '../../core/kernel/locale.js';

export type InvitationPageKind =
  | 'ACCEPT_INVITATION'
  | 'CHOOSE_ADDRESS'
  | 'WEAK_FIRST_PASSWORD'
  | 'WRONG_BIRTH_DATE'
  | 'WRONG_ADDRESS'
  | 'ADDRESS_TAKEN'
  | 'INVITATION_MAILED'
  | 'INVITATION_ACCEPTED'
  | 'JOIN_CLINIC'
  | 'JOIN_SIGNED_IN'
  | 'JOIN_REFUSED'
  | 'JOINED';

export type InvitationButton = 'accept' | 'send';
export type InvitationLabel = 'birthDate' | 'email' | 'password' | 'code';

/** Words of the pages of invitations. */
export const INVITATION_WORDS: Record<
  Language,
  Record<InvitationPageKind | InvitationButton | InvitationLabel, string>
> = {
  en: {
    ACCEPT_INVITATION: 'Choose a password for your account',
    CHOOSE_ADDRESS: 'Enter your e-mail address. A link to choose your password is sent to it.',
    WEAK_FIRST_PASSWORD:
      'This password is too easy to guess, or longer than 128 characters. Use at least 8 characters, or several words that are not about you.',
    WRONG_BIRTH_DATE: 'This is not the date of birth that the clinic has. Please check it.',
    WRONG_ADDRESS: 'This is not an e-mail address. Please check it.',
    ADDRESS_TAKEN:
      'There is already an account with this e-mail address. Sign in with it: then you can take over the record that the clinic created.',
    INVITATION_MAILED: 'A link was sent to your e-mail address. Open it to choose your password.',
    INVITATION_ACCEPTED: 'Thank you. You can sign in with your password now.',
    JOIN_CLINIC:
      'Do you want to work at this clinic with your account? Enter your password, and a code if your account asks for one.',
    JOIN_SIGNED_IN:
      'Your account has no password. Sign in as usual, and accept this invitation there. Or choose a password with “Forgot password”, and open this link again.',
    JOIN_REFUSED: 'The password or the code is wrong. Please try again.',
    JOINED: 'Thank you. The clinic is now part of your account.',
    accept: 'Accept the invitation',
    send: 'Send the link',
    birthDate: 'Date of birth',
    email: 'E-mail address',
    password: 'Password',
    code: 'Code of your second factor',
  },
  ar: {
    ACCEPT_INVITATION: 'اختر كلمة مرور لحسابك',
    CHOOSE_ADDRESS: 'أدخل عنوان بريدك الإلكتروني. سيُرسل إليه رابط لاختيار كلمة المرور.',
    WEAK_FIRST_PASSWORD:
      'يسهل تخمين كلمة المرور هذه، أو هي أطول من 128 حرفًا. استخدم ثمانية أحرف على الأقل، أو عدة كلمات لا تتعلق بك.',
    WRONG_BIRTH_DATE: 'ليس هذا تاريخ الميلاد المسجَّل لدى العيادة. يُرجى التحقق منه.',
    WRONG_ADDRESS: 'هذا ليس عنوان بريد إلكتروني. يُرجى التحقق منه.',
    ADDRESS_TAKEN: 'يوجد حساب بهذا العنوان من قبل. سجّل الدخول به، ثم يمكنك استلام السجل الذي أنشأته العيادة.',
    INVITATION_MAILED: 'أُرسل رابط إلى بريدك الإلكتروني. افتحه لاختيار كلمة المرور.',
    INVITATION_ACCEPTED: 'شكرًا لك. يمكنك الآن تسجيل الدخول بكلمة مرورك.',
    JOIN_CLINIC: 'هل تريد العمل في هذه العيادة بحسابك؟ أدخل كلمة مرورك، والرمز إن كان حسابك يطلبه.',
    JOIN_SIGNED_IN:
      'ليس لحسابك كلمة مرور. سجّل الدخول كالمعتاد واقبل هذه الدعوة هناك، أو اختر كلمة مرور من «نسيت كلمة المرور» ثم افتح هذا الرابط مرة أخرى.',
    JOIN_REFUSED: 'كلمة المرور أو الرمز غير صحيح. يُرجى المحاولة مرة أخرى.',
    JOINED: 'شكرًا لك. أصبحت العيادة الآن ضمن حسابك.',
    accept: 'قبول الدعوة',
    send: 'إرسال الرابط',
    birthDate: 'تاريخ الميلاد',
    email: 'البريد الإلكتروني',
    password: 'كلمة المرور',
    code: 'رمز التحقق الثاني',
  },
  hi: {
    ACCEPT_INVITATION: 'अपने खाते के लिए पासवर्ड चुनें',
    CHOOSE_ADDRESS: 'अपना ईमेल पता लिखें। पासवर्ड चुनने का लिंक उस पर भेजा जाएगा।',
    WEAK_FIRST_PASSWORD:
      'इस पासवर्ड का अनुमान लगाना आसान है, या यह 128 अक्षरों से लंबा है। कम से कम 8 अक्षर, या ऐसे कई शब्द लें जो आपके बारे में न हों।',
    WRONG_BIRTH_DATE: 'यह वह जन्म तिथि नहीं है जो क्लिनिक के पास है। कृपया जाँच लें।',
    WRONG_ADDRESS: 'यह ईमेल पता नहीं है। कृपया जाँच लें।',
    ADDRESS_TAKEN: 'इस ईमेल पते से पहले से एक खाता है। उससे साइन इन करें: फिर आप क्लिनिक का बनाया रिकॉर्ड अपने खाते में ले सकते हैं।',
    INVITATION_MAILED: 'आपके ईमेल पते पर एक लिंक भेजा गया है। पासवर्ड चुनने के लिए उसे खोलें।',
    INVITATION_ACCEPTED: 'धन्यवाद। अब आप अपने पासवर्ड से साइन इन कर सकते हैं।',
    JOIN_CLINIC: 'क्या आप अपने खाते से इस क्लिनिक में काम करना चाहते हैं? अपना पासवर्ड लिखें, और अगर आपका खाता माँगे तो कोड भी।',
    JOIN_SIGNED_IN:
      'आपके खाते का कोई पासवर्ड नहीं है। हमेशा की तरह साइन इन करें और यह निमंत्रण वहीं स्वीकार करें। या “पासवर्ड भूल गए” से पासवर्ड चुनें और यह लिंक फिर खोलें।',
    JOIN_REFUSED: 'पासवर्ड या कोड गलत है। कृपया फिर कोशिश करें।',
    JOINED: 'धन्यवाद। यह क्लिनिक अब आपके खाते में है।',
    accept: 'निमंत्रण स्वीकार करें',
    send: 'लिंक भेजें',
    birthDate: 'जन्म तिथि',
    email: 'ईमेल पता',
    password: 'पासवर्ड',
    code: 'दूसरे चरण का कोड',
  },
};
