import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findSigns } from './find-signs.js';
import { textShowsSign } from './search-text.js';
import { isNo, isYes } from './words.js';

const YES = [
  true,
  1,
  2,
  'yes',
  'YES',
  ' Yes. ',
  'yes, since an hour',
  'true',
  'TRUE',
  'y',
  'on',
  '1',
  '1.0',
  '١',
  '१',
  'ｔｒｕｅ',
  '\u200byes',
  '✓',
  '✅',
  '☒',
  'نعم',
  'نَعَم',
  'أيوة',
  'ايوه',
  'أجل',
  'صح',
  'aywa',
  'na3am',
  'हाँ',
  'हां',
  'जी हाँ',
  'haan',
  'haaan',
  'hai',
  'bilkul',
  'na3m',
  'ہاں',
  'जी',
  'ji',
  'yesss',
  'I think yes',
  'probably yes',
  'droopy',
  'paralysed',
  'abnormal',
  '٠٫٥',
  '👍',
  'ji haan',
  'oui',
  'sí',
  'да',
];
const NO = [
  false,
  0,
  'no',
  'No.',
  'FALSE',
  'false',
  'n',
  'off',
  '0',
  '٠',
  'none',
  'لا',
  'لأ',
  'كلا',
  'नहीं',
  'nahi',
  'जी नहीं',
  'ji nahi',
  'है नहीं',
  'ha nahin',
  'nooo',
  'نہیں',
  'it is normal',
];
const NEITHER = [null, undefined, '', 'maybe', 'not sure', "don't know", 'unknown', 'n/a', 'not tested', {}, [], NaN];

describe('yes and no', () => {
  it.each(YES.map((value) => [value]))('%j is a yes', (value) => {
    expect([isYes(value), isNo(value)]).toEqual([true, false]);
  });

  it.each(NO.map((value) => [value]))('%j is a no', (value) => {
    expect([isYes(value), isNo(value)]).toEqual([false, true]);
  });

  it.each(NEITHER.map((value) => [value]))('%j is neither', (value) => {
    expect([isYes(value), isNo(value)]).toEqual([false, false]);
  });
});

