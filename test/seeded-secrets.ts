/** Made-up secrets of every kind that redaction knows, and the places they turn up in. None of them is real. */

export interface Seeded {
  kind: string;
  /** What must not be seen again. */
  secret: string;
  /** The secret as it stands in text; default: the secret alone. */
  inText?: string;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const HEX = '0123456789abcdef';
const ALNUM = `${LOWER}${LOWER.toUpperCase()}0123456789`;

/** A generator of characters: the same seed gives the same secrets. */
export function randomText(seed: number): (length: number, alphabet?: string) => string {
  let state = (seed * 2654435761) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  return (length, alphabet = ALNUM) =>
    Array.from({ length }, () => alphabet.charAt(next() % alphabet.length)).join('');
}

/** One secret of each kind. */
export function seededSecrets(seed: number): Seeded[] {
  const r = randomText(seed);
  const hex = (n: number): string => r(n, HEX);
  const upper = (n: number): string => r(n, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');
  const digits = (n: number): string => r(n, '123456789');
  const placed = (kind: string, secret: string, before: string, after = ''): Seeded => ({
    kind,
    secret,
    inText: `${before}${secret}${after}`,
  });
  const pem = `MIIEpAIBAAKCAQEA${r(48)}\n${r(64)}\n${r(64)}\n${r(20)}==`;
  return [
    placed('pem-rsa', pem, '-----BEGIN RSA PRIVATE KEY-----\n', '\n-----END RSA PRIVATE KEY-----'),
    placed(
      'pem-openssh',
      pem,
      '-----BEGIN OPENSSH PRIVATE KEY-----\n',
      '\n-----END OPENSSH PRIVATE KEY-----',
    ),
    placed(
      'pem-pgp',
      pem,
      '-----BEGIN PGP PRIVATE KEY BLOCK-----\n',
      '\n-----END PGP PRIVATE KEY BLOCK-----',
    ),
    { kind: 'age', secret: `AGE-SECRET-KEY-1${r(58, 'QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L')}` },
    { kind: 'jwt', secret: `eyJ${r(33)}.eyJ${r(80)}.${r(43)}` },
    { kind: 'aws-id', secret: `AKIA${upper(16)}` },
    { kind: 'aws-session-id', secret: `ASIA${upper(16)}` },
    placed('aws-secret', r(40), 'aws_secret_access_key = '),
    placed('aws-secret-env', r(40), 'AWS_SECRET_ACCESS_KEY='),
    { kind: 'gcp', secret: `AIza${r(35)}` },
    { kind: 'google-oauth-secret', secret: `GOCSPX-${r(28)}` },
    { kind: 'google-oauth', secret: `ya29.${r(120)}` },
    { kind: 'azure-client', secret: `${r(3)}8Q~${r(34)}` },
    placed(
      'azure-storage',
      `${r(86)}==`,
      'DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=',
      ';EndpointSuffix=core.windows.net',
    ),
    placed('azure-sas', `${r(42)}%3D`, 'https://acct.blob.core.windows.net/c/f?sv=2024-01-01&sr=b&sig='),
    { kind: 'github', secret: `ghp_${r(36)}` },
    { kind: 'github-server', secret: `ghs_${r(36)}` },
    { kind: 'github-fine', secret: `github_pat_${r(22)}_${r(59)}` },
    { kind: 'gitlab', secret: `glpat-${r(20)}` },
    { kind: 'gitlab-runner', secret: `glrt-${r(20)}` },
    { kind: 'bitbucket', secret: `ATBB${r(32)}` },
    { kind: 'atlassian', secret: `ATATT3${r(180)}` },
    { kind: 'slack-bot', secret: `xoxb-${digits(12)}-${digits(12)}-${r(24)}` },
    { kind: 'slack-app', secret: `xapp-1-A${upper(10)}-${digits(13)}-${hex(64)}` },
    { kind: 'slack-hook', secret: `https://hooks.slack.com/services/T${upper(8)}/B${upper(8)}/${r(24)}` },
    { kind: 'discord-hook', secret: `https://discord.com/api/webhooks/${digits(18)}/${r(68)}` },
    { kind: 'discord', secret: `M${r(23)}.${r(6)}.${r(38)}` },
    { kind: 'telegram', secret: `${digits(10)}:AA${r(33)}` },
    { kind: 'stripe', secret: `sk_live_${r(24)}` },
    { kind: 'stripe-restricted', secret: `rk_live_${r(24)}` },
    { kind: 'stripe-hook', secret: `whsec_${r(32)}` },
    { kind: 'anthropic', secret: `sk-ant-api03-${r(93)}AA` },
    { kind: 'openai', secret: `sk-proj-${r(48)}` },
    { kind: 'openai-old', secret: `sk-${r(48)}` },
    { kind: 'openrouter', secret: `sk-or-v1-${hex(64)}` },
    { kind: 'huggingface', secret: `hf_${r(34, `${LOWER}${LOWER.toUpperCase()}`)}` },
    { kind: 'replicate', secret: `r8_${r(37)}` },
    { kind: 'groq', secret: `gsk_${r(52)}` },
    { kind: 'xai', secret: `xai-${r(80)}` },
    { kind: 'perplexity', secret: `pplx-${r(48)}` },
    { kind: 'sendgrid', secret: `SG.${r(22)}.${r(43)}` },
    { kind: 'twilio', secret: `SK${hex(32)}` },
    { kind: 'mailgun', secret: `key-${hex(32)}` },
    { kind: 'mailchimp', secret: `${hex(32)}-us12` },
    { kind: 'npm', secret: `npm_${r(36)}` },
    { kind: 'pypi', secret: `pypi-AgEIcHlwaS5vcmc${r(100)}` },
    { kind: 'rubygems', secret: `rubygems_${hex(48)}` },
    { kind: 'crates', secret: `cio${r(32)}` },
    { kind: 'docker', secret: `dckr_pat_${r(27)}` },
    { kind: 'digitalocean', secret: `dop_v1_${hex(64)}` },
    { kind: 'netlify', secret: `nfp_${r(36)}` },
    { kind: 'fly', secret: `fo1_${r(43)}` },
    { kind: 'linear', secret: `lin_api_${r(40)}` },
    { kind: 'notion', secret: `ntn_${r(46)}` },
    { kind: 'airtable', secret: `pat${r(14)}.${hex(64)}` },
    { kind: 'figma', secret: `figd_${r(40)}` },
    { kind: 'shopify', secret: `shpat_${hex(32)}` },
    { kind: 'square', secret: `sq0atp-${r(22)}` },
    { kind: 'newrelic', secret: `NRAK-${upper(27)}` },
    { kind: 'sentry', secret: `sntrys_${r(90)}` },
    { kind: 'grafana', secret: `glsa_${r(32)}_${hex(8)}` },
    { kind: 'databricks', secret: `dapi${hex(32)}` },
    { kind: 'vault', secret: `hvs.${r(95)}` },
    { kind: 'terraform', secret: `${r(14)}.atlasv1.${r(67)}` },
    { kind: 'pulumi', secret: `pul-${hex(40)}` },
    { kind: 'supabase', secret: `sbp_${hex(40)}` },
    { kind: 'planetscale', secret: `pscale_tkn_${r(43)}` },
    { kind: 'postman', secret: `PMAK-${hex(24)}-${hex(34)}` },
    { kind: 'tailscale', secret: `tskey-auth-k${r(10)}-${r(32)}` },
    { kind: 'mapbox', secret: `sk.eyJ${r(60)}.${r(22)}` },
    { kind: 'doppler', secret: `dp.pt.${r(43)}` },
    placed('postgres-url', r(16), 'postgresql://app:', '@db.internal:5432/prod'),
    placed('mongodb-url', r(16), 'mongodb+srv://root:', '@cluster0.example.net/test'),
    placed('redis-url', r(20), 'redis://:', '@cache:6379/0'),
    placed('amqp-url', r(12), 'amqp://guest:', '@mq:5672/'),
    placed('https-url', r(20), 'https://deploy:', '@git.example.org/x.git'),
    placed('sqlserver', `P${r(10)}!7`, 'Server=tcp:db,1433;Database=x;User Id=sa;Password=', ';Encrypt=true'),
    placed('bearer', r(40), 'Authorization: Bearer '),
    placed('basic', `${r(27)}=`, 'Authorization: Basic '),
    placed('cookie', `session=${r(40)}`, 'Cookie: '),
    placed('x-api-key', r(32), 'x-api-key: '),
    placed('env-password', `${r(5, LOWER)}${digits(3)}!`, 'DB_PASSWORD='),
    placed('env-token', r(24), 'export SERVICE_TOKEN='),
    placed('env-quoted', r(30), 'MY_APP_SECRET="', '"'),
    placed('json-password', `${r(6)}${digits(2)}#`, '{"user":"x","password": "', '"}'),
    placed('yaml-secret', r(28), 'client_secret: '),
    placed('code-key', r(32), "const apiKey = '", "';"),
    placed('python-password', `${r(8)}${digits(2)}`, 'password = "', '"'),
    placed('flag-password', `${r(9)}${digits(2)}`, 'tool login --user x --password '),
    placed('flag-token', r(26), 'cli deploy --token='),
    placed('curl-user', `${r(9)}${digits(1)}`, 'curl -u admin:', ' https://api.example.org'),
    placed('mysql-flag', `${r(9)}${digits(1)}`, 'mysql -h db -uroot -p', ' shop'),
    placed('netrc', r(12), 'machine example.org login bob password '),
    placed('npmrc', r(36), '//registry.example.org/:_authToken='),
    placed('url-token', r(32), 'https://api.example.org/v1?access_token='),
    placed('prose-password', `${r(6)}${digits(2)}!`, 'the password is '),
  ];
}

/** Places of a session where a secret may stand. `{}` is the secret in its text. */
export const surroundings = [
  '{}',
  'Please use this to log in:\n{}\nand then run the tests.',
  '$ env\nPATH=/usr/bin\n{}\nHOME=/home/dev',
  '  {}\n',
  'I found the following in the file:\n\n```\n{}\n```\n',
];
