import { describe, expect, it } from '@jest/globals';
import { isPhoneShaped, phoneDigits, possibleE164, toE164 } from './phone.js';

const CAIRO = '+20227941234';
const MOBILE = '+201001234567';

describe('a telephone number', () => {
  it.each([
    ['(02) 2794 1234', CAIRO],
    ['02.2794.1234', CAIRO],
    ['02\u00a02794\u202f1234', CAIRO],
    ['02\u20112794\u20131234', CAIRO],
    ['02/27941234', CAIRO],
    ['\u202a+20 2 2794 1234\u202c', CAIRO],
    ['\u200f٠٢٢٧٩٤١٢٣٤\u200f', CAIRO],
    ['٠١٠٠ ١٢٣ ٤٥٦٧', MOBILE],
    ['۰۱۰۰۱۲۳۴۵۶۷', MOBILE],
    ['०१००१२३४५६७', MOBILE],
    ['０１００１２３４５６７', MOBILE],
    ['0020 100 123 4567', MOBILE],
    ['+20-100-123-4567', MOBILE],
    ['＋20 100 123 4567', MOBILE],
    ['+20 (0)100 123 4567', MOBILE],
    ['(+20) 100 123 4567', MOBILE],
    ['tel:+20-100-123-4567', MOBILE],
    ['Tel. 0100 123 4567', MOBILE],
    ['(0020) 100 123 4567', MOBILE],
    ['(00) 20 100 123 4567', MOBILE],
    ['٢٠١٠٠١٢٣٤٥٦٧+', MOBILE],
    ['0100·123·4567', MOBILE],
    ['0100_123_4567', MOBILE],
    ['0100\u00ad123\u20604567', MOBILE],
  ])('is parsed to E.164 in any format: %s', (typed, stored) => expect(toE164(typed, ['EG'])).toBe(stored));

  it.each([
    ['0788 123 456', 'RW', '+250788123456'],
    ['098765 43210', 'IN', '+919876543210'],
    ['8 (912) 345-67-89', 'RU', '+79123456789'],
    ['06 1 234 5678', 'HU', '+3612345678'],
    ['06 6982 1234', 'IT', '+390669821234'],
    ['(415) 555-0132', 'US', '+14155550132'],
    ['07700 900123', 'GB', '+447700900123'],
    ['0020 100 123 4567', 'US', MOBILE],
    ['(0020) 100 123 4567', 'US', MOBILE],
    ['011 20 100 123 4567', 'US', MOBILE],
    ['050-123-4567', 'IL', '+972501234567'],
    ['٠٥٠ ١٢٣ ٤٥٦٧', 'AE', '+971501234567'],
    ['0 15 11 98765-4321', 'BR', '+5511987654321'],
    ['০১৭১২৩৪৫৬৭৮', 'BD', '+8801712345678'],
  ])('is parsed by the rules of its country: %s in %s', (typed, country, stored) =>
    expect(toE164(typed, [country])).toBe(stored),
  );

  it('with a country code does not depend on the given country', () => {
    expect(toE164('+1 415.555.0132')).toBe('+14155550132');
    expect(toE164('+1 415.555.0132', ['EG'])).toBe('+14155550132');
  });

  it('without a country code is parsed in the first country in which it can be a number', () => {
    expect(toE164('01001234567')).toBeNull();
    expect(toE164('01001234567', [null, undefined, 'no country', 'RW', 'EG'])).toBe(MOBILE);
  });

  it.each([
    ['0100-123', ['EG', 'AE', 'IL']],
    ['1234567', ['EG', 'IL']],
    ['98765-4321', ['BR']],
    ['8 912 345', ['RU', 'IL', 'AE']],
  ])('that is incomplete is not parsed as another number: %s', (typed, countries) =>
    expect(toE164(typed, countries)).toBeNull(),
  );

  it.each([
    '',
    'call me',
    '0100-CALL-NOW',
    '12',
    '0000000000',
    '+1 000 000 0000',
    '+1 123 456 7890',
    '+999 123 456 78',
    '+20 100',
    '01001234567 / 01111234567',
    '02 2794 1234 ext. 12',
    `+20${' '.repeat(80)}1001234567`,
  ])('is not %j', (typed) => expect(toE164(typed, ['EG'])).toBeNull());

  it('is recognised by its format before its country is known', () => {
    expect(['01001234567', '(02) 2794 1234', '+14155550132', '٠١٠٠١٢٣٤٥٦٧'].map(isPhoneShaped)).not.toContain(false);
    expect(['1234', 'abc', '+999 123 456 78', '+1 000 000 0000', '1'.repeat(30)].map(isPhoneShaped)).not.toContain(
      true,
    );
  });

  it('can mean one number in each of several countries', () => {
    expect(possibleE164('01512345678', ['EG', 'BD', 'EG'])).toEqual(['+201512345678', '+8801512345678']);
    expect(possibleE164('01001234567', ['RW'])).toEqual([]);
  });

  it('is reduced to its digits, in any script', () => {
    expect([phoneDigits('٠١٠٠-١٢٣'), phoneDigits('+20 (100)'), phoneDigits('Mona 12')]).toEqual([
      '0100123',
      '20100',
      '',
    ]);
  });
});