describe('a sign in a body', () => {
  it.each([
    ['in its place', { symptoms: { face: true } }, 'SIGN_FACE'],
    ['at the top', { face: true }, 'SIGN_FACE'],
    ['nested once more', { data: { assessment: { symptoms: { arm: 'yes' } } } }, 'SIGN_ARM'],
    ['in a list', [{ symptoms: { speech: 1 } }], 'SIGN_SPEECH'],
    ['below another part', { cpss: { symptoms: { seizure: true } } }, 'SIGN_SEIZURE'],
    ['as an object', { symptoms: { face: { left: true, right: false } } }, 'SIGN_FACE'],
    ['as a list of answers', { symptoms: { eyes: ['yes'] } }, 'SIGN_EYES'],
    ['as a list of names', { symptoms: ['balance'] }, 'SIGN_BALANCE'],
    ['as a text of names', { symptoms: 'face, arm' }, 'SIGN_ARM'],
    ['as questions and answers', { symptoms: [{ name: 'face', value: true }] }, 'SIGN_FACE'],
    ['as questions without answers', { symptoms: [{ id: 'speech' }] }, 'SIGN_SPEECH'],
    ['with another spelling', { Face_Droop: 'true' }, 'SIGN_FACE'],
    ['as a path', { 'symptoms.face': true }, 'SIGN_FACE'],
    ['as a form’s path', { 'symptoms[arm]': 'on' }, 'SIGN_ARM'],
    ['of the mobile questionnaire', { previous_stroke_symptoms: 'Yes' }, 'SIGN_STROKE_SYMPTOMS'],
    ['both arms', { cpss: { bothArmsImmobile: 'yes' } }, 'CPSS_BOTH_ARMS_IMMOBILE'],
    ['not resolved', { symptomsResolved: 'no' }, 'DEFICIT_NOT_RESOLVED'],
    ['of CPSS', { cpss: { armDrift: 1 } }, 'CPSS_FINDING'],
    ['of CPSS as a boolean', { cpss: { abnormalSpeech: true } }, 'CPSS_FINDING'],
    ['of NIHSS', { nihss: { item5a: '2' } }, 'NIHSS_FINDING'],
    ['of NIHSS outside of its part', { item9: 3 }, 'NIHSS_FINDING'],
    ['of NIHSS as a total', { nihss: 12 }, 'NIHSS_FINDING'],
    ['of NIHSS as a list', { nihss: [0, 0, 2] }, 'NIHSS_FINDING'],
    ['of RACE', { race: { gaze: 1 } }, 'RACE_FINDING'],
    ['of LAMS', { lams: { gripStrength: 2 } }, 'LAMS_FINDING'],
    ['with words around the name', { symptoms: { hasFaceDroop: true } }, 'SIGN_FACE'],
    ['with a side in the name', { left_arm_weakness: 'y' }, 'SIGN_ARM'],
    ['below a question', { symptoms: { 'Is the face drooping?': 'yes' } }, 'SIGN_FACE'],
    ['in a name with its group', { symptoms_speech: 1 }, 'SIGN_SPEECH'],
    ['as a path to an answer', { 'symptoms.face.value': 'yes' }, 'SIGN_FACE'],
    ['below a step', { step: { id: { symptoms: { face: true } } } }, 'SIGN_FACE'],
    ['in Arabic', { symptoms: { الوجه: 'نعم' } }, 'SIGN_FACE'],
    ['in Hindi', { symptoms: ['चेहरा'] }, 'SIGN_FACE'],
    ['in a list of another name', { selectedSymptoms: ['arm'] }, 'SIGN_ARM'],
    ['among those that were chosen', { symptoms: { selected: ['face'] } }, 'SIGN_FACE'],
    ['as pairs', { answers: [['face', true]] }, 'SIGN_FACE'],
    ['as JSON in a text', { data: '{"symptoms":{"face":true}}' }, 'SIGN_FACE'],
    ['as a text with a no for another', { symptoms: 'face, no headache' }, 'SIGN_FACE'],
    ['beside a side', { symptoms: { face: { value: false, left: true } } }, 'SIGN_FACE'],
    ['not resolved yet', { symptomsResolved: 'not yet' }, 'DEFICIT_NOT_RESOLVED'],
    ['still there', { symptomsResolved: 'still weak' }, 'DEFICIT_NOT_RESOLVED'],
    ['not resolved, as an object', { symptomsResolved: { value: false } }, 'DEFICIT_NOT_RESOLVED'],
    ['of NIHSS under the name of its total', { nihss_score: '7' }, 'NIHSS_FINDING'],
    ['of ABCD2', { abcd2: { clinical: 'weakness' } }, 'ABCD2_WEAKNESS'],
  ])('is found %s', (_, body, reason) => {
    expect(findSigns(body).reasons).toContain(reason);
  });

  it.each([
    [{ symptoms: { face: false, arm: 'no', speech: null, eyes: 'नहीं' } }],
    [{ symptoms: [{ name: 'face', value: false }] }],
    [{ symptoms: [{ symptom: 'face', present: false }] }],
    [{ symptoms: [{ id: 1, name: 'face', value: false, options: ['yes', 'no'] }] }],
    [{ symptoms: { face: { present: false, side: 'left', confidence: 0.9 } } }],
    [{ symptoms: { face: { value: 'no', id: 3, answeredAt: 1763878400 } } }],
    [{ symptoms: { face: 'जी नहीं', arm: 'ji nahi' } }],
    [{ symptoms: ['no face droop', 'no arm weakness'], absentSymptoms: ['face'] }],
    [{ symptoms: 'none' }],
    [{ symptoms: 'no face droop' }],
    [{ symptoms: { comment: 'brown eyes' } }],
    [{ cpss: { facialDroop: 0, armDrift: 0, abnormalSpeech: 0 }, nihss: { item5a: 'UN', item1a: 0 } }],
    [{ race: { arm: 0, hemiparesis: 'LEFT' }, lams: { armDrift: 0 } }],
    [{ race: 'Asian', abcd2: { clinical: 'OTHER', diabetes: true, age: 80 } }],
    [{ prevent: { smoker: true, diabetes: true, age: 50 }, rater: { role: 'SELF' }, symptomsResolved: true }],
    [{ gender: 'Male', heart_disease: 1, hypertension: 1, avg_glucose_level: 228.7, smoking_status: 'smokes' }],
    [{ locale: 'en', country: 'EG', glucose: 110 }],
    [null],
    ['face'],
    [7],
  ])('is not found in %j', (body) => {
    expect(findSigns(body)).toEqual({ reasons: [], isPossible: false });
  });

  it('is possible, not certain, where the points lie outside of the scale', () => {
    for (const body of [{ nihss: { item5a: 9 } }, { race: { gaze: 2 } }, { cpss: { armDrift: 3 } }])
      expect(findSigns(body)).toEqual({ reasons: [], isPossible: true });
  });

  it('is found whatever stands beside it and however deep it is', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.array(fc.string(), { maxLength: 5 }),
        (beside, path) => {
          const sign: unknown = { ...beside, face: true };
          const nested = path.reduce((inner, key) => ({ [`${key} part`]: inner }), sign);
          expect(findSigns(nested).reasons).toContain('SIGN_FACE');
        },
      ),
    );
  });

  it('is looked for in any JSON without an error', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (body) => {
        for (const reason of findSigns(body).reasons) expect(reason).toMatch(/^[A-Z0-9_]+$/);
      }),
    );
  });
});

