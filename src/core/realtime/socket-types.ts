import type { Server, Socket } from 'socket.io';
import type { DomainError, ErrorCode } from '../kernel/domain-error.js';
import type { VerifiedToken } from '../security/tokens.js';

type Events = Record<string, (...args: unknown[]) => void>;

export interface SocketData extends VerifiedToken {
  /** The end of the last `sync`; the next one waits for it. */
  syncing: Promise<void>;
  /** The number of unanswered `sync` requests. */
  syncs: number;
  /** Whether the socket is in its rooms and gets events. */
  isLive: boolean;
  /** Before the socket is live: the position up to which it got all messages. */
  resumesFrom: number;
}

export type CareSlotServer = Server<Events, Events, Events, SocketData>;
export type CareSlotSocket = Socket<Events, Events, Events, SocketData>;

/** The reason that a client gets in `session:ended` before its socket is closed, and in `connect_error`. */
export interface Refusal {
  code: ErrorCode;
  message: string;
  details?: unknown;
}

export const toRefusal = ({ code, message, details }: DomainError): Refusal => ({
  code,
  message,
  ...(details !== undefined && { details }),
});

/** Sends the reason and closes the socket. The client does not reconnect automatically: it must sign in or refresh first. */
export function endSocket(socket: CareSlotSocket, refusal: Refusal): void {
  socket.emit('session:ended', refusal);
  socket.disconnect(true);
}
