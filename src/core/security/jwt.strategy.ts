import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { ExtractJwt, Strategy } from 'passport-jwt';
import { Config } from '../config/config.js';
import { ACCESS_TOKEN, assertAccessToken, deriveKey, type AccessClaims } from './tokens.js';

@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(config: Config) {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      // passport-jwt's types allow only strings and buffers; jsonwebtoken, which it uses, also accepts a KeyObject.
      secretOrKey: deriveKey(config.JWT_SECRET, 'access-token') as unknown as Buffer,
      algorithms: [ACCESS_TOKEN.algorithm],
      issuer: ACCESS_TOKEN.issuer,
      audience: ACCESS_TOKEN.audience,
    });
  }

  validate(claims: AccessClaims): AccessClaims {
    assertAccessToken(claims);
    return claims;
  }
}
