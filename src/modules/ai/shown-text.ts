import type { ChatEvent } from './chat-reply.js';

/** The text that the client has received so far, and the events that change it. */
export class ShownText {
  private text = '';

  get isEmpty(): boolean {
    return this.text === '';
  }

  *add(text: string): Generator<ChatEvent, void> {
    if (text === '') return;
    this.text += text;
    yield { type: 'delta', text };
  }

  /** Makes the client show exactly this text: adds the missing end, or withdraws everything and starts again. */
  *replaceWith(text: string): Generator<ChatEvent, void> {
    if (text.startsWith(this.text)) return yield* this.add(text.slice(this.text.length));
    if (text === this.text.trimEnd()) return;
    this.text = '';
    yield { type: 'reset' };
    yield* this.add(text);
  }
}
