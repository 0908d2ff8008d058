import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findRedFlag } from './find-red-flag.js';

/** Each message has a red flag next to a condition that is negated, past or only asked about. */
const EMERGENCIES: Readonly<Record<string, readonly string[]>> = {
  'next to a past illness': [
    'had a stroke last year and my arm is weak',
    'had a stroke last year and my arm is weak now',
    'had a stroke last year, arm weak',
    'I had a stroke 2 years ago my arm is weak',
    'two years ago I had a seizure my son is unconscious',
    'previous stroke, my face is drooping',
    'I had a heart attack in 2015 and my jaw and left arm hurt',
    'my father died of a heart attack, now my chest hurts the same',
    'last month my mother had a stroke, today she cannot speak',
    'history of epilepsy, he is having a seizure',
    'last year chest pain, and it is back',
    'جاتلي جلطة من سنتين ودراعي ضعيف',
    'أبي مات بأزمة قلبية والآن صدري يوجعني',
    'صابتني جلطة سنة 2015 والحين وجهي مايل',
    'दो साल पहले लकवा हुआ था हाथ सुन्न है',
    'लकवा हुआ था दो साल पहले और हाथ कमजोर है',
    'पिछले साल हार्ट अटैक आया था, अब सीने में दर्द है',
    'pichle saal attack aaya tha, abhi seene me dard hai',
  ],
  'next to a negation': [
    "no fever but can't breathe",
    'no fever my chest hurts',
    'no fever chest pain since an hour',
    'I dont smoke my chest is tight',
    'he is not sleeping chest pain all night',
    'she does not have diabetes her face is drooping',
    'never had chest pain before, now I do',
    'not sure, chest pain',
    'معنديش حرارة صدري واجعني',
    'ما عندي سكر وجهي مايل',
    'लेकिन बुखार नहीं है सीने में दर्द है',
    'सीने में दर्द है बुखार नहीं है',
    'seene me dard hai bukhar nahi hai',
    'सीने में दर्द कम नहीं हो रहा',
  ],
  'next to a question': [
    'what are the signs of a stroke and my arm is numb',
    'if it is a stroke what do i do, his face droops',
    'how to prevent a heart attack, my chest hurts',
    'ما هي أعراض الجلطة وجهي مايل',
    'स्ट्रोक के लक्षण क्या हैं, मेरा हाथ सुन्न है',
  ],
  'next to reassurance': [
    "he says it's nothing but his face is drooping",
    'my husband says it is nothing, my chest hurts',
    'my mother cannot speak, my brother says she is just tired',
    'امي وجهها مايل بس ابويا بيقول مفيش حاجة',
    'पिताजी बोल नहीं पा रहे, भाई कहता है कुछ नहीं है',
  ],
  'within line breaks, punctuation and separated letters': [
    'chest\npain',
    'chest. pain',
    "I can't... breathe",
    'my left arm, is numb',
    'my arm is\n\nnumb',
    'c a n t b r e a t h e',
    'i c a n t  b r e a t h e',
    'c.h.e.s.t p.a.i.n',
    'c,h,e,s,t p,a,i,n',
    'ch.est pa.in',
    'che st pa in',
    's u i c i d e',
    'k i l l my self',
    'I c.a.n.t b.r.e.a.t.h.e',
    'أ ل م ف ي ص د ر ي',
    'ألم\nفي. الصدر',
    'सी ने में द र्द',
    'सीने में। दर्द',
  ],
};

/** Each condition is negated, past or only asked about, and there is no red flag. */
const EXCLUDED = [
  'I had chest pain and shortness of breath last year',
  'last year I had chest pain and shortness of breath',
  'my grandfather died of a stroke ten years ago',
  'I do not have chest pain or shortness of breath',
  'no cough or fever or chest pain',
  'chest pain nahi hai',
  'what are the signs of a stroke?',
];
const WITHOUT_RED_FLAG = ['book an a p p o i n t m e n t', 'is the chest clinic open? my knee has pain'];

describe('a red flag is found', () => {
  it.each(Object.entries(EMERGENCIES))('%s', (_, messages) => {
    expect(messages.filter((message) => !findRedFlag(message))).toEqual([]);
  });

  it('before and after any excluded condition', () => {
    const excluded = fc.constantFrom(...EXCLUDED);
    const redFlag = fc.constantFrom(
      'my face is drooping',
      'she cannot breathe',
      'وجهي مايل',
      'मेरा हाथ सुन्न है',
      'I want to die',
    );
    fc.assert(
      fc.property(
        excluded,
        redFlag,
        fc.constantFrom('. ', ', ', '\n', ' and ', ' but '),
        (condition, present, separator) => {
          return (
            findRedFlag(`${condition}${separator}${present}`) !== null &&
            findRedFlag(`${present}. ${condition}`) !== null
          );
        },
      ),
    );
  });
});

it('no red flag is found in a message whose only condition is negated, past or asked about', () => {
  expect(EXCLUDED.filter((message) => findRedFlag(message))).toEqual([]);
});

it('no red flag is found in a message that only has words of one', () => {
  expect(WITHOUT_RED_FLAG.filter((message) => findRedFlag(message))).toEqual([]);
});
