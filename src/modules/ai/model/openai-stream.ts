import { createParser } from 'eventsource-parser';
import { z } from 'zod';
import { ModelError } from './chat-model.js';

const Usage = z.object({ total_tokens: z.number().int().nonnegative() });
const Said = z.object({
  content: z.string().nullish(),
  tool_calls: z.array(z.unknown()).nullish(),
  function_call: z.unknown().optional(),
});
const Choice = z.object({
  delta: Said.nullish(),
  message: Said.nullish(),
  finish_reason: z.string().nullish(),
});
const Chunk = z.object({ choices: z.array(Choice), model: z.string().max(200).nullish(), usage: Usage.nullish() });

/** It was too long, or something in it was filtered: half a sentence about a medicine is worse than none. */
const HALF_AN_ANSWER: ReadonlySet<string> = new Set(['length', 'content_filter']);

/** Reads `chat.completion` and `chat.completion.chunk` objects, whole or as events. */
export class OpenAiReader {
  model: string | null = null;
  tokens: number | null = null;
  /** The server has said that the answer is complete. */
  finished = false;
  private texts: string[] = [];
  private readonly events = createParser({ onEvent: ({ data }) => this.data(data) });
  private readonly decoder = new TextDecoder();

  /** @returns the pieces of text that these bytes complete */
  feed(bytes: Uint8Array): string[] {
    this.events.feed(this.decoder.decode(bytes, { stream: true }));
    return this.take();
  }

  /** An answer that came in one piece. */
  whole(json: string): string[] {
    this.object(json);
    return this.take();
  }

  private take(): string[] {
    const { texts } = this;
    this.texts = [];
    return texts;
  }

  private data(data: string): void {
    if (data === '[DONE]') this.finished = true;
    else this.object(data);
  }

  private object(json: string): void {
    const { choices, model, usage } = parsed(json);
    this.model ??= model ?? null;
    if (usage) this.tokens = usage.total_tokens;
    const [choice] = choices;
    if (callsATool(choice)) throw new ModelError('DECLINED');
    const text = choice?.delta?.content ?? choice?.message?.content;
    if (text) this.texts.push(text);
    if (HALF_AN_ANSWER.has(choice?.finish_reason ?? '')) throw new ModelError('DECLINED');
    if (choice?.finish_reason) this.finished = true;
  }
}

/** No tools are offered; a model that calls one all the same has no answer. */
function callsATool(choice: z.output<typeof Choice> | undefined): boolean {
  const calls = [choice?.delta, choice?.message].some((said) => said?.tool_calls?.length || said?.function_call);
  return calls || choice?.finish_reason === 'tool_calls' || choice?.finish_reason === 'function_call';
}

function parsed(json: string): z.output<typeof Chunk> {
  try {
    return Chunk.parse(JSON.parse(json));
  } catch {
    throw new ModelError('GARBAGE');
  }
}
