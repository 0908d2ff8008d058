import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { ProviderError } from '../resilience/provider-error.js';

export interface CompletionChunk {
  text: string;
  /** With the last chunk, whose text is empty. */
  completion?: Completion;
}

export interface Completion {
  /** The model's name from the server; null if the server does not return it. */
  model: string | null;
  /** The tokens of question and answer together; null if the server does not return them. */
  tokens: number | null;
}

const Usage = z.object({ total_tokens: z.number().int().nonnegative() });
const Message = z.object({
  content: z.string().nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
  function_call: z.unknown().optional(),
});
const Choice = z.object({
  delta: Message.nullish(),
  message: Message.nullish(),
  finish_reason: z.string().nullish(),
});
const Chunk = z.object({ choices: z.array(Choice), model: z.string().max(200).nullish(), usage: Usage.nullish() });

/** Finish reasons of incomplete answers (too long, or filtered). They are discarded, because half a sentence about a medicine is dangerous. */
const UNFINISHED: ReadonlySet<string> = new Set(['length', 'content_filter']);

/** Parses `chat.completion` and `chat.completion.chunk` objects, whole or as server-sent events. */
export class CompletionParser {
  hasText = false;
  /** Whether the server has reported the end of the answer. */
  isFinished = false;
  private model: string | null = null;
  private tokens: number | null = null;
  private text = '';
  private failure: ProviderError | null = null;
  private readonly events = createParser({ onEvent: ({ data }) => this.parseEvent(data) });
  private readonly decoder = new TextDecoder();

  /** @returns the text that these bytes complete, up to an error; may be empty */
  push(bytes: Uint8Array): string {
    return this.collectText(() => this.events.feed(this.decoder.decode(bytes, { stream: true })));
  }

  /** An answer that came in one piece. */
  parseWhole(json: string): string {
    return this.collectText(() => this.parseObject(json));
  }

  /** Call when the text of a piece was passed on. @throws ProviderError if something after that text was wrong */
  throwIfFailed(): void {
    if (this.failure) throw this.failure;
  }

  /** The last chunk, which has no text. */
  toLastChunk(): CompletionChunk {
    return { text: '', completion: { model: this.model, tokens: this.tokens } };
  }

  private collectText(parse: () => void): string {
    try {
      parse();
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      this.failure = error;
    }
    const { text } = this;
    this.text = '';
    return text;
  }

  private parseEvent(data: string): void {
    if (data === '[DONE]') this.isFinished = true;
    else this.parseObject(data);
  }

  private parseObject(json: string): void {
    const { choices, model, usage } = parseChunk(json);
    this.model ??= model ?? null;
    if (usage) this.tokens = usage.total_tokens;
    const [choice] = choices;
    if (callsTool(choice)) throw new ProviderError('DECLINED');
    const text = choice?.delta?.content ?? choice?.message?.content;
    if (text) {
      this.text += text;
      this.hasText = true;
    }
    if (UNFINISHED.has(choice?.finish_reason ?? '')) throw new ProviderError('DECLINED');
    if (choice?.finish_reason) this.isFinished = true;
  }
}

/** Whether the model calls a tool instead of answering, although no tools are offered. */
function callsTool(choice: z.output<typeof Choice> | undefined): boolean {
  const calls = [choice?.delta, choice?.message].some(
    (message) => message?.tool_calls?.length || message?.function_call,
  );
  return calls || choice?.finish_reason === 'tool_calls' || choice?.finish_reason === 'function_call';
}

function parseChunk(json: string): z.output<typeof Chunk> {
  try {
    return Chunk.parse(JSON.parse(json));
  } catch {
    throw new ProviderError('UNREADABLE_RESPONSE');
  }
}
