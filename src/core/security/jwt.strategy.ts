import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Config } from '../config/config.js';
import { DomainError } from '../kernel/domain-error.js';
import { ACCESS_TOKEN, deriveKey, type AccessClaims } from './tokens.js';

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(config: Config) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // passport-jwt's types know strings and buffers only; jsonwebtoken below takes a KeyObject.
      secretOrKey: deriveKey(config.JWT_SECRET, 'access-token') as unknown as Buffer,
      algorithms: [ACCESS_TOKEN.algorithm],
      issuer: ACCESS_TOKEN.issuer,
      audience: ACCESS_TOKEN.audience,
    });
  }

  validate(claims: AccessClaims): AccessClaims {
    if (claims.typ !== ACCESS_TOKEN.typ || !claims.exp || !claims.sid || !claims.sub) {
      throw new DomainError('UNAUTHENTICATED', 'This is not an access token.');
    }
    return claims;
  }
}
