import { describe, expect, it } from '@jest/globals';
import { objectionTo } from './check.js';
import type { Objection } from './objection.js';

const OURS = { phones: ['+20 2 2790 1234', '123'] };

const WITHHELD: Readonly<Record<Objection, readonly string[]>> = {
  EMERGENCY_ADVICE: [
    'Please call 911 right away.',
    'This could be serious. Go to the emergency room.',
    'You should call an ambulance now',
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
    "You'll be fine.",
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
    "It's just a viral infection",
    'aapko viral infection hai',
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
  'Your next visit is on 2026-12-01.',
  'Please arrive ten minutes early.',
  'The price is 300 pounds; you can pay by card.',
  'You can book online.',
  'Do not hesitate to ask.',
  'Let the clinic know if you cannot come.',
  'Dr. Smith sees patients on Monday.',
];

describe('words of a model', () => {
  it.each(Object.entries(WITHHELD))('that are %s are not shown', (objection, sentences) => {
    const found = sentences.map((sentence) => [sentence, objectionTo(sentence, OURS)]);
    expect(found).toEqual(sentences.map((sentence) => [sentence, objection]));
  });

  it('that inform are shown', () => {
    expect(SHOWN.filter((sentence) => objectionTo(sentence, OURS))).toEqual([]);
  });

  it('are checked with hidden marks, letters of other alphabets and digits of other scripts taken out', () => {
    const sentences = ['Take 5\u200B00 mg.', 'Tаke twо tаblets.', 'تناول ٢ قرص', 'CALL \u2060 9\u200B11'];
    expect(sentences.filter((sentence) => !objectionTo(sentence, OURS))).toEqual([]);
  });

  it('are an emergency where one of their sentences is, whatever the others say', () => {
    expect(objectionTo('You do not need a doctor. Take 500 mg. If it comes back call 911.', OURS)).toBe(
      'EMERGENCY_ADVICE',
    );
  });
});
