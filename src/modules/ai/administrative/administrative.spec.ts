import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { measureCpuSeconds } from '../../../../test/support/cpu-time.js';
import { isLongForm } from '../../../../test/support/long-form.js';
import { assess } from '../assessment.js';
import { hasOnlyAdministrativeWords } from './administrative.js';

const REQUESTS = {
  English: [
    'How do I cancel my appointment?',
    'I would like to book an appointment for my wife tomorrow at 5 pm please',
    'Can I reschedule my appointment to next Monday at 10:30?',
    'I need to change the time of my appointment',
    "I can't come tomorrow",
    'What are your opening hours?',
    'Are you open on Fridays?',
    'How much does a consultation cost?',
    'Can I pay by card?',
    'What is your address?',
    'Where is the clinic?',
    'Where can I park?',
    'Do you accept insurance?',
    'What documents do I need to bring?',
    'What should I bring?',
    'When is my next appointment?',
    'Do you accept cards?',
    'Are there any slots tomorrow afternoon?',
    "I can't log in",
    'I forgot the time of my appointment',
    'Do you have anything free on Saturday morning?',
    "I'm running 15 minutes late",
    'Can I have an invoice for my last visit?',
    'Is there a lift in the building?',
    'Do you have a female doctor?',
    'How long does the appointment take?',
    'Do you take Bupa insurance?',
    'How do I change my phone number in the app?',
    'Hello there',
    'Good morning doctor',
    'Thank you very much for your help 🙏',
  ],
  Arabic: [
    'أريد حجز موعد',
    'كيف يمكنني إلغاء الموعد؟',
    'عايز اغير الميعاد لو سمحت',
    'ابغى احجز موعد بكرة',
    'ما هي مواعيد العمل؟',
    'متى تفتحون يوم الجمعة',
    'كم سعر الكشف؟',
    'بكام الكشف',
    'فين العيادة؟',
    'وين موقعكم',
    'هل يوجد موقف سيارات؟',
    'هل تقبلون التأمين الصحي؟',
    'عندكم مواعيد فاضية يوم السبت الصبح؟',
    'بتقفلوا الساعة كام؟',
    'هل تتعاملون مع تأمين بوبا؟',
    'ينفع ادفع كاش؟',
    'امتى معادي الجاي',
    'نسيت كلمة السر',
    'بتقبلوا فيزا؟',
    'هتأخر ربع ساعة',
    'كم تستغرق الزيارة',
    'صباح الخير دكتور',
    '3ayza a2aggel el me3ad',
    'ما هي الأوراق المطلوبة؟',
    'السلام عليكم ورحمة الله وبركاته',
    'شكرا جزيلا لكم',
    '3ayez a7gez maw3ed bokra',
    'bkam el kashf',
    'fein el 3eyada',
    'shokran',
  ],
  Hindi: [
    'मुझे अपॉइंटमेंट बुक करना है',
    'अपॉइंटमेंट कैसे रद्द करें?',
    'समय बदलना है',
    'क्लिनिक कब खुलता है?',
    'फ़ीस कितनी है?',
    'क्लिनिक का पता क्या है?',
    'क्या पार्किंग है?',
    'क्या बीमा चलता है?',
    'शनिवार सुबह कोई स्लॉट खाली है?',
    'आज कितने बजे बंद होता है?',
    'मेरी अगली अपॉइंटमेंट कब है',
    'क्या महिला डॉक्टर हैं?',
    'रसीद ईमेल पर भेज दीजिए',
    'clinic ka address bhej do',
    'kal ka slot hai kya',
    'पैसे वापस चाहिए',
    'doctor kab baithte hain',
    'नमस्ते',
    'बहुत धन्यवाद',
    'mujhe appointment cancel karna hai',
    'clinic kab khulta hai',
    'fees kitni hai',
    'kya insurance chalta hai',
    'dhanyavad',
  ],
};
const ALL_REQUESTS = Object.values(REQUESTS).flat();

/** None of these is certainly administrative, although some resemble a request. */
const NOT_ADMINISTRATIVE = [
  'can I book, my chest hurts',
  "cancel my appointment, I can't feel my arm",
  'Hello, I have this for a week',
  'I need a doctor now',
  'please come to my address',
  'I cannot come, I cannot move',
  'hi 🆘',
  'hello 🩸',
  'book an appointment for chest',
  'book appointment c h e s t',
  'my appointment is at 10 and my sugar is 40',
  'is my appointment 39.5',
  'cancel everything, thanks for all, goodbye forever',
  'thank you and goodbye forever',
  'help',
  'please help me',
  'yes',
  'no',
  '',
  '...',
  '?',
  'appointment бронь',
  'prendre un appointment',
  'can I see a cardiologist next week',
  'how much is an MRI',
  'what does my report say',
  'I want to book, it is urgent',
  'book me in before I faint',
  'my appointment is late and so am I, 15 minutes without air',
  'I am running out',
  'I am late by 9 weeks',
  'we are in the lift please',
  'I need a letter for my family',
  'ممكن احجز صدري واجعني',
  'عايز الغي الموعد مش قادر اتحرك',
  'الغاء حياتي',
  'انا في الموقف محتاج دكتور',
  'محتاج دكتور في العيادة للكشف',
  'انا في موقف',
  'انا في المصعد محتاج',
  'السلام عليكم عندي من يومين',
  'شكرا على كل شيء وداعا',
  'अपॉइंटमेंट चाहिए सीने में भारीपन',
  'नमस्ते, सांस नहीं आ रही',
  'appointment book karna hai saans nahi aa rahi',
  'mujhe kuch ho raha hai, appointment chahiye',
];

