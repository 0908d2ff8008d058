import { describe, expect, it } from '@jest/globals';
import { placeholderPhoto } from './placeholder-photo.js';

const ID = '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a10';
const OTHER_ID = '019abe4c-7a52-7c61-9d1e-3f1f6b7f8a11';
const initials = (first: string, last: string): string | undefined =>
  />([^<]*)<\/text>/.exec(placeholderPhoto(ID, first, last))?.[1];

function colour(id: string, first: string, last: string): string {
  const [found] = /hsl\(\d{1,3} 45% 42%\)/.exec(placeholderPhoto(id, first, last)) ?? [];
  if (found === undefined) throw new Error('The photo has no colour');
  return found;
}

describe('the placeholder photo', () => {
  it('shows the initials in any script', () => {
    expect(initials('Laila', 'mansour')).toBe('LM');
    expect(initials(' zoë', 'Ümit')).toBe('ZÜ');
    expect(initials('أحمد', 'السيد')).toBe('أا');
  });

  it('never turns a name into markup', () => {
    expect(initials('<script>', '&amp;')).toBe('SA');
    expect(initials('\u0001', '"><svg onload=x>')).toBe('S');
    expect(initials('&', '<')).toBe('');
  });

  it('has a colour that depends on the id, not on the name', () => {
    expect(colour(ID, 'Laila', 'Mansour')).toBe(colour(ID, 'Omar', 'Said'));
    expect(colour(ID, 'Laila', 'Mansour')).not.toBe(colour(OTHER_ID, 'Laila', 'Mansour'));
  });
});
