import { describe, expect, it } from '@jest/globals';
import { assess } from './assessment.js';
import { findRedFlag } from './red-flags/find-red-flag.js';

describe('assess', () => {
  it.each([
    [['my arm'], 'is numb'],
    [['I feel pain'], 'in my chest'],
    [['my father', 'he cant'], 'speak'],
    [['hello', 'my left arm feels'], 'strange, numb'],
    [['I want to'], 'die'],
    [['ذراعي'], 'مخدر'],
    [['मेरे सीने में'], 'दर्द है'],
  ])('finds a red flag that begins in an earlier message: %j, %s', (earlier, message) => {
    expect(findRedFlag(message)).toBeNull();
    expect(assess(message, earlier).kind).toBe('EMERGENCY');
  });

  it.each([
    "I think I'm having a stroke",
    'I think my husband is having a heart attack',
    'the worst headache of my life',
    'I took everything in the cabinet',
    'i just swallowed a whole bottle of paracetamol',
    'I overdosed on my sleeping tablets',
    'my son had a seizure just now',
    'bleeding at 12 weeks pregnant with strong cramps',
    'I want to end it all',
    'मुझे लगता है मुझे स्ट्रोक हो रहा है',
    'saans lene mein taklif ho rahi hai',
  ])('is EMERGENCY for a plain statement: %s', (message) => {
    expect(assess(message).kind).toBe('EMERGENCY');
  });

  it('stays at EMERGENCY after a red flag if the person then writes that it is nothing', () => {
    expect(assess('he says it is nothing', ['his face is drooping']).kind).toBe('EMERGENCY');
    expect(assess('يقول لا شيء', ['وجهه مايل']).kind).toBe('EMERGENCY');
  });

  it('finds a red flag in two messages with an administrative question between them', () => {
    expect(assess('is numb', ['my left arm', 'how do I cancel my appointment']).kind).toBe('EMERGENCY');
    expect(assess('is fine', ['my left arm', 'how do I cancel my appointment']).kind).toBe('HEALTH');
  });

  it('returns HEALTH for an administrative question after a message about health', () => {
    expect(assess('How do I cancel my appointment?', ['his face is drooping']).kind).toBe('HEALTH');
    expect(assess('How do I cancel my appointment?', ['my ear hurts']).kind).toBe('HEALTH');
    expect(assess('How do I cancel my appointment?', ['hello']).kind).toBe('ADMINISTRATIVE');
  });

  it('reads no more than the last three earlier messages', () => {
    expect(assess('thanks for the help', ['chest pain', 'hello', 'hello', 'hello']).kind).toBe('ADMINISTRATIVE');
    expect(assess('thanks for the help', ['chest pain', 'hello', 'hello']).kind).toBe('HEALTH');
  });
});
