/**
 * What secrets look like. Prefixed tokens by their vendors' documented forms; the rest by the place they stand in
 * (assignment, header, flag, URL). One table: kind → pattern. A named group `secret` marks the part to mask.
 */

export interface Rule {
  /** Shown in the placeholder. */
  kind: string;
  pattern: RegExp;
  /** Further check of the found secret, for forms that ordinary code also has. */
  accept?: (secret: string) => boolean;
}

/** Tokens that their prefix or shape gives away, wherever they stand. */
const vendors: [kind: string, source: string][] = [
  [
    'private-key',
    String.raw`-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,20000}?(?:-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|$)`,
  ],
  ['age-key', 'AGE-SECRET-KEY-1[0-9A-Z]{40,}'],
  ['jwt', String.raw`eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}`],
  ['aws-access-key', '(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}'],
  ['gcp-api-key', String.raw`AIza[\w-]{35}`],
  ['google-oauth-secret', String.raw`GOCSPX-[\w-]{20,}`],
  ['google-oauth-token', String.raw`ya29\.[\w-]{20,}`],
  ['google-refresh-token', String.raw`1//0[\w-]{30,}`],
  ['azure-client-secret', String.raw`[\w~.]{3}\dQ~[\w~.-]{31,34}`],
  ['github-token', String.raw`gh[pousr]_[A-Za-z0-9]{30,255}`],
  ['github-token', String.raw`github_pat_\w{40,255}`],
  ['gitlab-token', String.raw`gl(?:pat|ptt|dt|rt|oas|soat|cbt|ft|imt|agent|wt)-[\w-]{20,}(?:\.[\w.]{2,30})?`],
  ['bitbucket-token', String.raw`ATBB[A-Za-z0-9]{28,}`],
  ['atlassian-token', String.raw`ATATT3[\w=-]{40,}`],
  ['slack-token', String.raw`xox[abeoprs]-[\w-]{10,}`],
  ['slack-token', String.raw`xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{20,}`],
  ['slack-webhook', String.raw`https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/+-]{20,}`],
  [
    'discord-webhook',
    String.raw`https://(?:ptb\.|canary\.)?discord(?:app)?\.com/api/webhooks/\d+/[\w-]{30,}`,
  ],
  ['discord-token', String.raw`[MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,40}`],
  ['teams-webhook', String.raw`https://[\w-]+\.webhook\.office\.com/webhookb2/[\w@/-]{40,}`],
  ['telegram-token', String.raw`\d{8,10}:AA[\w-]{32,35}`],
  ['stripe-key', String.raw`(?:sk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,247}`],
  ['stripe-webhook-secret', 'whsec_[A-Za-z0-9+/=]{24,}'],
  ['anthropic-key', String.raw`sk-ant-[\w-]{20,}`],
  ['openrouter-key', 'sk-or-v1-[a-f0-9]{40,}'],
  ['openai-key', String.raw`sk-(?:proj|svcacct|admin|None)-[\w-]{20,}`],
  ['api-key', 'sk-[A-Za-z0-9]{20,}'],
  ['huggingface-token', 'hf_[A-Za-z]{30,}'],
  ['replicate-token', 'r8_[A-Za-z0-9]{36,}'],
  ['groq-key', 'gsk_[A-Za-z0-9]{40,}'],
  ['xai-key', 'xai-[A-Za-z0-9]{60,}'],
  ['perplexity-key', 'pplx-[A-Za-z0-9]{40,}'],
  ['fireworks-key', 'fw_[A-Za-z0-9]{22,}'],
  ['together-key', String.raw`tgp_v1_[\w-]{30,}`],
  ['nvidia-key', String.raw`nvapi-[\w-]{50,}`],
  ['langsmith-key', 'lsv2_(?:pt|sk)_[a-f0-9]{32}_[a-f0-9]{10}'],
  ['sendgrid-key', String.raw`SG\.[\w-]{16,32}\.[\w-]{30,64}`],
  ['twilio-key', 'SK[0-9a-f]{32}'],
  ['mailgun-key', 'key-[0-9a-f]{32}'],
  ['mailchimp-key', String.raw`[0-9a-f]{32}-us\d{1,2}`],
  ['brevo-key', 'xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}'],
  ['resend-key', String.raw`re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}`],
  ['npm-token', 'npm_[A-Za-z0-9]{36}'],
  ['pypi-token', String.raw`pypi-AgE[\w-]{50,}`],
  ['rubygems-key', 'rubygems_[a-f0-9]{48}'],
  ['crates-token', 'cio[A-Za-z0-9]{32}'],
  ['nuget-key', 'oy2[a-z0-9]{43}'],
  ['clojars-token', 'CLOJARS_[a-z0-9]{60}'],
  ['docker-token', String.raw`dckr_(?:pat|oat)_[\w-]{20,}`],
  ['digitalocean-token', 'do[opr]_v1_[a-f0-9]{64}'],
  ['heroku-key', String.raw`HRKU-[\w-]{30,}`],
  ['netlify-token', String.raw`nf[pcoub]_[A-Za-z0-9]{36,}`],
  ['vercel-token', String.raw`vc[pciark]_[A-Za-z0-9]{24,}`],
  ['fly-token', String.raw`(?:fo1_[\w-]{40,}|fm[12][ar]?_[\w+/=-]{60,})`],
  ['render-key', 'rnd_[A-Za-z0-9]{28,}'],
  ['cloudflare-key', 'v1\\.0-[a-f0-9]{24}-[a-f0-9]{100,}'],
  ['linear-key', 'lin_(?:api|oauth)_[A-Za-z0-9]{32,}'],
  ['notion-token', 'ntn_[A-Za-z0-9]{40,}'],
  ['airtable-token', String.raw`pat[A-Za-z0-9]{14}\.[a-f0-9]{64}`],
  ['figma-token', String.raw`fig[dou]r?_[\w-]{36,}`],
  ['asana-token', String.raw`[12]/\d{14,17}(?:/\d{14,17})?:[a-f0-9]{32}`],
  ['shopify-token', 'shp(?:at|ss|ca|pa|ua)_[a-fA-F0-9]{32}'],
  ['square-token', String.raw`(?:sq0(?:atp|csp|idp)-[\w-]{22,}|EAAA[\w-]{56,})`],
  ['facebook-token', 'EAA[A-Za-z0-9]{60,}'],
  ['newrelic-key', 'NR(?:AK|RA|JS|II)-[A-Za-z0-9]{19,}'],
  ['sentry-token', String.raw`sntry[su]_[\w+/=-]{40,}`],
  ['grafana-token', String.raw`(?:glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|glc_[A-Za-z0-9+/=]{32,})`],
  ['posthog-key', 'ph[xc]_[A-Za-z0-9]{40,}'],
  ['dynatrace-token', String.raw`dt0[a-z]\d{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}`],
  ['databricks-token', 'dapi[a-f0-9]{32}(?:-\\d)?'],
  ['doppler-token', String.raw`dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{40,}`],
  ['vault-token', String.raw`hv[sbr]\.[\w-]{24,}`],
  ['terraform-token', String.raw`[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}`],
  ['pulumi-token', 'pul-[a-f0-9]{40}'],
  ['supabase-key', String.raw`sb[p]_[a-f0-9]{40}|sb_secret_[\w-]{20,}`],
  ['planetscale-token', String.raw`pscale_(?:tkn|pw|oauth)_[\w.=-]{32,}`],
  ['neon-key', 'napi_[a-z0-9]{60,}'],
  ['sonar-token', 'sq[pua]_[a-f0-9]{40}'],
  ['postman-key', 'PMAK-[a-f0-9]{24}-[a-f0-9]{34}'],
  ['launchdarkly-key', '(?:sdk|api|mob)-[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}'],
  ['contentful-token', String.raw`CFPAT-[\w-]{43}`],
  ['tailscale-key', String.raw`tskey-[a-z]+-\w+-[A-Za-z0-9]{20,}`],
  ['onepassword-token', String.raw`ops_eyJ[\w=-]{60,}`],
  ['mapbox-token', String.raw`sk\.eyJ[\w-]{20,}\.[\w-]{20,}`],
  ['circleci-token', String.raw`CCIPAT_[\w]{20,}_[a-f0-9]{40}`],
  ['buildkite-token', 'bk(?:ua|at)_[a-f0-9]{40}'],
  ['easypost-key', 'EZ[AT]K[A-Za-z0-9]{54}'],
  ['typeform-token', String.raw`tfp_[\w.=-]{40,}`],
  ['readme-key', 'rdme_[a-z0-9]{60,}'],
  ['wakatime-key', String.raw`waka_[0-9a-f-]{36}`],
  ['dropbox-token', String.raw`sl\.[\w=-]{100,}`],
  ['alibaba-key', 'LTAI[A-Za-z0-9]{16,20}'],
  ['tencent-key', 'AKID[A-Za-z0-9]{32}'],
];

