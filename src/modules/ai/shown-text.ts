import type { ChatEvent } from './chat-reply.js';

/** What a client has been shown of an answer, and the events that change it. */
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

  /** Makes the client show exactly this text: adds what is missing, or withdraws what does not belong to it. */
  *become(text: string): Generator<ChatEvent, void> {
    if (text.startsWith(this.text)) return yield* this.add(text.slice(this.text.length));
    if (text === this.text.trimEnd()) return;
    this.text = '';
    yield { type: 'reset' };
    yield* this.add(text);
  }
}
