import type { Output } from './turn.js';

/** What a client has been shown of an answer so far. */
export class ShownText {
  private text = '';

  constructor(private readonly output: Output) {}

  async add(text: string): Promise<void> {
    if (text === '') return;
    this.text += text;
    await this.output.onText(text);
  }

  /** In the end exactly this text is shown: what is missing is added, and what does not belong to it is taken back. */
  async become(text: string): Promise<void> {
    if (text.startsWith(this.text)) return this.add(text.slice(this.text.length));
    if (text === this.text.trimEnd()) return;
    await this.output.onReset();
    this.text = '';
    await this.add(text);
  }
}
