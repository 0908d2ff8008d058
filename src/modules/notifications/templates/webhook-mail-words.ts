import type { Language } from '../../../core/kernel/locale.js';

/** Tells managers that an endpoint gets no more events. It contains no URL, which whoever made the endpoint could have chosen. */
export const WEBHOOK_PAUSED: Record<Language, { subject: string; lead: string }> = {
  en: {
    subject: 'A webhook endpoint was paused',
    lead: 'Another system no longer accepts events from your online booking service for clinics: every delivery failed for about a day, or the system answered that its address is gone. Its webhook endpoint was paused and gets no more events. Have the system repaired, then resume the endpoint in the list of webhook endpoints. Changes during the pause are not sent later: the system must read them from the API.',
  },
  ar: {
    subject: 'أُوقفت نقطة webhook مؤقتًا',
    lead: 'لم يعد نظام آخر يقبل الأحداث من خدمة حجز مواعيد العيادات عبر الإنترنت: فشلت كل محاولات الإرسال نحو يوم كامل، أو ردّ النظام بأن عنوانه لم يعد موجودًا. لذلك أُوقفت نقطة webhook الخاصة به مؤقتًا ولن تصلها أحداث أخرى. اطلب إصلاح النظام، ثم أعد تشغيل النقطة من قائمة نقاط webhook. لا تُرسل لاحقًا التغييرات التي تحدث أثناء التوقف: على النظام أن يقرأها من واجهة API.',
  },
  hi: {
    subject: 'एक webhook एंडपॉइंट रोक दिया गया',
    lead: 'एक दूसरा सिस्टम अब क्लिनिक अपॉइंटमेंट की ऑनलाइन बुकिंग सेवा से घटनाएँ स्वीकार नहीं कर रहा है: लगभग एक दिन तक हर बार भेजना विफल रहा, या सिस्टम ने उत्तर दिया कि उसका पता अब मौजूद नहीं है। उसका webhook एंडपॉइंट रोक दिया गया है और उसे अब कोई घटना नहीं मिलेगी। उस सिस्टम को ठीक करवाएँ, फिर webhook एंडपॉइंट की सूची में इसे दोबारा चालू करें। रोक के दौरान हुए बदलाव बाद में नहीं भेजे जाते: सिस्टम को उन्हें API से पढ़ना होगा।',
  },
};
