import type { Language } from '../../core/kernel/locale.js';

export type TimePageKind =
  | 'RESCHEDULE'
  | 'REBOOK'
  | 'RESCHEDULED'
  | 'BOOKED_AGAIN'
  | 'REQUESTED_AGAIN'
  | 'TIME_TAKEN'
  | 'NOTHING_CHOSEN'
  | 'NO_TIMES'
  | 'TOO_LATE_TO_MOVE'
  | 'CALL_CLINIC';

export type TimeButton = 'choose';
export type TimeLinkLabel = 'later' | 'fromToday' | 'anyDoctor' | 'sameDoctor';

/** Words of the pages where patients choose a time. `zone` is followed by the name of the zone. */
export const TIME_WORDS: Record<Language, Record<TimePageKind | TimeButton | TimeLinkLabel | 'zone', string>> = {
  en: {
    RESCHEDULE: 'Choose another time for this appointment',
    REBOOK: 'Choose a time for a new appointment',
    RESCHEDULED: 'The appointment has a new time.',
    BOOKED_AGAIN: 'The new appointment is booked.',
    REQUESTED_AGAIN: 'The time is kept for you until the clinic confirms it.',
    TIME_TAKEN: 'This time is not free any more. Please choose another one.',
    NOTHING_CHOSEN: 'Please choose one of the times.',
    NO_TIMES: 'There are no free times to choose here. Please call the clinic.',
    TOO_LATE_TO_MOVE: 'It is too late to change the time here. Please call the clinic.',
    CALL_CLINIC: 'This appointment cannot be booked here. Please call the clinic.',
    choose: 'Take this time',
    later: 'Later times',
    fromToday: 'Back to the first times',
    anyDoctor: 'Times of all doctors',
    sameDoctor: 'Times of the same doctor',
    zone: 'All times:',
  },
  ar: {
    RESCHEDULE: 'اختر وقتًا آخر لهذا الموعد',
    REBOOK: 'اختر وقتًا لموعد جديد',
    RESCHEDULED: 'تم تغيير وقت الموعد.',
    BOOKED_AGAIN: 'تم حجز الموعد الجديد.',
    REQUESTED_AGAIN: 'هذا الوقت محجوز لك إلى أن تؤكده العيادة.',
    TIME_TAKEN: 'لم يعد هذا الوقت متاحًا. يُرجى اختيار وقت آخر.',
    NOTHING_CHOSEN: 'يُرجى اختيار أحد الأوقات.',
    NO_TIMES: 'لا توجد أوقات متاحة للاختيار هنا. يُرجى الاتصال بالعيادة.',
    TOO_LATE_TO_MOVE: 'فات وقت تغيير الموعد من هنا. يُرجى الاتصال بالعيادة.',
    CALL_CLINIC: 'لا يمكن حجز هذا الموعد من هنا. يُرجى الاتصال بالعيادة.',
    choose: 'اختيار هذا الوقت',
    later: 'أوقات لاحقة',
    fromToday: 'العودة إلى أول الأوقات',
    anyDoctor: 'أوقات جميع الأطباء',
    sameDoctor: 'أوقات الطبيب نفسه',
    zone: 'جميع الأوقات:',
  },
  hi: {
    RESCHEDULE: 'इस अपॉइंटमेंट के लिए दूसरा समय चुनें',
    REBOOK: 'नए अपॉइंटमेंट के लिए समय चुनें',
    RESCHEDULED: 'अपॉइंटमेंट का समय बदल गया है।',
    BOOKED_AGAIN: 'नया अपॉइंटमेंट बुक हो गया है।',
    REQUESTED_AGAIN: 'क्लिनिक की पुष्टि होने तक यह समय आपके लिए रखा गया है।',
    TIME_TAKEN: 'यह समय अब खाली नहीं है। कृपया दूसरा समय चुनें।',
    NOTHING_CHOSEN: 'कृपया कोई एक समय चुनें।',
    NO_TIMES: 'यहाँ चुनने के लिए कोई खाली समय नहीं है। कृपया क्लिनिक को फ़ोन करें।',
    TOO_LATE_TO_MOVE: 'यहाँ समय बदलने की अवधि निकल चुकी है। कृपया क्लिनिक को फ़ोन करें।',
    CALL_CLINIC: 'यह अपॉइंटमेंट यहाँ बुक नहीं हो सकता। कृपया क्लिनिक को फ़ोन करें।',
    choose: 'यह समय लें',
    later: 'बाद के समय',
    fromToday: 'पहले समयों पर वापस जाएँ',
    anyDoctor: 'सभी डॉक्टरों के समय',
    sameDoctor: 'उसी डॉक्टर के समय',
    zone: 'सभी समय:',
  },
};
