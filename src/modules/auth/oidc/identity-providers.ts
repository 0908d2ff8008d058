import { Inject, Injectable, type OnModuleDestroy } from '@nestjs/common';
import type { Logger } from 'pino';
import { Config, publicUrl } from '../../../core/config/config.js';
import { Clock } from '../../../core/kernel/clock.js';
import { notFound } from '../../../core/kernel/domain-error.js';
import { LOGGER } from '../../../core/logging/logger.js';
import type { IdentityProvider } from './identity-provider.js';
import { OAuthProvider } from './oauth-provider.js';
import { OpenIdProvider } from './openid-provider.js';

/** The providers of OIDC_PROVIDERS. Each has a callback of its own, so that an answer cannot be taken for that of another one. */
@Injectable()
export class IdentityProviders implements OnModuleDestroy {
  private readonly providers: ReadonlyMap<string, IdentityProvider>;

  constructor(config: Config, clock: Clock, @Inject(LOGGER) logger: Logger) {
    const base = `${publicUrl(config)}/api/v1/auth/oidc`;
    this.providers = new Map(
      Object.entries(config.OIDC_PROVIDERS).map(([name, settings]) => {
        const redirectUri = `${base}/${name}/callback`;
        const provider =
          'issuer' in settings
            ? new OpenIdProvider(name, settings, redirectUri, logger, clock)
            : new OAuthProvider(name, settings, redirectUri, logger);
        return [name, provider];
      }),
    );
  }

  onModuleDestroy(): void {
    for (const provider of this.providers.values()) provider.close();
  }

  /** @throws DomainError NOT_FOUND */
  get(name: string): IdentityProvider {
    const provider = this.providers.get(name);
    if (!provider) throw notFound();
    return provider;
  }

  listNames(): string[] {
    return [...this.providers.keys()];
  }

  has(name: string): boolean {
    return this.providers.has(name);
  }
}
