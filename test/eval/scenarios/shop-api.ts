import type { Scenario } from '../scenario.ts';

/** TypeScript: rate limits for an HTTP API. */
export const shopApi: Scenario = {
  name: 'shop-api',
  agent: 'claude',
  cwd: '/home/dev/shop-api',
  branch: 'feat/limits',
  goal: "Our public API gets hammered by two or three customers every night. «Put rate limits on the storefront endpoints», per API key, and give back a proper 429 with a Retry-After. There's a Redis already (see src/infra/redis.ts). Have a look around first and tell me what you'd do.",
  changes: [
    'hmm thinking about it again: «limits should be per organisation», several keys can belong to the same one',
    "ok I talked to Priya. «The admin endpoints are out of scope», she'll do them in her own PR. Only storefront.",
    'one more thing came up in standup, «we also need a dry-run mode» that only logs who would have been blocked. That should go out first',
    'Forget the dashboard panel from before. «Expose the counters on /metrics» and ops will build what they like',
  ],
  constraints: [
    '«no new npm packages» please, security review takes two weeks',
    'The response bodies of existing endpoints are frozen, mobile parses them strictly. So «leave the error envelope exactly as it is».',
    "and I'd like «every limit configurable per plan in config/plans.yaml», nothing hardcoded",
    'fyi «prod still runs node 18»',
    '«p99 may go up by 2 ms tops», we have an SLO on that',
    "btw I'm allergic to default exports, «named exports everywhere» in this repo",
    "«ask me before you touch anything under src/billing», it's being rewritten",
  ],
  decisions: [
    { pick: 'a token bucket', over: 'a sliding log', why: 'short bursts from the mobile app are normal' },
    {
      pick: 'one Lua script per check',
      over: 'MULTI/EXEC',
      why: 'the read and the decrement have to be one round trip',
    },
    {
      pick: 'failing open when Redis is away',
      over: 'rejecting requests',
      why: 'losing orders costs more than a noisy neighbour',
    },
    {
      pick: 'the organisation id from the verified JWT',
      over: 'the X-Org header',
      why: 'clients can set that header themselves',
    },
    {
      pick: 'a Fastify onRequest hook',
      over: 'a wrapper around each handler',
      why: 'it runs before body parsing',
    },
    {
      pick: 'integer milliseconds everywhere',
      over: 'Date objects',
      why: 'Lua compares them without conversion',
    },
  ],
  failures: [
    {
      tried: 'sharing one ioredis connection with the session store',
      outcome: 'blocking BRPOP calls from the queue held up every limit check',
    },
    {
      tried: 'computing the window from the app server clock',
      outcome: 'two nodes disagreed by 300 ms and let double the traffic through',
    },
    {
      tried: 'registering the plugin without fastify-plugin',
      outcome: 'the hook stayed inside its own encapsulation context and never fired',
    },
    { tried: 'mocking Redis with ioredis-mock', outcome: 'its Lua engine has no redis.call TIME' },
    {
      tried: 'caching the plan lookup for an hour',
      outcome: 'upgraded customers kept hitting the old limit',
    },
  ],
  free: [
    {
      kind: 'decision',
      text: '«429s are not logged at warn level any more, info only». «Ops said the nightly spike would page them otherwise».',
    },
    {
      kind: 'failed',
      text: 'Bumping the pool size to 50 changed nothing at all; «the latency comes from the Lua script being re-sent» each time, «not from the pool».',
    },
  ],
  plan: [
    'Map every storefront route and its current auth',
    'Token bucket script with unit tests against real Redis',
    'Read limits from config/plans.yaml',
    'Hook with 429 and Retry-After',
    'Dry-run switch per organisation',
    'Counters on /metrics',
  ],
  files: [
    {
      path: 'src/limits/bucket.ts',
      how: 'created',
      before: '',
      after: 'export const refillPerSecond = (plan: Plan): number => plan.requests / plan.windowSeconds;',
    },
    {
      path: 'src/limits/hook.ts',
      how: 'created',
      before: '',
      after: 'export async function limitHook(request: FastifyRequest, reply: FastifyReply): Promise<void> {',
    },
    {
      path: 'src/limits/bucket.lua',
      how: 'created',
      before: '',
      after: "local tokens = tonumber(redis.call('HGET', KEYS[1], 't')) or capacity",
    },
    {
      path: 'src/server.ts',
      how: 'changed',
      before: 'await app.register(storefront);',
      after: 'await app.register(limits).register(storefront);',
    },
    {
      path: 'config/plans.yaml',
      how: 'changed',
      before: 'free: {}',
      after: 'free: { requests: 60, windowSeconds: 60 }',
    },
    {
      path: 'src/infra/redis.ts',
      how: 'changed',
      before: 'export const redis = new Redis(url);',
      after: "export const redis = new Redis(url, { connectionName: 'app' });",
    },
    {
      path: 'src/legacy/throttle.ts',
      how: 'deleted',
      before: 'export const throttle = new Map();',
      after: '',
    },
    {
      path: 'src/util/time.ts',
      how: 'moved',
      before: 'export const seconds = 1000;',
      after: 'src/limits/time.ts',
    },
  ],
  checks: [
    {
      command: 'npm test',
      narrow: 'npm test -- limits/bucket',
      failure:
        ' FAIL  src/limits/bucket.test.ts > refills over time\nAssertionError: expected 3 to be 4 // Object.is equality\n ❯ src/limits/bucket.test.ts:41:22\n\n Tests  1 failed | 83 passed (84)',
      message: 'AssertionError: expected 3 to be 4 // Object.is equality',
      success: ' Test Files  21 passed (21)\n      Tests  84 passed (84)\n   Duration  6.12s',
    },
    {
      command: 'npm run typecheck',
      narrow: 'npx tsc --noEmit -p tsconfig.test.json',
      failure:
        "src/limits/hook.ts(27,15): error TS2345: Argument of type 'string | undefined' is not assignable to parameter of type 'OrgId'.\nFound 1 error.",
      message:
        "src/limits/hook.ts(27,15): error TS2345: Argument of type 'string | undefined' is not assignable to parameter of type 'OrgId'.",
      success: '',
    },
    {
      command: 'npm run lint',
      narrow: 'npx eslint src/limits',
      failure:
        '/home/dev/shop-api/src/limits/hook.ts\n  12:7  error  Unexpected default export  import/no-default-export\n\n✖ 1 problem (1 error, 0 warnings)',
      message: '12:7 error Unexpected default export import/no-default-export',
      success: '',
    },
  ],
  actions: [
    { command: 'docker compose up -d redis', output: ' Container shop-api-redis-1  Started' },
    {
      command: 'npx autocannon -c 50 -d 10 http://localhost:3000/v1/products',
      output: 'Req/Bytes counts sampled once per second.\n52k requests in 10.02s, 18.3 MB read',
    },
  ],
  asked: {
    question:
      'When a key has no organisation (there are about 40 legacy ones), should it get its own bucket or share one?',
    answer: '«own bucket for legacy keys, with the free plan limits»',
  },
  openQuestion: '«Should the dry-run switch live in plans.yaml too, or per organisation in the database?»',
  subagents: [
    {
      task: 'List storefront routes',
      prompt: 'Find every route registered under the storefront plugin, with its auth.',
      report:
        'I went through src/routes and the plugin registrations.\n\n| route | auth |\n|---|---|\n| GET /v1/products | key |\n| GET /v1/products/:id | key |\n| POST /v1/carts | key |\n\n## Conclusion\n«31 routes take an API key, 4 are anonymous» (health, robots, two webhooks). Nothing else is registered dynamically.',
    },
    {
      task: 'Check Retry-After semantics',
      prompt: 'What do clients do with Retry-After in seconds versus dates?',
      report:
        '«Both SDKs we ship only parse Retry-After as integer seconds»; the date form makes them retry at once. Sources: sdk-js/src/retry.ts:18, sdk-swift Retry.swift:44.',
    },
  ],
  end: "The hook is in and 429s carry Retry-After. «What's left is the dry-run switch and the refill rounding in bucket.ts», which still loses a token at the window edge.",
  routine: [
    'can you rename that helper to takeToken',
    'show me the diff of server.ts again',
    'ok now do the same thing for the carts routes',
    'what does line 40 in the lua script do?',
    'add a test for the case with two nodes',
    'split that function up a bit, hard to read',
  ],
  nouns: [
    'bucket',
    'hook',
    'plan config',
    'cart route',
    'redis client',
    'error envelope',
    'metrics endpoint',
  ],
  functions: ['takeToken', 'loadPlans', 'orgOf', 'limitHook', 'registerStorefront', 'retryAfter'],
};
