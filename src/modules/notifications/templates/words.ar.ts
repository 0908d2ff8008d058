import type { Words } from './words.js';

export const ARABIC: Words = {
  labels: {
    greeting: 'مرحبًا {{name}}،',
    when: 'الموعد',
    atTheClinic: 'بتوقيت العيادة',
    before: 'الموعد السابق',
    doctor: 'مع',
    place: 'المكان',
    phone: 'هاتف العيادة',
    videoVisit: 'زيارة عبر الفيديو',
    confirm: 'تأكيد الحضور',
    cancel: 'إلغاء الموعد',
    take: 'احجز هذا الوقت',
    decline: 'لا، شكرًا',
    manage: 'عرض الموعد',
    awaitsConfirmation: 'ما زال الموعد بانتظار تأكيد العيادة.',
    footer: 'أُرسلت هذه الرسالة تلقائيًا نيابةً عن {{clinic}}. لا تُقرأ الردود عليها.',
    unsubscribe: 'إيقاف هذا النوع من الرسائل',
    yourClinic: 'عيادتك',
    summary: 'موعد مع {{doctor}}، {{clinic}}',
  },
  sentences: {
    APPOINTMENT_BOOKED: {
      subject: 'تم حجز الموعد: {{whenShort}}',
      title: 'تم حجز الموعد',
      lead: 'تم حجز موعدك مع {{doctor}} في {{clinic}}.',
      short: 'تم حجز موعدك مع {{doctor}}، {{clinic}}، {{whenShort}}.',
    },
    APPOINTMENT_REQUESTED: {
      subject: 'تم طلب الموعد: {{whenShort}}',
      title: 'تم طلب الموعد',
      lead: 'طلبت موعدًا مع {{doctor}} في {{clinic}}. الوقت محفوظ لك حتى تؤكده العيادة.',
      short: 'تم طلب موعد مع {{doctor}}، {{clinic}}، {{whenShort}}. ستؤكده العيادة.',
    },
    APPOINTMENT_CONFIRMED: {
      subject: 'تم تأكيد الموعد: {{whenShort}}',
      title: 'تم تأكيد الموعد',
      lead: 'تم تأكيد موعدك مع {{doctor}} في {{clinic}}.',
      short: 'تم تأكيد موعدك مع {{doctor}}، {{clinic}}، {{whenShort}}.',
    },
    APPOINTMENT_MOVED: {
      subject: 'تغيّر الموعد إلى: {{whenShort}}',
      title: 'تغيّر الموعد',
      lead: 'لموعدك مع {{doctor}} في {{clinic}} وقت جديد.',
      short: 'تغيّر موعدك مع {{doctor}}، {{clinic}}، إلى {{whenShort}}.',
    },
    APPOINTMENT_CANCELLED: {
      subject: 'أُلغي الموعد: {{whenShort}}',
      title: 'أُلغي الموعد',
      lead: 'أُلغي موعدك مع {{doctor}} في {{clinic}}.',
      short: 'أُلغي موعدك مع {{doctor}}، {{clinic}}، {{whenShort}}.',
    },
    APPOINTMENT_REMINDER: {
      subject: 'تذكير بالموعد: {{whenShort}}',
      title: 'تذكير بموعدك',
      lead: 'هذا تذكير بموعدك مع {{doctor}} في {{clinic}}.',
      short: 'تذكير بموعدك مع {{doctor}}، {{clinic}}، {{whenShort}}.',
    },
    WAITLIST_OFFER: {
      subject: 'يوجد وقت متاح: {{whenShort}}',
      title: 'يوجد وقت متاح',
      lead: 'أصبح هناك وقت متاح مع {{doctor}} في {{clinic}}، وهو محفوظ لك لفترة قصيرة.',
      short: 'وقت متاح مع {{doctor}}، {{clinic}}، {{whenShort}}. محفوظ لك لفترة قصيرة.',
    },
    MESSAGE_FROM_CLINIC: {
      subject: 'رسالة من {{clinic}}',
      title: 'رسالة من {{clinic}}',
      lead: 'رسالة إليك من {{clinic}}:',
      short: 'لديك رسالة من {{clinic}}. سجّل الدخول لقراءتها.',
    },
  },
};
