import type { Server, Socket } from 'socket.io';
import type { DomainError, ErrorCode } from '../kernel/domain-error.js';
import type { VerifiedToken } from '../security/token-verifier.js';

type Events = Record<string, (...args: unknown[]) => void>;

export interface SocketData extends VerifiedToken {
  /** One `sync` at a time. */
  syncing: Promise<void>;
  /** Those that have no answer yet. */
  syncs: number;
  /** It is in its rooms and gets events as they come. */
  isLive: boolean;
  /** Until it is live: the position up to which it has everything. */
  resumesFrom: number;
}

export type CareSlotServer = Server<Events, Events, Events, SocketData>;
export type CareSlotSocket = Socket<Events, Events, Events, SocketData>;

/** What a client is told before its socket is ended, under `session:ended`, and in `connect_error`. */
export interface Refusal {
  code: ErrorCode;
  message: string;
}

export const refusalOf = ({ code, message }: DomainError): Refusal => ({ code, message });

/** Says why, and ends the socket. The client does not come back by itself: it has to sign in or refresh first. */
export function endSocket(socket: CareSlotSocket, refusal: Refusal): void {
  socket.emit('session:ended', refusal);
  socket.disconnect(true);
}