describe('a sign in a text that is not JSON', () => {
  it.each([
    ['{"symptoms":{"face":true,'],
    ['{"symptoms": {"face": true "arm"'],
    ["{'symptoms': {'face': True}}"],
    ['{symptoms: {face: yes}}'],
    ['symptoms[face]=true&symptoms[arm]=false'],
    ['symptoms%5Bspeech%5D=1'],
    ['face_droop=on'],
    ['face: yes\narm: no'],
    ['<symptoms><arm>true</arm></symptoms>'],
    ['------x\r\nContent-Disposition: form-data; name="face"\r\n\r\ntrue\r\n------x--'],
    ['{"symptoms":{"face":"\\u0646\\u0639\\u0645"'],
    ['{"face":"हाँ"'],
    ['{"face": {"present": true, '],
    ['{"symptoms":{"suddenSevereHeadache" : true'],
    ['{"nihss":{"item5a":3,"padding":"xxx'],
    ['{"cpss":{"bothArmsImmobile":true'],
    ['{"symptomsResolved": false'],
    ['{"abcd2":{"clinical":"WEAKNESS","age"'],
    ['face,true'],
    ['{"symptoms":["face"'],
    ["{'symptoms':['arm', 'face']}"],
    ['symptoms[]=cough&symptoms[]=face'],
    ['symptoms=face,arm'],
    ['symptoms:\n  - cough\n  - slurred speech'],
    ['<symptom>face</symptom>'],
    ['{"face": /* since noon */ true,}'],
    ['{"face": // since noon\n true}'],
    [`{"face" :${' '.repeat(60)}true,}`],
    ['{"face":0.5'],
    ['{"face":"👍"'],
    ['{"face":"☒"'],
    ['symptoms%255Bface%255D=true'],
    ['{"nihss":{"total":12,'],
    [`{"padding":"${'x'.repeat(200_000)}","symptoms":{"face":true},}`],
    [`{"padding":"${'a face in the crowd, '.repeat(2_000)}","symptoms":{"face":true},}`],
  ])('is found in %s', (text) => {
    expect(textShowsSign(text)).toBe(true);
  });

  it.each([
    ['{"symptoms":{"face":false,"arm":null'],
    ['{"surface": true'],
    ['face=no&arm=0'],
    ['{"face": {"present": false, "side": "left"'],
    ['{"diabetes": true, "smoker": true'],
    ['{"symptomsResolved": true'],
    ['{"face":"ji nahi","arm":"जी नहीं",}'],
    ['symptoms=none&smoker=1'],
    ['{"symptoms":[],"diabetes":true,}'],
    [`{"padding":"${'a face in the crowd, '.repeat(2_000)}","symptoms":{"face":false},}`],
    [''],
  ])('is not found in %s', (text) => {
    expect(textShowsSign(text)).toBe(false);
  });

  it('is found wherever a JSON document breaks off behind it', () => {
    const document = '{"symptoms":{"balance":false,"arm":true,"speech":false},"diabetes":true,"locale":"en"}';
    const behindSign = document.indexOf(',"speech"') + 1;
    for (let end = behindSign; end < document.length; end += 1) {
      const text = document.slice(0, end);
      expect([text, textShowsSign(text)]).toEqual([text, true]);
    }
  });

  it('is found before any other text', () => {
    const sign = '{"symptoms":{"balance":false,"arm":true';
    fc.assert(fc.property(fc.string(), (rest) => void expect(textShowsSign(`${sign},${rest}`)).toBe(true)));
  });
});
