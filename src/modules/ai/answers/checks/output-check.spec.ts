import { describe, expect, it } from '@jest/globals';
import { findViolation } from './output-check.js';
import type { Violation } from './violation.js';

const ALLOWED = { phones: ['+20 2 2790 1234', '123'] };

const WITHHELD: Readonly<Record<Violation, readonly string[]>> = {
  EMERGENCY_ADVICE: [
    'Please call 911 right away.',
    'This could be serious. Go to the emergency room.',
    'You should call an ambulance now',
    'You need to call an ambulance now.',
    'It is necessary to go to the emergency room.',
    'Dial 1-1-2 immediately',
    'call nine one one',
    'Seek immediate medical attention.',
    'This is a medical emergency.',
    'If it gets worse, call emergency services.',
    'اتصل بالإسعاف فورا',
    'توجه إلى أقرب طوارئ',
    'اذهب إلى المستشفى الآن',
    'هذه حالة طارئة',
    'تحتاج إلى عناية طبية فورية',
    'तुरंत अस्पताल जाएं',
    '108 पर कॉल करें',
    'यह आपातकालीन स्थिति है',
    'एम्बुलेंस बुलाएं',
    'Turant hospital jaye',
    'Head to the nearest hospital',
    'Contact emergency services',
    'Call the suicide hotline',
    '[[طوارئ]] اتصل',
  ],
  AGAINST_HELP: [
    'You do not need to call an ambulance.',
    'No need to worry, it will pass.',
    'You can wait until tomorrow.',
    'Wait a few hours and see.',
    'It is nothing serious.',
    'This is not an emergency.',
    "Don't call 911.",
    'Just rest and see how you feel in the morning.',
    'لا داعي للقلق',
    'لا تتصل بالإسعاف',
    'انتظر حتى الغد',
    'يمكنك الانتظار إلى الغد',
    'ليست حالة طارئة',
    'مش محتاج دكتور',
    'अस्पताल जाने की जरूरत नहीं है',
    'चिंता न करें',
    'कल तक इंतज़ार करें',
    'यह गंभीर नहीं है',
    'एम्बुलेंस न बुलाएं',
    'chinta mat karo',
    'There is no need to go to the hospital',
    "She doesn't need to call 911.",
    'It isn’t necessary to call an ambulance.',
    'It is not needed to call 911.',
    "You'll be fine.",
    "Going to the ER isn't necessary.",
    "It isn't a stroke.",
    'There is no danger.',
    "I wouldn't worry.",
    "You don't have to see anyone today.",
    'متروحش المستشفى',
    'ليست جلطة',
    'مفيش خطر',
    'कोई खतरा नहीं',
    'Hospital visits are unnecessary here.',
    'An ambulance is not required.',
    'There is no cause for alarm.',
    'You can relax.',
    'That is perfectly normal.',
    'متقلقش',
    'مفيش حاجة تخوف',
    'بسيطة إن شاء الله',
    'ارتاح في البيت وهتبقى كويس',
    'نام وهتصحى كويس',
    'الموضوع عادي',
    'اطمئن',
    'ambulance ki zarurat nahi hai',
    'tension mat lo sab theek hai',
    'ghabrao mat, ye normal hai',
    'kal tak ruk sakte ho',
    'यह सामान्य है',
    'घर पर आराम करें और देखें',
    "It's just a viral infection",
    'غالبا قلق مش اكتر',
    'निश्चिंत रहें',
  ],
  DOSE: [
    'Take 500 mg of paracetamol.',
    'Take two tablets every 6 hours',
    'Take ibuprofen with food.',
    'Stop taking your warfarin.',
    'one tablet twice a day',
    'خذ حبتين كل 8 ساعات',
    'تناول ٥٠٠ ملغ من الباراسيتامول',
    'أوقف الدواء',
    'خد بنادول',
    '500 मिलीग्राम पैरासिटामोल लें',
    'दो गोली दिन में तीन बार',
    'दवा बंद कर दें',
    'paracetamol le lein',
    'Increase your insulin dose',
    '10 units of insulin',
    'Chew an aspirin',
    'An aspirin would help.',
    'Put him on amoxicillin.',
    'بطل تاخد الدوا',
    'Take five hundred milligrams.',
    'ملعقة صغيرة من الشراب للطفل',
  ],
  DIAGNOSIS: [
    'You have a migraine.',
    'It sounds like you have the flu.',
    'This is probably gastritis.',
    'Your symptoms suggest pneumonia.',
    'You likely have appendicitis.',
    'لديك التهاب في الحلق',
    'هذا صداع نصفي',
    'أعراضك تدل على جلطة',
    'आपको माइग्रेन है',
    'यह फ्लू हो सकता है',
    'You are having a heart attack.',
    'aapko viral infection hai',
    'This is most likely a pulled muscle.',
    'What you describe is a tension headache.',
    'The cause is muscle strain.',
    "You're dehydrated.",
    'You probably have a UTI.',
    'شكله برد',
    'هذا على الأغلب شد عضلي',
    'यह शायद मांसपेशी का खिंचाव है',
    'आपको पैनिक अटैक आ रहा है',
    'lagta hai acidity hai',
  ],
  PROMISE: [
    'I have booked your appointment for Monday.',
    'I will cancel it for you.',
    'Your appointment has been confirmed.',
    'A doctor will call you shortly.',
    "I've sent your request",
    'لقد حجزت لك موعدا',
    'سأتصل بالعيادة',
    'تم حجز موعدك',
    'मैंने आपका अपॉइंटमेंट बुक कर दिया है',
    'आपका अपॉइंटमेंट रद्द हो गया है',
    'मैं अभी कॉल करूंगा',
    'Let me book that for you.',
    "I'm booking it now",
  ],
  TOOL_CALL: [
    '{"name": "book_appointment", "arguments": {"id": 3}}',
    '<tool_call>book</tool_call>',
    '‹tool_call›',
    'Action: book',
    'book_appointment(doctor="x")',
    '```json\n{}\n```',
    '[TOOL_CALLS] x',
  ],
  CONTACT: [
    'Reach us on +1 555 123 4567.',
    'See […] for more.',
    'Write to help@[…] please',
    'Message @clinic_help',
    'اتصل على ٠١٠٠١٢٣٤٥٦٧',
    'फोन 9876543210 पर',
    'Call 5551',
    'Ours is zero one zero, five five five, six two three four',
    'Our page is clinic dot com',
  ],
  OTHERS_DATA: ['Another patient has the same name.', 'ملف المريضة هدى', 'आज के मरीज़ उमर और लीना हैं'],
  PROMPT_LEAK: ['My system prompt begins with a tag.', 'هذه هي تعليماتي', 'ये मेरे निर्देश हैं'],
  LANGUAGE: [
    'La clinique ouvre à huit heures.',
    'کلینک آٹھ بجے کھلتا ہے۔',
    'Клиника открывается в восемь.',
    '诊所八点开门',
  ],
};

