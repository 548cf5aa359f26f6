import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { seededSecrets, surroundings } from '../../../test/seeded-secrets.ts';
import { redactJson, redactText } from './redact.ts';

/** Parts of a secret that would already be a leak. */
function leaks(text: string, secret: string): boolean {
  return secret.split('\n').some((line) => line.length >= 6 && text.includes(line));
}

describe('redaction', () => {
  it('finds at least 99 % of seeded secrets of more than 60 kinds, wherever they stand', () => {
    const missed = new Map<string, string>();
    const kinds = new Set<string>();
    let all = 0;
    for (let seed = 1; seed <= 12; seed++) {
      for (const { kind, secret, inText = secret } of seededSecrets(seed)) {
        kinds.add(kind);
        for (const place of surroundings) {
          all++;
          const { text } = redactText(place.replace('{}', () => inText));
          if (leaks(text, secret)) missed.set(`${kind} in ${JSON.stringify(place)}`, text);
        }
      }
    }
    expect(kinds.size).toBeGreaterThanOrEqual(60);
    expect([...missed.entries()].slice(0, 20)).toEqual([]);
    expect(1 - missed.size / all).toBeGreaterThanOrEqual(0.99);
  });

  it('finds them in JSON values, by content and by the name of the member', () => {
    const counter = { count: 0 };
    const value = redactJson(
      {
        headers: { 'x-api-key': 'q1w2e3r4t5y6u7i8' },
        list: ['ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
        password: 'Tr0ub4dor&3',
        port: 8080,
      },
      counter,
    );
    expect(value).toEqual({
      headers: { 'x-api-key': '[REDACTED:header-key]' },
      list: ['[REDACTED:github-token]'],
      password: '[REDACTED:assignment]',
      port: 8080,
    });
    expect(counter.count).toBe(3);
  });

  it('leaves ordinary code alone: at most 5 % of the lines that speak of secrets are masked', () => {
    const speaking: string[] = [];
    const masked: string[] = [];
    for (const path of sources(join(import.meta.dirname, '../..'))) {
      if (path.includes('/redact/') || path.includes('fixtures')) continue;
      for (const line of readFileSync(path, 'utf8').split('\n')) {
        if (!/token|secret|password|key|auth|cookie|credential/i.test(line)) continue;
        speaking.push(line);
        if (redactText(line).count > 0) masked.push(line);
      }
    }
    speaking.push(...ordinary);
    masked.push(...ordinary.filter((line) => redactText(line).count > 0));
    expect(speaking.length).toBeGreaterThan(300);
    expect(masked.length / speaking.length, masked.join('\n')).toBeLessThanOrEqual(0.05);
  });

  it('masks nothing twice and is stable', () => {
    for (const { secret, inText = secret } of seededSecrets(3)) {
      const once = redactText(inText).text;
      expect(redactText(once)).toMatchObject({ text: once, count: 0 });
    }
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

/** Lines of everyday code in several languages that look a little like secrets. */
const ordinary = [
  'const token = await getToken(user);',
  'password: string;',
  'token: req.headers.authorization,',
  'if (token === "refresh") return next();',
  'self.password = password',
  'password = os.environ["DB_PASSWORD"]',
  'api_key = config.get("api_key")',
  'let secret = env::var("SECRET")?;',
  'String token = request.getHeader("Authorization");',
  'PASSWORD=${DB_PASSWORD}',
  'export TOKEN=$(vault read -field=token secret/ci)',
  'API_KEY: ${{ secrets.API_KEY }}',
  'private_key = load_key(path)',
  '<input type="password" name="password" placeholder="Password">',
  'const { accessToken, refreshToken } = session;',
  'tokens: 1500',
  'max_tokens=4096',
  'keyboard: "qwerty-layout"',
  "key: 'user.settings.theme'",
  'primaryKey: "id"',
  'foreign_key: true',
  'cache_key = f"user:{user_id}"',
  'const KEY = "segue.settings";',
  'sort(key=lambda x: x.name)',
  'Authorization: Bearer <token>',
  'curl -H "Authorization: Bearer $TOKEN" https://api.example.org',
  'DATABASE_URL=postgres://user:password@localhost:5432/db',
  'git commit -m "rotate the secret token"',
  'the password is wrong',
  'expect(screen.getByLabelText("Password")).toBeVisible()',
  'token_type = "access"',
  'sha512-9xDNVWPbXvL0HB0yZ8Tk0JUtm0bOUbTeqRr2mMbXkeM8o7zqaMY0mTqHVX4eGcNdUCu2W2DqwNvN3sE6b1eN4w==',
  'commit 3f786850e387550fdab836ed7e6dc881de23001b',
  'id: 7c9e6679-7425-40de-944b-e07fc1f90ae7',
  'password_hash VARCHAR(255) NOT NULL',
  'func (t *Token) Valid() bool {',
  'public static final String TOKEN_HEADER = "X-Auth-Token";',
  'Secret::new("my-secret-name")',
  'secretName: my-app-tls',
  'cookie: sessionCookie,',
];
