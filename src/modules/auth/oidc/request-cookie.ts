import { Injectable } from '@nestjs/common';
import { parse } from 'cookie';
import type { Request, Response } from 'express';
import { Config } from '../../../core/config/config.js';
import type { IdentityProvider } from './identity-provider.js';
import { REQUEST_MILLISECONDS, type StartedRequest } from './provider-requests.service.js';

const STATE = /^[0-9a-f-]{36}$/;

const getName = (state: string): string => `careslot_oidc_${state}`;

/**
 * The cookie that binds a request to a provider to the browser that started it. Each request has its own, so that several tabs do
 * not disturb each other. SameSite=Lax, because the callback comes from the site of the provider.
 */
@Injectable()
export class RequestCookie {
  constructor(private readonly config: Config) {}

  set(response: Response, provider: IdentityProvider, { state, encrypted }: StartedRequest): void {
    response.cookie(getName(state), encrypted, { ...this.options(provider), maxAge: REQUEST_MILLISECONDS });
  }

  read(request: Request, state: string | null): string | undefined {
    if (state === null || !STATE.test(state)) return undefined;
    return parse(request.headers.cookie ?? '')[getName(state)];
  }

  clear(response: Response, provider: IdentityProvider, state: string): void {
    response.clearCookie(getName(state), this.options(provider));
  }

  private options({ redirectUri }: IdentityProvider) {
    return {
      httpOnly: true,
      secure: this.config.NODE_ENV === 'production',
      sameSite: 'lax' as const,
      // As the browser has it, also behind a proxy that removes a prefix.
      path: new URL(redirectUri).pathname,
    };
  }
}
