import type pg from 'pg';
import { newId } from '../../src/core/kernel/id.js';

type Text = [question: string, answer: string];
interface DemoFaq {
  topic: string;
  category: string;
  en: Text;
  ar: Text;
  hi: Text;
}

/** Frequent questions of patients in the three languages of the demo. They give no medical advice. */
const FAQS: DemoFaq[] = [
  {
    topic: 'emergencies',
    category: 'Emergencies',
    en: [
      'What do I do in an emergency?',
      'Do not book and do not wait for an answer here: call the emergency number of your country at once.',
    ],
    ar: ['ماذا أفعل في حالة الطوارئ؟', 'لا تحجز ولا تنتظر ردًا هنا: اتصل برقم الطوارئ في بلدك فورًا.'],
    hi: ['आपात स्थिति में क्या करें?', 'बुकिंग न करें और यहाँ उत्तर की प्रतीक्षा न करें: तुरंत अपने देश के आपातकालीन नंबर पर कॉल करें।'],
  },
  {
    topic: 'how-to-book',
    category: 'Booking',
    en: [
      'How do I book an appointment?',
      'Choose a service and a doctor, pick one of the free times that are shown, and confirm. The time is yours at once.',
    ],
    ar: [
      'كيف أحجز موعدًا؟',
      'اختر الخدمة والطبيب، ثم أحد المواعيد المتاحة المعروضة، ثم أكّد الحجز. يصبح الموعد لك فورًا.',
    ],
    hi: ['अपॉइंटमेंट कैसे बुक करें?', 'सेवा और डॉक्टर चुनें, दिखाए गए खाली समय में से एक चुनें और पुष्टि करें। समय तुरंत आपका हो जाता है।'],
  },
  {
    topic: 'how-to-cancel',
    category: 'Booking',
    en: [
      'How do I cancel my appointment?',
      'Open the appointment and choose "cancel". Until the clinic\'s cut-off you can do it yourself; after it, call the clinic.',
    ],
    ar: [
      'كيف ألغي موعدي، وما شروط إلغاء الموعد؟',
      'افتح الموعد واختر "إلغاء". يمكنك ذلك بنفسك حتى المهلة التي تحددها العيادة، وبعدها اتصل بالعيادة.',
    ],
    hi: [
      'अपना अपॉइंटमेंट रद्द कैसे करें?',
      'अपॉइंटमेंट खोलें और "रद्द करें" चुनें। क्लिनिक की समय-सीमा तक आप स्वयं कर सकते हैं; उसके बाद क्लिनिक को फ़ोन करें।',
    ],
  },
  {
    topic: 'how-to-reschedule',
    category: 'Booking',
    en: [
      'Can I reschedule or move my appointment to another time?',
      'Yes. Open the appointment and choose another free time. The old time is given up only when you have the new one.',
    ],
    ar: [
      'هل يمكنني تغيير موعدي أو تأجيله؟',
      'نعم. افتح الموعد واختر وقتًا آخر متاحًا. لا يُترك الوقت القديم إلا بعد حجز الجديد.',
    ],
    hi: [
      'क्या मैं अपॉइंटमेंट का समय बदल सकता हूँ?',
      'हाँ। अपॉइंटमेंट खोलें और दूसरा खाली समय चुनें। नया समय मिलने पर ही पुराना छोड़ा जाता है।',
    ],
  },
  {
    topic: 'what-to-bring',
    category: 'Your visit',
    en: [
      'What should I bring to my visit?',
      'Your identity card, your insurance card, a list of your medicines, and earlier reports or scans.',
    ],
    ar: ['ماذا أحضر معي إلى الزيارة؟', 'بطاقة الهوية، وبطاقة التأمين، وقائمة بأدويتك، والتقارير أو الأشعة السابقة.'],
    hi: ['विज़िट पर साथ क्या लाएँ?', 'अपना पहचान पत्र, बीमा कार्ड, दवाओं की सूची और पुरानी रिपोर्ट या स्कैन।'],
  },
  {
    topic: 'reminders',
    category: 'Your visit',
    en: [
      'Will I get a reminder?',
      'Yes, a day before and two hours before, on the channels that you chose in your notification preferences.',
    ],
    ar: [
      'هل سأتلقى تذكيرًا بالموعد؟',
      'نعم، قبل الموعد بيوم وقبله بساعتين، عبر القنوات التي اخترتها في تفضيلات الإشعارات.',
    ],
    hi: ['क्या मुझे रिमाइंडर मिलेगा?', 'हाँ, एक दिन पहले और दो घंटे पहले, उन माध्यमों पर जो आपने सूचना सेटिंग में चुने हैं।'],
  },
  {
    topic: 'video-visits',
    category: 'Your visit',
    en: [
      'How does a video visit work?',
      'Book a service of the kind "video" and join from your appointment at its time.',
    ],
    ar: ['كيف تتم الزيارة عبر الفيديو؟', 'احجز خدمة من نوع "فيديو" وانضم من صفحة الموعد في وقته.'],
    hi: ['वीडियो विज़िट कैसे होती है?', '"वीडियो" प्रकार की सेवा बुक करें और समय पर अपने अपॉइंटमेंट से जुड़ें।'],
  },
  {
    topic: 'fees-and-refunds',
    category: 'Payment',
    en: [
      'How much does a visit cost and how are refunds made?',
      'The price stands beside each service. What is refunded goes back to the card or account that paid.',
    ],
    ar: [
      'كم تكلفة الزيارة وكيف أسترد المبلغ؟',
      'السعر مكتوب بجانب كل خدمة. ويعود المبلغ المسترد إلى البطاقة أو الحساب الذي دفع.',
    ],
    hi: [
      'विज़िट की फ़ीस कितनी है और रिफ़ंड कैसे मिलता है?',
      'हर सेवा के साथ उसकी क़ीमत लिखी है। रिफ़ंड उसी कार्ड या खाते में जाता है जिससे भुगतान हुआ था।',
    ],
  },
  {
    topic: 'upload-scans',
    category: 'Records',
    en: [
      'How do I upload a scan or a report?',
      'In "Scans" choose the file: PNG, JPEG, WebP or DICOM. Only you and your doctors see it.',
    ],
    ar: [
      'كيف أرفع صورة أشعة أو تقريرًا؟',
      'من صفحة "الأشعة" اختر الملف: PNG أو JPEG أو WebP أو DICOM. لا يراه إلا أنت وأطباؤك.',
    ],
    hi: ['स्कैन या रिपोर्ट कैसे अपलोड करें?', '"स्कैन" में फ़ाइल चुनें: PNG, JPEG, WebP या DICOM। इसे केवल आप और आपके डॉक्टर देखते हैं।'],
  },
  {
    topic: 'my-data',
    category: 'Records',
    en: [
      'Who can see my data, and can I have it deleted?',
      'You, and those who treat you at your clinics. You can ask for a copy or for its deletion in your profile.',
    ],
    ar: ['من يرى بياناتي وهل يمكن حذفها؟', 'أنت ومن يعالجك في عياداتك. يمكنك طلب نسخة منها أو حذفها من ملفك الشخصي.'],
    hi: [
      'मेरा डेटा कौन देख सकता है, और क्या उसे हटाया जा सकता है?',
      'आप और आपके क्लिनिक में आपका इलाज करने वाले। प्रोफ़ाइल में आप उसकी प्रति या उसे हटाने का अनुरोध कर सकते हैं।',
    ],
  },
];

export async function seedFaqs(db: pg.Client): Promise<void> {
  for (const [index, faq] of FAQS.entries()) {
    for (const locale of ['en', 'ar', 'hi'] as const) {
      const [question, answer] = faq[locale];
      await db.query(
        `INSERT INTO faq (id, topic, locale, question, answer, category, position) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [newId(), faq.topic, locale, question, answer, faq.category, (index + 1) * 10],
      );
    }
  }
}
