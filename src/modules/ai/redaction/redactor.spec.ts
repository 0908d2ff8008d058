import { describe, expect, it } from '@jest/globals';
import { measureCpuSeconds } from '../../../../test/support/cpu-time.js';
import { Redactor } from './redactor.js';

const redactor = new Redactor({
  names: ['Layla', 'El Sayed', 'Haddad', 'José', 'ليلى', 'أحمد'],
  phrases: ['7 Palm Street, Maadi', 'NC-00417', 'Omar Haddad 01012345678'],
});
const redact = (text: string): string => redactor.redact(text).text;

describe('a redacted text', () => {
  it.each([
    ['e-mail', 'write to layla.h+x@mail.example.org please', 'layla.h'],
    ['e-mail in Arabic', 'بريدي ليلى@مثال.مصر شكرا', 'مثال'],
    ['e-mail with (at)', 'me (at) mail.example.org', 'mail.example'],
    ['mobile of Egypt', 'call 010 1234 5678 now', '1234'],
    ['mobile with country code', 'call +20 10 1234 5678 now', '1234'],
    ['mobile in Arabic digits', 'رقمي ٠١٠١٢٣٤٥٦٧٨', '٠١٠'],
    ['mobile in Devanagari digits', 'मेरा नंबर ९८७६५४३२१० है', '९८'],
    ['telephone number with dashes and brackets', '(080) 4123-4567', '4123'],
    ['mobile in full-width digits', '０１０１２３４５６７８', '０１'],
    ['mobile with a zero-width space', '0101\u200B2345678', '2345'],
    ['national id of Egypt', 'ID 29001011234567', '29001'],
    ['Aadhaar', 'aadhaar 2345 6789 0123', '6789'],
    ['PAN', 'PAN ABCDE1234F ok', 'ABCDE'],
    ['passport', 'passport A12345678', 'A123'],
    ['MRN', 'my MRN: 48213', '48213'],
    ['own record number', 'file nc-00417', '00417'],
    ['UUID', 'id 019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10', '7a52'],
    ['card', '4111 1111 1111 1111', '1111'],
    ['birthday', 'born 1990-02-28', '1990'],
    ['birthday with slashes', 'DOB 28/2/90', '28/2'],
    ['birthday in words', 'I was born on 28th of February 1990', 'February'],
    ['birthday, month first', 'Feb 28, 1990', '1990'],
    ['birthday in Arabic', 'مواليد ٢٨ فبراير ١٩٩٠', 'فبراير'],
    ['birthday in Hindi', 'जन्म २८ फरवरी १९९०', 'फरवरी'],
    ['year of birth', 'born in 1990', '1990'],
    ['token', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.SflKxwRJ', 'eyJ'],
    ['TOTP secret', 'JBSWY3DPEHPK3PXPJBSWY3DP', 'JBSW'],
    ['TOTP secret without digits', 'JBSWYDPEHPKPXPJBSWYDP', 'JBSW'],
    ['password', 'my password is Tr0ub4dor', 'Tr0ub'],
    ['own first name', 'layla is my name', 'layla'],
    ['own address with other separators', 'at 7, Palm-Street', 'alm'],
    ['own name in Arabic', 'انا ليلى', 'ليلى'],
    ['own address', 'I live at 7  palm street', 'palm'],
    ['name after "my name is"', 'my name is Omar Farouk and I cough', 'Farouk'],
    ['link', 'see https://clinic.example/r/88?token=1', 'clinic.example'],
    ['mobile with commas', 'call 010,1234,5678', '1234'],
    ['mobile with long dashes', '010–1234–5678', '1234'],
    ['mobile with non-breaking dashes', '010‑1234‑5678', '1234'],
    ['mobile with dots in the middle', '010·1234·5678', '1234'],
    ['mobile with underscores', '010_1234_5678', '1234'],
    ['mobile with dashes and blanks', '010 - 1234 - 5678', '1234'],
    ['mobile in keycap emojis', '0️⃣1️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣', '2️⃣'],
    ['mobile with an Arabic letter mark', '0101\u061C2345678', '2345'],
    ['birthday, year first', '1990 Feb 28', 'Feb'],
    ['birthday with dashes and a month', '28-Feb-1990', 'Feb'],
    ['birthday of two digits', '28 Feb 90', 'Feb'],
    ['birthday of the Hijra', '١٤١٠/٨/٣ هـ', '1410'],
    ['birthday in Chinese', '1990年2月28日', '1990'],
    ['birthday with backslashes', '28\\02\\1990', '1990'],
    ['birthday in six digits', 'DOB: 280290', '280290'],
    ['e-mail in words', 'mail me at omar at mail dot com', 'mail dot'],
    ['e-mail with blanks', 'omar @ mail . com', 'mail .'],
    ['e-mail with [dot]', 'omar[at]mail[dot]com', 'mail['],
    ['e-mail with an apostrophe', "o'brien@mail.com", "o'"],
    ['handle', 'I am @omar_f on insta', 'omar'],
    ['link without a scheme', 'see t.me/omar_f', 'omar'],
    ['password with code', 'my pin code: 4821', '4821'],
    ['otp with blanks', 'OTP 48 21 33', '21'],
    ['policy', 'policy number AB-12-34', 'AB'],
    ['word of the own last name', 'Mr Sayed here', 'Sayed'],
    ['own name without its accent', 'Jose here', 'Jose'],
    ['own name with another alef', 'انا احمد', 'احمد'],
    ['own name with vowel signs', 'انا أَحْمَد', 'أَحْمَد'],
    ['own name after an Arabic prefix', 'رسالة لاحمد', 'احمد'],
    ['own name with a joiner', 'Lay\u200Dla', 'la'],
    ['own contact', 'tell Omar Haddad', 'Omar'],
    ['own record number without its dash', 'NC00417', '00417'],
    ['Arabic name after a colon', 'اسمي: عمر فاروق', 'فاروق'],
    ['name after "name:"', 'name: Omar Farouk', 'Farouk'],
  ])('does not contain %s: %s', (_, text, canary) => {
    expect(redact(text)).not.toContain(canary);
    expect(redact(text)).toMatch(/\[\w+\]/);
  });

  it.each([
    'I have had a headache since 3 days and my pressure is 140/90, temperature 38.5, weight 72 kg',
    'Should I come at 09:30 or 14:00? I take 500 mg twice a day, for 2 weeks',
    'My HbA1c is 7.2 % and my sugar 180 mg/dl, pulse 102',
    'عندي صداع من 3 أيام والضغط 140/90',
    'मुझे 3 दिन से बुखार 101 है',
    'bp 140/90 120/80 130/85 over three days, in 2019-2020 it was lower',
    'sugar 120, 130, 125 and 10:30 12/3',
  ])('keeps numbers and times that a model needs: %s', (text) => {
    expect(redactor.redact(text)).toEqual({ text, counts: {} });
  });

  it('keeps Arabic and Hindi digits that a model needs, as ASCII digits', () => {
    expect(redactor.redact('عندي صداع من ٣ أيام والضغط ١٤٠/٩٠')).toEqual({
      text: 'عندي صداع من 3 أيام والضغط 140/90',
      counts: {},
    });
    expect(redactor.redact('मुझे ३ दिन से बुखार १०१ है')).toEqual({ text: 'मुझे 3 दिन से बुखार 101 है', counts: {} });
  });

  it.each([
    ['Mrs Salma has severe headache', 'Mrs [name] has severe headache'],
    ['my name is omar and i cough', 'my name is [name] and i cough'],
    ['My name is Omar Farouk Ali pregnant wife bleeding', 'My name is [name] pregnant wife bleeding'],
    ['اسمي عمر عندي كحة', 'اسمي [name] عندي كحة'],
    ['mera naam Rahul Sharma hai mujhe bukhar hai', 'mera naam [name] hai mujhe bukhar hai'],
  ])('contains the words after an introduced name: %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    ['omar has had a fever since tuesday', '[name] has had a fever since tuesday'],
    ['my daughter zorinda threw up', 'my daughter [name] threw up'],
    ['please ask Dr. Oyelowo about Parkinson', 'please ask Dr. [name] about Parkinson'],
    ['mum says faith is wheezing, I have no faith in this', 'mum says [name] is wheezing, I have no faith in this'],
    ['will you call, my husband will has chest pain', 'will you call, my husband [name] has chest pain'],
    ['Sara-Jane and little tommy have chickenpox', '[name] and little [name] have chickenpox'],
    ['فاطمة عندها حرارة', '[name] عندها حرارة'],
    ['بنتي ملك بتكح وانا ملك نفسي', 'بنتي [name] بتكح وانا ملك نفسي'],
    ['أخذ كريم مرطب، كريم عنده حرارة', 'أخذ كريم مرطب، [name] عنده حرارة'],
    ['3omar ta3ban men embare7', '[name] ta3ban men embare7'],
    ['पूजा और ज्योति दोनों को खांसी है', '[name] और [name] दोनों को खांसी है'],
    ['मुझे आशा है, आशा को बुखार है', 'मुझे आशा है, [name] को बुखार है'],
    ['gupta ji ko chakkar aa raha hai', '[name] ji ko chakkar aa raha hai'],
  ])('contains no name of another person: %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    ['we live at 27 Whitcombe Road, Leeds LS6 3QD since May', 'we live at [address] since May'],
    ['send it to 1420 Maple Ave Apt 6, Evanston, IL 60201 please', 'send it to [address] please'],
    ['ساكن في عمارة ١٧ شارع فيصل بجوار مسجد السلام الجيزة وعندي صداع', 'ساكن في [address] وعندي صداع'],
    ['الكويت الجابرية قطعة ٨ شارع ١٠٢ منزل ١٤', '[address]'],
    ['पता मकान नंबर 45, गली नंबर 3, शास्त्री नगर, मेरठ 250004', 'पता [address]'],
    ['hum gram bharatpur, jila banda mein rehte hain', 'hum [address] mein rehte hain'],
  ])('contains no address: %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    ['born on the third of June 1941', 'born on [date]'],
    ['ولدت في الثالث من مايو ١٩٨٠', 'ولدت في [date]'],
    ['जन्म पाँच जनवरी उन्नीस सौ बावन', 'जन्म [date]'],
    ['رقم ملفي ٥٥٨٢١', 'رقم ملفي [id]'],
    ['फाइल नंबर २०४८/१७', 'फाइल नंबर [id]'],
    ['hospital number is H0457-226', 'hospital number is [id]'],
    ['IBAN GB29 NWBK 6016 1331 9268 19', 'IBAN [id]'],
    ['नेहा डॉट वर्मा ऐट जीमेल डॉट कॉम', '[email]'],
    ['call zero seven seven double four nine one six two oh three', 'call [phone]'],
  ])('contains no spelt date, number or e-mail address: %s', (text, expected) => {
    expect(redact(text)).toBe(expected);
  });

  it.each([
    "My Crohn's is flaring, 6 bloody stools a day, on Humira 40 mg every 2 weeks",
    'I took Syndopa 110 and unheardofine 20 mg, Bell’s palsy since Friday',
    'Is it Covid? HbA1c 8.9, vitamin B12 180, platelets 150000, spo2 94%',
    'my house is 2 minutes away, 20 units insulin, heart block 2',
    'عندي حمى مالطية والدكتور كتب دوكسيسيكلين 100 مجم',
    'parkinson ki dawai syndopa 110 se ulti hoti hai, raat 9 baje leta hu',
  ])('keeps medicines, diseases and values: %s', (text) => {
    expect(redactor.redact(text)).toEqual({ text, counts: {} });
  });

  it('has the number of placeholders of each kind', () => {
    expect(redactor.redact('a@b.co c@d.co 01012345678 Layla').counts).toEqual({ email: 2, phone: 1, name: 1 });
  });

  it('is not made much longer by ligatures', () => {
    expect(redact('ﷺ'.repeat(4_000)).length).toBeLessThanOrEqual(8_000);
  });

  it.each([
    ['a person who is given something', 'i gave amina 5 ml of it', 'i gave [name] 5 ml of it'],
    ['a name like a verb', 'i told will to rest', 'i told [name] to rest'],
    ['a name beside the writer', 'ivy and me are ill', '[name] and me are ill'],
    ['a relative of another person', 'واختها أمل تعبانة', 'واختها [name] تعبانة'],
    ['a name before an uncle', 'gulab chacha ko bukhar hai', '[name] chacha ko bukhar hai'],
    ['a word between a relative and an age', 'मेरी बेटी उम्मीद छह साल की है', 'मेरी बेटी [name] छह साल की है'],
    ['a landmark in the middle', '3rd floor, above bata showroom, MG Road', '[address]'],
    ['a quarter before a comma', 'ميت غمر، شارع بورسعيد', '[address]'],
    ['a Canadian postcode', '77 Dundas St W unit 909 Toronto M5G 1Z3', '[address]'],
    ['an address with "Dr"', 'Send it to 2210 Oak Hollow Dr, Plano TX 75025', 'Send it to [address]'],
    ['a landmark with an article', 'we live behind al noor mosque', 'we live behind [address]'],
    ['an Arabic name that is a word', 'زوجتي رحمة حامل', 'زوجتي [name] حامل'],
    ['a Hindi name that is a word', 'मेरी बेटी दीप्ति को बुखार है', 'मेरी बेटी [name] को बुखार है'],
  ])('replaces %s', (_, text, redacted) => {
    expect(redact(text)).toBe(redacted);
  });

  it.each([
    'my knee hurts when i walk',
    'started artemether-lumefantrine and co-codamol 30/500',
    'ضغطها 180/110 والقطعة بكيس',
    'gfr 44, rdw 16 and fbs 130, asking dr about it',
    'braxton hicks or real labour',
    'عندي انزلاق غضروفي',
    'मुझे सेट्रीजिन के बारे में पूछना है',
  ])('keeps what a model needs: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('takes less than 3 s of CPU time for repeated words and characters', () => {
    for (const unit of [
      'a',
      '1',
      '1 ',
      'a@',
      '-',
      'A1',
      '. ',
      'my name is ',
      '+1-',
      '@',
      ' at ',
      'a.',
      'a/',
      "'",
      'mr ',
      'dob ',
      '1,',
      '0,1',
      '12/12 ',
      'jan ',
      '١ ',
      'name: a ',
      'flat 1, ',
      'شارع ',
      'zero one ',
      'file a-1 ',
      'a dot ',
      'third of ',
      'qzxw ',
      'zxqwvut',
    ]) {
      const seconds = measureCpuSeconds(() => redactor.redact(unit.repeat(Math.floor(8_000 / unit.length))));
      expect({ unit, isSlow: seconds > 3 }).toEqual({ unit, isSlow: false });
    }
  });
});