/** Names that say their value is secret. */
const NAME = String.raw`(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[-_. ]?key|apikey|access[-_. ]?key(?:[-_. ]?id)?|secret[-_. ]?key|private[-_. ]?key|auth[-_. ]?(?:key|token)|encryption[-_. ]?key|signing[-_. ]?key|account[-_. ]?key|client[-_. ]?secret|credentials?|connection[-_. ]?string|dsn|webhook[-_. ]?url|session[-_. ]?(?:id|key)|cookie|bearer|salt|otp|pin)`;

/** Secrets known by the place they stand in. */
const places: Rule[] = [
  {
    kind: 'url-password',
    pattern: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@'"<>]{0,80}:(?<secret>[^\s@'"<>]{1,200})@(?=[\w.[-])/gi,
    accept: isLiteral,
  },
  {
    kind: 'authorization',
    pattern:
      /\b(?:proxy-)?authorization["']?\s*[:=]\s*["'`]?(?:bearer|basic|token|digest|apikey|negotiate)\s+(?<secret>[\w+/=.~:-]{6,})/gi,
    accept: isLiteral,
  },
  { kind: 'authorization', pattern: /\bbearer\s+(?<secret>[\w+/=.~-]{16,})/gi, accept: looksRandom },
  {
    kind: 'cookie',
    pattern:
      /\b(?:set-)?cookie["']?\s*:\s*["'`]?(?<secret>[\w.-]{1,60}=[^\s;'"`]{8,}(?:;\s*[\w.-]{1,60}=[^\s;'"`]+)*)/gi,
  },
  {
    kind: 'header-key',
    pattern:
      /\bx-(?:[a-z]+-)*(?:key|token|secret|auth|signature)["']?\s*[:=]\s*["'`]?(?<secret>[^\s"'`,;]{6,})/gi,
    accept: isLiteral,
  },
  {
    kind: 'flag',
    pattern:
      /(?<=\s)--?(?:[a-z]+-)*(?:pass(?:word|wd|phrase)?|secret|token|api-?key|access-key|private-key|client-secret|auth-token)(?:\s+|=)["']?(?<secret>[^\s"'`-][^\s"'`]{3,})/gi,
    accept: isLiteral,
  },
  {
    kind: 'flag',
    pattern: /\bcurl\b[^\n]{0,300}?\s(?:-u|--user)[\s=]*["']?[^\s:"']{1,80}:(?<secret>[^\s"']{2,})/gi,
    accept: isLiteral,
  },
  {
    kind: 'flag',
    pattern: /\b(?:mysql|mysqldump|mariadb|mongo|mongosh)\b[^\n]{0,200}?\s-p(?<secret>[^\s"'-][^\s"']{2,})/gi,
    accept: isLiteral,
  },
  { kind: 'flag', pattern: /\bsshpass\s+-p\s*["']?(?<secret>[^\s"']{2,})/gi, accept: isLiteral },
  { kind: 'netrc', pattern: /\bmachine\s+\S+\s+login\s+\S+\s+password\s+(?<secret>\S+)/gi },
  {
    kind: 'npmrc',
    pattern: /\/\/[\w./-]+:_(?:authToken|auth|password)\s*=\s*["']?(?<secret>[^\s"']{6,})/gi,
    accept: isLiteral,
  },
  {
    kind: 'env',
    pattern: new RegExp(
      String.raw`(?<![\w$.])(?:export\s+|set\s+|ENV\s+|-e\s+|--env\s+)?(?:[A-Z][A-Z0-9]*_)*(?:PASS(?:WORD|WD|PHRASE)?|PWD|SECRET|TOKEN|API_?KEY|ACCESS_KEY(?:_ID)?|SECRET_KEY|PRIVATE_KEY|AUTH_KEY|ENCRYPTION_KEY|SIGNING_KEY|ACCOUNT_KEY|KEY|CREDENTIALS?|CONNECTION_STRING|DSN|COOKIE|SALT)(?:_[A-Z0-9]+)*\s*=\s*(?:"(?<secret>[^"\n]{4,})"|'(?<secret2>[^'\n]{4,})'|(?<secret3>[^\s"'${'`'};,)&|]{4,}))`,
      'g',
    ),
    accept: isLiteral,
  },
  {
    kind: 'connection-string',
    pattern:
      /\b(?:password|pwd|accountkey|sharedaccesskey|sharedaccesssignature|secret)\s*=\s*(?<secret>[^;\s"']{4,})(?=;|"|'|$)/gi,
    accept: isLiteral,
  },
  { kind: 'sas-signature', pattern: /[?&]sig=(?<secret>[\w%+/=-]{20,})/g },
  {
    kind: 'url-parameter',
    pattern:
      /[?&](?:api[-_]?key|access[-_]?token|auth[-_]?token|token|key|secret|password|client[-_]?secret|signature|x-amz-(?:signature|security-token|credential))=(?<secret>[^\s&"'`#<>]{8,})/gi,
    accept: isLiteral,
  },
  {
    kind: 'assignment',
    pattern: new RegExp(
      String.raw`["']?\b[\w.-]{0,40}?${NAME}(?:[-_]?(?:value|prod|production|staging|dev|test|live|key|id))?["']?\s*(?::=|=>|[:=])\s*(?:b|r|f|u)?(["'${'`'}])(?<secret>(?:(?!\1)[^\n\\]|\\.){6,400})\1`,
      'gi',
    ),
    accept: looksSecret,
  },
  {
    kind: 'assignment',
    pattern: new RegExp(
      String.raw`^[ \t]*[\w.-]{0,40}?${NAME}\s*[:=][ \t]*(?<secret>[^\s"'${'`'}#(){}\[\]<>,;]{6,})[ \t]*$`,
      'gim',
    ),
    accept: looksSecret,
  },
  {
    // among other words only what cannot be a word: a name and its value may stand anywhere in a sentence or a log line
    kind: 'assignment',
    pattern: new RegExp(
      String.raw`\b[\w.-]{0,40}?${NAME}["']?\s*[:=]\s*(?<secret>[^\s"'${'`'}#(){}\[\]<>,;]{8,})(?=[\s,;.]|$)`,
      'gi',
    ),
    accept: (value) => looksSecret(value) && looksRandom(value) && /[a-z]/i.test(value),
  },
  {
    kind: 'password',
    pattern:
      /\b(?:password|passphrase|passwort|contraseña|mot de passe|pin code)\s+(?:is|was|for \S+ is|ist|es|est)\s*:?\s*["'`]?(?<secret>[^\s"'`,]{4,})/gi,
    accept: (secret) => /\d|[^\w.]/.test(secret) && isLiteral(secret),
  },
];

/** Rules that are tried one after the other where their sign is seen: most texts have no token of any vendor. */
export interface RuleGroup {
  sign?: RegExp;
  rules: Rule[];
}

/** All rules: vendors first, since their kinds say more. */
export const ruleGroups: RuleGroup[] = [
  {
    sign: token(`(?:${vendors.map(([, source]) => source).join('|')})`),
    rules: vendors.map(([kind, source]) => ({ kind, pattern: token(`(?<secret>${source})`, 'g') })),
  },
  { rules: places },
];

/** A token that stands by itself. */
function token(source: string, flags?: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9_])${source}(?![A-Za-z0-9_])`, flags);
}

/** A value written out, not a reference to one, a type, or a placeholder. */
function isLiteral(value: string): boolean {
  return !PLACEHOLDER.test(value) && !REFERENCE.test(value) && !/^(.)\1+$/.test(value);
}

const PLACEHOLDER =
  /^(?:[x*.#•_-]+|<.*>?|\{\{.*|%[sdv]|\$.*|your[-_ ].*|my[-_]?(?:secret|token|password|api[-_]?key)|change[-_]?me.*|replace[-_ ]?me.*|example.*|placeholder.*|dummy.*|redacted.*|\[REDACTED.*|todo.*|null|nil|none|undefined|true|false|string|number|boolean|str|int|bytes|any|object|secret|token|password|passwd|key|\.\.\.)$/i;
const REFERENCE =
  /^(?:process\.env|os\.(?:environ|getenv)|env[.([]|ENV\[|import\.meta|config\.|settings\.|self\.|this\.|req\.|request\.|ctx\.|props\.|options\.|opts\.|args\.|params\.|secrets\.|vault\.|var\.|local\.|data\.|await |new |\w+\(|\w+::|&)/;

/** A literal that is unlikely to be a word or an identifier. */
function looksSecret(value: string): boolean {
  if (!isLiteral(value) || /^(?:https?:\/\/[^:@]*|\/[\w./-]+|\.{1,2}\/.*|[\w.+-]+@[\w.-]+)$/.test(value))
    return false;
  if (/\s/.test(value) && !/\d/.test(value)) return false; // a sentence
  if (/^[A-Za-z]+(?:[A-Z][a-z]+)*$/.test(value) && value.length < 20) return false; // a word or camelCase name
  if (/^[a-z]+(?:[-_.:/][a-z]+)*$/i.test(value)) return false; // kebab, snake or dotted name
  return /\d/.test(value) || /[^\w.\-/: ]/.test(value) || entropy(value) > 3.6;
}

function looksRandom(value: string): boolean {
  return isLiteral(value) && /\d/.test(value) && entropy(value) > 3;
}

/** Shannon entropy in bits per character. */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const n of counts.values()) bits -= (n / value.length) * Math.log2(n / value.length);
  return bits;
}
