import type { Scenario } from '../scenario.ts';

/** SQL and infrastructure: moving a database to a new major version without downtime. */
export const warehouseSql: Scenario = {
  name: 'warehouse-sql',
  agent: 'gemini',
  cwd: '/home/ops/infra',
  branch: 'pg17',
  goal: 'we have to get «the orders database from postgres 13 to 17 with less than a minute of downtime». RDS, terraform is in infra/db. 800 GB. I want a runbook I can follow at night plus whatever terraform it needs',
  changes: [
    'The blue/green thing is blocked by our custom parameter group. So «logical replication then, done by hand».',
    'new requirement from legal: «the copy has to stay in eu-central-1», no cross region stuff',
    "let's cut it: «only orders moves this quarter», inventory stays on 13",
    'I want «a rollback path that still works 24h after the switch», please put that in the runbook too',
  ],
  constraints: [
    '«terraform plan only, I apply myself»',
    "state is shared with two teams. «Don't rename any existing resource», that would recreate it",
    '«no extension that RDS 17 does not ship»',
    'runbook steps should be «copy-pasteable, one command per step», at 3am nobody thinks',
    'maintenance window is «Sunday 02:00 to 04:00 UTC, not a minute longer»',
    "don't put the connection strings in the repo, «secrets come from ssm»",
  ],
  decisions: [
    {
      pick: 'native logical replication',
      over: 'pglogical',
      why: 'RDS 17 dropped support for the extension',
    },
    {
      pick: 'replicating in three publications',
      over: 'one publication for all tables',
      why: 'the events table alone holds the slot back for hours',
    },
    {
      pick: 'REPLICA IDENTITY FULL on the two keyless tables',
      over: 'adding primary keys now',
      why: 'the app team freezes the schema until May',
    },
    {
      pick: 'copying sequences right at the switch',
      over: 'copying them with the schema',
      why: 'logical replication does not carry them',
    },
    {
      pick: 'a CNAME with a TTL of 5',
      over: 'changing the app config',
      why: 'four services read that host name',
    },
    {
      pick: 'gp3 with 12k IOPS during the copy',
      over: 'io2',
      why: 'the initial sync is bound by network anyway',
    },
  ],
  failures: [
    {
      tried: 'restoring a snapshot and upgrading in place',
      outcome: 'pg_upgrade stopped at the unknown-type columns in audit_log',
    },
    { tried: 'pg_dump with eight jobs', outcome: 'the dump alone ran for eleven hours' },
    {
      tried: 'putting PgBouncer in front to pause writes',
      outcome: 'prepared statements of the Java service broke in transaction mode',
    },
    {
      tried: 'creating the subscription with copy_data on all tables at once',
      outcome: 'WAL piled up to 300 GB on the source',
    },
    { tried: 'a reverse subscription over the same slot name', outcome: 'rows went round in circles' },
  ],
  free: [
    {
      kind: 'decision',
      text: 'statement_timeout goes to 0 for the replication role only. «Everybody else keeps 30s, otherwise the nightly reports pile up».',
    },
    {
      kind: 'failed',
      text: 'Checked the lag metric from CloudWatch as gate for the switch: «it lags a minute behind itself», so useless for that.',
    },
  ],
  plan: [
    'Inventory of extensions, keyless tables and sequences',
    'New instance and parameter group in terraform',
    'Publications and subscriptions, staged',
    'Row count and checksum comparison',
    'Switch and rollback steps in the runbook',
    'Rehearsal on staging',
  ],
  files: [
    {
      path: 'infra/db/orders17.tf',
      how: 'created',
      before: '',
      after: 'resource "aws_db_instance" "orders17" {',
    },
    {
      path: 'infra/db/params17.tf',
      how: 'created',
      before: '',
      after: '  parameter { name = "rds.logical_replication" value = "1" }',
    },
    { path: 'runbooks/orders-pg17.md', how: 'created', before: '', after: '## Step 7: stop writes' },
    {
      path: 'sql/publications.sql',
      how: 'created',
      before: '',
      after: 'CREATE PUBLICATION orders_core FOR TABLE orders, order_lines, payments;',
    },
    { path: 'infra/db/dns.tf', how: 'changed', before: '  ttl = 300', after: '  ttl = 5' },
    {
      path: 'sql/compare.sql',
      how: 'created',
      before: '',
      after: 'SELECT count(*), sum(hashtextextended(o::text, 0)) FROM orders o;',
    },
    {
      path: 'infra/db/bluegreen.tf',
      how: 'deleted',
      before: 'blue_green_update { enabled = true }',
      after: '',
    },
    {
      path: 'sql/sequences.sql',
      how: 'moved',
      before: 'SELECT setval(...)',
      after: 'sql/switch/sequences.sql',
    },
  ],
  checks: [
    {
      command: 'terraform validate',
      narrow: 'terraform -chdir=infra/db validate',
      failure:
        '╷\n│ Error: Reference to undeclared resource\n│   on orders17.tf line 14, in resource "aws_db_instance" "orders17":\n│ A managed resource "aws_db_parameter_group" "pg17" has not been declared in the root module.\n╵',
      message: 'A managed resource "aws_db_parameter_group" "pg17" has not been declared in the root module.',
      success: 'Success! The configuration is valid.',
    },
    {
      command: 'psql "$STAGING17" -f sql/compare.sql',
      narrow: 'psql "$STAGING17" -c "select count(*) from payments"',
      failure:
        'psql:sql/compare.sql:9: ERROR:  function hashtextextended(text) does not exist\nHINT:  No function matches the given name and argument types.',
      message: 'psql:sql/compare.sql:9: ERROR: function hashtextextended(text) does not exist',
      success: '  count   |     sum\n----------+-------------\n 91822310 | 77120031\n(1 row)',
    },
    {
      command: 'make rehearsal',
      narrow: 'make rehearsal STEPS=7',
      failure:
        'step 7/14 stop writes ... ok\nstep 8/14 wait for lag ... error: slot orders_events still 412 MB behind after 60 s\nmake: *** [Makefile:31: rehearsal] Error 2',
      message: 'step 8/14 wait for lag ... error: slot orders_events still 412 MB behind after 60 s',
      success: 'step 14/14 done\ndowntime 41 s',
    },
  ],
  actions: [
    { command: 'terraform plan -out=pg17.plan', output: 'Plan: 4 to add, 1 to change, 0 to destroy.' },
    {
      command: 'psql "$STAGING13" -f sql/publications.sql',
      output: 'CREATE PUBLICATION\nCREATE PUBLICATION\nCREATE PUBLICATION',
    },
  ],
  asked: {
    question:
      'Two tables have no primary key (audit_log and legacy_prices). Are they needed on the new side at all?',
    answer: '«audit_log yes, legacy_prices can be left behind»',
  },
  openQuestion: '«Who holds the DNS zone for orders.internal», can your role change it at night?',
  subagents: [
    {
      task: 'Extensions on the source',
      prompt: 'List installed extensions on staging 13 and say which of them RDS 17 ships.',
      report:
        'pg_stat_statements, pgcrypto, uuid-ossp, hstore, postgis 3.1.\n\n«Everything but pg_repack is available on RDS 17», postgis goes to 3.5 and needs ALTER EXTENSION after the copy.',
    },
    {
      task: 'Estimate initial copy',
      prompt: 'How long will the initial table sync take?',
      report:
        'I measured three tables on staging and extrapolated by size. Network was the limit throughout, CPU stayed under 30 %. With two sync workers per publication «the initial copy needs about 9 hours», so it has to start on Saturday noon at the latest.',
    },
  ],
  end: 'Runbook is complete up to step 12. «The rehearsal stops at step 8 because the events slot is too far behind», so before anything else the events publication needs its own worker.',
  routine: [
    'can you put the times in UTC',
    'add who to call at the top',
    'show me the plan output again',
    'what happens if step 9 fails',
    'make the headings shorter',
    'explain the slot thing once more',
  ],
  nouns: [
    'runbook',
    'replication slot',
    'parameter group',
    'publication',
    'sequence',
    'switch',
    'DNS record',
  ],
  functions: ['orders17', 'orders_core', 'compare.sql', 'step 7', 'rehearsal', 'setval'],
};
