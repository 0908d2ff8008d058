import type { Language } from '../../core/kernel/locale.js';
import type { VisitCount } from './day-figures.js';

export interface ReportWords {
  title: string;
  /** Of a day that is not over. */
  soFar: string;
  figure: string;
  /** The heading of the day's figures. */
  day: string;
  /** The heading of the figures of the same weekday of the week before. */
  weekBefore: string;
  change: string;
  visits: Record<VisitCount, string>;
  utilisation: string;
  utilisationByDoctor: string;
  doctor: string;
  bookedMinutes: string;
  availableMinutes: string;
  utilisationPercent: string;
  revenue: string;
  currency: string;
  /** With the currency. */
  minorUnits: string;
  captured: string;
  refunded: string;
  net: string;
  completedVisits: string;
  waiting: string;
  waitingVisits: string;
  medianMinutes: string;
  longestMinutes: string;
  page: string;
  printed: string;
}

/** The words of a daily report. */
export const REPORT_WORDS: Record<Language, ReportWords> = {
  en: {
    title: 'Daily report',
    soFar: 'Figures so far',
    figure: 'Figure',
    day: 'This day',
    weekBefore: 'A week before',
    change: 'Change',
    visits: {
      created: 'Booked on this day',
      planned: 'Visits of this day',
      completed: 'Seen',
      noShows: 'No-shows',
      cancelled: 'Cancelled',
      cancelledByPatient: 'Cancelled by patients',
      cancelledByClinic: 'Cancelled by the clinic',
      open: 'Not closed',
      walkIns: 'Walk-ins',
    },
    utilisation: 'Utilisation',
    utilisationByDoctor: 'Utilisation by doctor',
    doctor: 'Doctor',
    bookedMinutes: 'Booked minutes',
    availableMinutes: 'Available minutes',
    utilisationPercent: 'Utilisation in percent',
    revenue: 'Revenue',
    currency: 'Currency',
    minorUnits: 'in minor units',
    captured: 'Payments',
    refunded: 'Refunds',
    net: 'Payments less refunds',
    completedVisits: 'Prices of visits seen',
    waiting: 'Waiting time',
    waitingVisits: 'Visits with a waiting time',
    medianMinutes: 'Median wait in minutes',
    longestMinutes: 'Longest wait in minutes',
    page: 'Page',
    printed: 'Made',
  },
  ar: {
    title: 'التقرير اليومي',
    soFar: 'الأرقام حتى الآن',
    figure: 'البند',
    day: 'هذا اليوم',
    weekBefore: 'قبل أسبوع',
    change: 'التغيّر',
    visits: {
      created: 'حُجز في هذا اليوم',
      planned: 'زيارات هذا اليوم',
      completed: 'تمت',
      noShows: 'لم يحضروا',
      cancelled: 'أُلغيت',
      cancelledByPatient: 'ألغاها المرضى',
      cancelledByClinic: 'ألغتها العيادة',
      open: 'لم تُغلق',
      walkIns: 'حضور بدون موعد',
    },
    utilisation: 'الإشغال',
    utilisationByDoctor: 'الإشغال حسب الطبيب',
    doctor: 'الطبيب',
    bookedMinutes: 'الدقائق المحجوزة',
    availableMinutes: 'الدقائق المتاحة',
    utilisationPercent: 'الإشغال بالنسبة المئوية',
    revenue: 'الإيرادات',
    currency: 'العملة',
    minorUnits: 'بالوحدات الصغرى',
    captured: 'المدفوعات',
    refunded: 'المبالغ المستردة',
    net: 'المدفوعات بعد الاسترداد',
    completedVisits: 'أسعار الزيارات التي تمت',
    waiting: 'وقت الانتظار',
    waitingVisits: 'زيارات لها وقت انتظار',
    medianMinutes: 'وسيط الانتظار بالدقائق',
    longestMinutes: 'أطول انتظار بالدقائق',
    page: 'صفحة',
    printed: 'أُعدّ',
  },
  hi: {
    title: 'दैनिक रिपोर्ट',
    soFar: 'अब तक के आँकड़े',
    figure: 'आँकड़ा',
    day: 'इस दिन',
    weekBefore: 'एक सप्ताह पहले',
    change: 'बदलाव',
    visits: {
      created: 'इस दिन बुक हुए',
      planned: 'इस दिन की मुलाकातें',
      completed: 'पूरी हुईं',
      noShows: 'नहीं आए',
      cancelled: 'रद्द',
      cancelledByPatient: 'मरीज़ों ने रद्द कीं',
      cancelledByClinic: 'क्लिनिक ने रद्द कीं',
      open: 'बंद नहीं की गईं',
      walkIns: 'बिना अपॉइंटमेंट के आए',
    },
    utilisation: 'उपयोग',
    utilisationByDoctor: 'डॉक्टर के अनुसार उपयोग',
    doctor: 'डॉक्टर',
    bookedMinutes: 'बुक किए गए मिनट',
    availableMinutes: 'उपलब्ध मिनट',
    utilisationPercent: 'उपयोग प्रतिशत में',
    revenue: 'आय',
    currency: 'मुद्रा',
    minorUnits: 'सबसे छोटी इकाई में',
    captured: 'भुगतान',
    refunded: 'लौटाई गई राशि',
    net: 'वापसी के बाद भुगतान',
    completedVisits: 'पूरी हुई मुलाकातों की कीमत',
    waiting: 'प्रतीक्षा समय',
    waitingVisits: 'प्रतीक्षा समय वाली मुलाकातें',
    medianMinutes: 'माध्यिका प्रतीक्षा, मिनट में',
    longestMinutes: 'सबसे लंबी प्रतीक्षा, मिनट में',
    page: 'पृष्ठ',
    printed: 'बनाई गई',
  },
};