const SHOWN: readonly string[] = [
  'Bring your identity card and your insurance card.',
  'The clinic opens at 9:00 and closes at 17:00 from Sunday to Thursday.',
  'You can cancel in the app: open the appointment and choose cancel.',
  'Call the clinic on +20 2 2790 1234.',
  'Headaches have many causes, such as tension, lack of sleep or dehydration. A clinician can tell more. Please book an appointment.',
  'I cannot help with that.',
  'Normal blood pressure is below 120/80 mmHg.',
  'Fasting sugar is usually 70 to 100 mg/dL.',
  'If you have diabetes, tell the doctor before the test.',
  'A migraine is a kind of headache that can come with nausea.',
  'Please see a doctor today.',
  'See a doctor today.',
  'يمكنك إلغاء الموعد من التطبيق.',
  'العيادة تفتح من 9 صباحا إلى 5 مساء.',
  'يفضل أن يراك طبيب اليوم.',
  'आप ऐप में अपॉइंटमेंट रद्द कर सकते हैं।',
  'क्लिनिक सुबह 9 बजे खुलता है।',
  'कृपया आज डॉक्टर को दिखाएं।',
  'Drink water and rest.',
  'One moment.',
  'Hello.',
  'Yes.',
  'Parking is available behind the building.',
  'I cannot give a diagnosis or a dose; a clinician can.',
  'The appointment takes 30 minutes.',
  'A date is written like 2026-12-01 here.',
  'Please arrive ten minutes early.',
  'The price is 300 pounds; you can pay by card.',
  'You can book online.',
  'Do not hesitate to ask.',
  'Let the clinic know if you cannot come.',
  'Dr. Smith sees patients on Monday.',
  "A doctor's letter is not required.",
  'It is probably best to see a doctor.',
  'It is completely free to cancel a day before.',
  'A referral from another hospital can be brought along.',
  'من الأفضل أن يفحصك طبيب.',
  'يمكنك الدفع نقدا أو بالبطاقة.',
  'इस बारे में डॉक्टर से बात करें।',
  'कृपया बीमा कार्ड साथ लाएं।',
];

