import type { Language } from '../../core/kernel/locale.js';
import type { AppointmentStatus } from '../appointments/index.js';

interface DayWords {
  time: string;
  number: string;
  patient: string;
  service: string;
  rooms: string;
  status: string;
  hours: string;
  closed: string;
  off: string;
  free: string;
  reserved: string;
  held: string;
  arrived: string;
  walkIns: string;
  nobody: string;
  page: string;
  printed: string;
  statuses: Record<AppointmentStatus, string>;
}

/** The words of a printed day. */
export const DAY_WORDS: Record<Language, DayWords> = {
  en: {
    time: 'Time',
    number: 'No.',
    patient: 'Patient',
    service: 'Service',
    rooms: 'Rooms',
    status: 'Status',
    hours: 'Hours',
    closed: 'Closed',
    off: 'No hours',
    free: 'Free',
    reserved: 'Reserved',
    held: 'Held until',
    arrived: 'Arrived',
    walkIns: 'Waiting without an appointment',
    nobody: 'No doctor works on this day, and there are no appointments.',
    page: 'Page',
    printed: 'Printed',
    statuses: {
      PENDING: 'Not confirmed',
      CONFIRMED: 'Confirmed',
      IN_PROGRESS: 'In the room',
      COMPLETED: 'Done',
      CANCELLED: 'Cancelled',
      NO_SHOW: 'Did not come',
    },
  },
  ar: {
    time: 'الوقت',
    number: 'رقم',
    patient: 'المريض',
    service: 'الخدمة',
    rooms: 'الغرف',
    status: 'الحالة',
    hours: 'ساعات العمل',
    closed: 'مغلق',
    off: 'لا دوام',
    free: 'متاح',
    reserved: 'محجوز',
    held: 'محجوز مؤقتًا حتى',
    arrived: 'وصل',
    walkIns: 'في الانتظار بدون موعد',
    nobody: 'لا يعمل أي طبيب في هذا اليوم ولا توجد مواعيد.',
    page: 'صفحة',
    printed: 'طُبع',
    statuses: {
      PENDING: 'غير مؤكد',
      CONFIRMED: 'مؤكد',
      IN_PROGRESS: 'في الغرفة',
      COMPLETED: 'انتهى',
      CANCELLED: 'ملغى',
      NO_SHOW: 'لم يحضر',
    },
  },
  hi: {
    time: 'समय',
    number: 'क्र.',
    patient: 'मरीज़',
    service: 'सेवा',
    rooms: 'कमरे',
    status: 'स्थिति',
    hours: 'कार्य समय',
    closed: 'बंद',
    off: 'कोई कार्य समय नहीं',
    free: 'खाली',
    reserved: 'आरक्षित',
    held: 'अस्थायी रूप से आरक्षित, तक',
    arrived: 'पहुँचे',
    walkIns: 'बिना अपॉइंटमेंट के प्रतीक्षा में',
    nobody: 'इस दिन कोई डॉक्टर काम नहीं करता और कोई अपॉइंटमेंट नहीं है।',
    page: 'पृष्ठ',
    printed: 'मुद्रित',
    statuses: {
      PENDING: 'पुष्टि नहीं हुई',
      CONFIRMED: 'पुष्टि हुई',
      IN_PROGRESS: 'कमरे में',
      COMPLETED: 'पूरा हुआ',
      CANCELLED: 'रद्द',
      NO_SHOW: 'नहीं आए',
    },
  },
};
