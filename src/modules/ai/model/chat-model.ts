export interface ChatMessage {
  role: 'system' | 'user' | 'assistant';
  content: string;
}

export interface Asking {
  messages: ChatMessage[];
  /** Ends the call, and the connection to the model with it. */
  signal: AbortSignal;
  /** Each piece of text as it comes; nothing more is read until it resolves. */
  onText: (text: string) => Promise<void>;
}

export interface Completion {
  /** As the server names it. */
  model: string;
  /** Of question and answer together: as the server counts, else estimated. */
  tokens: number;
}

/** Why there is no answer; says nothing of what was asked. */
export type Fault =
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'BUSY'
  | 'FAILED'
  /** We may not ask, or not so: wrong key, model or address. */
  | 'REFUSED'
  /** This question alone: too long, filtered, answered with nothing, or with the call of a tool. */
  | 'DECLINED'
  | 'GARBAGE'
  | 'CUT_OFF'
  | 'TOO_LARGE'
  | 'CIRCUIT_OPEN'
  | 'CLOSING'
  | 'CLIENT_GONE'
  /** What is needed has been said. */
  | 'ENOUGH';

const WORTH_ANOTHER_TRY: ReadonlySet<Fault> = new Set(['UNREACHABLE', 'BUSY', 'FAILED', 'CUT_OFF']);

export class ModelError extends Error {
  constructor(
    readonly fault: Fault,
    /** Whether text had come already: then a second attempt would say it twice. */
    readonly started = false,
    /** As the server asked for. */
    readonly retryAfterMilliseconds: number | null = null,
  ) {
    super(fault);
    this.name = 'ModelError';
  }

  get mayBeRetried(): boolean {
    return !this.started && WORTH_ANOTHER_TRY.has(this.fault);
  }
}

/** A language model that answers a conversation. */
export abstract class ChatModel {
  /** Null where none is configured. */
  abstract readonly name: string | null;

  /** @throws ModelError, and nothing else */
  abstract complete(asking: Asking): Promise<Completion>;
}