const fixtures = ['en', 'ar', 'hi'].flatMap((language) => {
  const { dev, heldOut } = JSON.parse(readFileSync(`test/fixtures/red-flags/${language}.json`, 'utf8')) as Record<
    'dev' | 'heldOut',
    { flag: string[] }
  >;
  return [...dev.flag, ...heldOut.flag];
});

/** Emergencies in everyday words. The red-flag rules do not find all of them. */
const EMERGENCIES = [
  ...fixtures,
  'something is wrong with my dad, one side is asleep',
  'it feels like an elephant sits on me',
  'she went limp and her eyes rolled',
  'I took everything in the cabinet',
  'my throat is getting tight after peanuts',
  'he is burning up after chemo',
  'oxygen 84',
  'the baby stopped moving inside',
  'I see no point any more',
  'حاسس ان قلبي هيقف',
  'ابويا وقع ومش بيرد',
  'بنتي شربت الكلور',
  'مش شايف بعيني اليمين',
  'مش عايز اكمل',
  'दादी अचानक गिर गईं और बोल नहीं रही',
  'बच्चे ने दवा की शीशी पी ली',
  'मुझे जीने का मन नहीं',
  'papa ko laqwa jaisa lag raha hai',
  'chest bhari lag raha hai pasina aa raha',
];

describe('hasOnlyAdministrativeWords', () => {
  it.each(Object.entries(REQUESTS))('recognises administrative requests and greetings: %s', (_, messages) => {
    expect(messages.filter((message) => !hasOnlyAdministrativeWords(message))).toEqual([]);
  });

  it('refuses messages with unknown or medical words', () => {
    expect(NOT_ADMINISTRATIVE.filter(hasOnlyAdministrativeWords)).toEqual([]);
  });

  it('refuses descriptions of emergencies', () => {
    expect(EMERGENCIES.filter(hasOnlyAdministrativeWords)).toEqual([]);
  });

  it('refuses a request with an unknown word before or after it', () => {
    const word = fc.stringMatching(/^[a-z]{4,12}$/).filter((text) => !hasOnlyAdministrativeWords(`book ${text}`));
    fc.assert(
      fc.property(fc.constantFrom(...ALL_REQUESTS), word, (request, unknown) => {
        return (
          !hasOnlyAdministrativeWords(`${request} ${unknown}`) && !hasOnlyAdministrativeWords(`${unknown} ${request}`)
        );
      }),
      { numRuns: 500 },
    );
  });

  it('takes less than 3 s of CPU time for repeated words, up to the maximum length of a message', () => {
    for (const unit of ['how much ', 'the ', 'موعد ', 'ka ', '1 ', 'can i pay by ']) {
      const text = unit.repeat(50).split(' ').slice(0, 50).join(' ').slice(0, 300);
      const seconds = measureCpuSeconds(() => hasOnlyAdministrativeWords(text));
      expect({ unit, isSlow: seconds > 3 }).toEqual({ unit, isSlow: false });
    }
  });
});

it('a request has not only administrative words if it contains an emergency', () => {
  const separator = fc.constantFrom(
    ' ',
    ', ',
    '. ',
    '\n',
    ' - ',
    ' and ',
    ' but ',
    ' و ',
    ' और ',
    ' aur ',
    '... ',
    '; ',
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...ALL_REQUESTS),
      fc.constantFrom(...EMERGENCIES),
      fc.nat(),
      separator,
      separator,
      (request, emergency, place, before, after) => {
        const words = request.split(' ');
        const at = place % (words.length + 1);
        const [start, end] = [words.slice(0, at).join(' '), words.slice(at).join(' ')];
        return !hasOnlyAdministrativeWords(`${start}${before}${emergency}${after}${end}`);
      },
    ),
    { numRuns: 2_000 },
  );
});

const REQUESTS_STEP = 20;

describe('a request is not assessed as ADMINISTRATIVE', () => {
  /** Each emergency with some of the requests, in the long form with all of them. */
  const pairs = EMERGENCIES.flatMap((emergency, index) =>
    ALL_REQUESTS.filter((_, place) => isLongForm || place % REQUESTS_STEP === index % REQUESTS_STEP).map(
      (request) => [emergency, request] as const,
    ),
  );

  it('if a sentence before or after it describes an emergency', () => {
    const separators = ['. ', ', ', '\n', '; ', '... '];
    const texts = pairs.flatMap(([emergency, request], index) => {
      const separator = separators[index % separators.length] ?? '';
      return [`${emergency}${separator}${request}`, `${request}${separator}${emergency}`];
    });
    expect(texts.filter((text) => assess(text).kind === 'ADMINISTRATIVE')).toEqual([]);
  });

  it('if an earlier message describes an emergency', () => {
    expect(pairs.filter(([emergency, request]) => assess(request, [emergency]).kind === 'ADMINISTRATIVE')).toEqual([]);
  });
});
