import { describe, expect, it } from '@jest/globals';
import { earlierMessages } from './chat-history.js';

describe('the earlier messages of a user', () => {
  it('are read from both formats of the app, without the answers', () => {
    expect(
      earlierMessages([
        { role: 'user', content: 'Hello' },
        { role: 'assistant', content: 'How can I help?' },
        { text: 'My arm feels odd', isSender: true, timestamp: '2026-12-02T10:00:00.000' },
        { text: 'Since when?', isSender: false, timestamp: '2026-12-02T10:00:01.000' },
      ]),
    ).toEqual(['Hello', 'My arm feels odd']);
  });

  it('are limited to the last six, and do not include items of another format', () => {
    const many = Array.from({ length: 50 }, (_, n) => ({ role: 'user', content: `message ${n}` }));
    expect(earlierMessages(many)).toEqual([44, 45, 46, 47, 48, 49].map((n) => `message ${n}`));
    for (const odd of [null, undefined, [null, 'text', 7, [], { role: 'user' }, { content: 'x' }, { isSender: true }]])
      expect(earlierMessages(odd)).toEqual([]);
  });
});