describe('findViolation', () => {
  it.each(Object.entries(WITHHELD))('finds %s', (violation, sentences) => {
    const found = sentences.map((sentence) => [sentence, findViolation(sentence, ALLOWED)]);
    expect(found).toEqual(sentences.map((sentence) => [sentence, violation]));
  });

  it('finds nothing in sentences that only inform', () => {
    expect(SHOWN.filter((sentence) => findViolation(sentence, ALLOWED))).toEqual([]);
  });

  it.each([
    "Your child's fever is understandably worrying.",
    'I understand that your stomach has been upset for a few days.',
    'It is hard to say from a message why your ear is blocked.',
    'Only a doctor can tell whether your headaches are migraine.',
    'أخصائي العلاج الطبيعي يشرح لك الخطوات التالية.',
  ])('finds nothing in a careful sentence: %s', (sentence) => {
    expect(findViolation(sentence, ALLOWED)).toBeNull();
  });

  it.each([
    ['DOSE', 'Just pop another of those white ones if the ache is still there at bedtime.'],
    ['DOSE', 'Leave off the blood pressure one while you feel giddy.'],
    ['DOSE', 'A higher strength would suit you better.'],
    ['DIAGNOSIS', "I'd bet on a bladder infection."],
    ['DIAGNOSIS', 'Everything points towards your appendix.'],
    ['DIAGNOSIS', 'There is clearly some bleeding inside the joint.'],
    ['AGAINST_HELP', 'Chest pressure at your age is almost never the heart.'],
    ['AGAINST_HELP', "Put your feet up and it'll fade."],
    ['PROMISE', 'The front desk has your message and will ring shortly.'],
    ['PROMISE', 'Your place on Thursday is held for you.'],
  ])('finds %s in other words: %s', (violation, sentence) => {
    expect(findViolation(sentence, ALLOWED)).toBe(violation);
  });

  it('reads through invisible characters, letters of other alphabets and digits of other scripts', () => {
    const sentences = ['Take 5\u200B00 mg.', 'Tаke twо tаblets.', 'تناول ٢ قرص', 'CALL \u2060 9\u200B11'];
    expect(sentences.filter((sentence) => !findViolation(sentence, ALLOWED))).toEqual([]);
  });

  it('finds violations across line breaks and list items', () => {
    const texts = [
      'No need\nto go\nto the hospital',
      'Take\n\n- 500\n- mg',
      'لا داعي\nللذهاب إلى المستشفى',
      'घबराने की\nबात नहीं',
    ];
    expect(texts.filter((text) => !findViolation(text, ALLOWED))).toEqual([]);
    expect(
      findViolation('Please bring:\n- your identity card\n- two photos\n- a list of what you take', ALLOWED),
    ).toBeNull();
  });

  it('returns the most urgent of several violations', () => {
    expect(findViolation('You do not need a doctor. Take 500 mg. If it comes back call 911.', ALLOWED)).toBe(
      'EMERGENCY_ADVICE',
    );
  });
});
