import type { Scenario } from '../scenario.ts';

/** Python: a nightly job that loads meter readings. */
export const energyEtl: Scenario = {
  name: 'energy-etl',
  agent: 'codex',
  cwd: '/srv/energy-etl',
  branch: 'main',
  goal: 'the nightly import (etl/load_readings.py) «takes 5 hours, needs to be done before 6am» when the analysts start. It used to be 40 minutes when we had a third of the meters. Find out where the time goes and make it fast, the output tables must come out identical',
  changes: [
    "ok the profile is clear enough. «Don't bother with the CSV parsing», it's the upserts, so go for those",
    "change of priorities sorry: «the DST bug in October's data comes first», finance needs corrected numbers on Friday. Speed afterwards.",
    "we can't use the new box after all. «It has to work on the old 8 GB machine».",
    'and while you are in there «switch the log output to JSON lines», the new collector wants that',
  ],
  constraints: [
    "«Python 3.9, that's what the box has», no match statements and no X | Y types",
    'The table layouts are consumed by Tableau. «Not a single column may be renamed or reordered.»',
    '«Never run anything against the prod DSN» from here. There is a copy on localhost:5433.',
    'I want «type hints on everything you add», mypy runs strict in CI',
    'pandas is fine, «polars is not approved yet»',
    'small commits please, «one change per commit», Ivo reviews them on his phone',
  ],
  decisions: [
    {
      pick: 'COPY into a staging table',
      over: 'executemany',
      why: 'psycopg sends one statement per row otherwise',
    },
    {
      pick: 'partitioning readings by month',
      over: 'one big index',
      why: 'the analysts only ever query whole months',
    },
    {
      pick: 'Decimal all the way through',
      over: 'float with rounding at the end',
      why: 'the invoices are reconciled to the cent',
    },
    {
      pick: 'zoneinfo with fold',
      over: 'a fixed UTC offset',
      why: 'the repeated hour in October exists twice in the feed',
    },
    {
      pick: 'processing meter by meter',
      over: 'loading the day as one frame',
      why: 'a day is 9 GB in memory',
    },
    {
      pick: 'a checksum table per batch',
      over: 'comparing row counts',
      why: 'swapped values keep the count the same',
    },
  ],
  failures: [
    {
      tried: 'running four loaders with multiprocessing',
      outcome: 'they deadlocked on the unique index of readings',
    },
    { tried: 'turning synchronous_commit off', outcome: 'it was just as slow, WAL was never the bottleneck' },
    {
      tried: 'dropping the indexes during the load',
      outcome: 'rebuilding them took longer than the import itself',
    },
    {
      tried: 'letting pandas infer the timestamps',
      outcome: 'the ambiguous hour got NaT and 1,412 rows vanished',
    },
    { tried: 'upserting in chunks of 50k', outcome: 'the machine started swapping after twenty minutes' },
  ],
  free: [
    {
      kind: 'failed',
      text: 'UNLOGGED staging got us 8 %, «nowhere near enough to justify losing the batch after a crash».',
    },
    {
      kind: 'decision',
      text: "I'm leaving the CSV dialect sniffing in, ugly as it is: «vendor B ships semicolons about once a month».",
    },
  ],
  plan: [
    'Profile one full night on the copy',
    'Golden copy of the output tables for comparison',
    'Staging table and COPY',
    'Fix the doubled hour of 27 October',
    'Replay October and compare checksums',
    'JSON log lines',
  ],
  files: [
    {
      path: 'etl/load_readings.py',
      how: 'changed',
      before: '    cur.executemany(UPSERT, rows)',
      after: '    with cur.copy(COPY_STAGING) as copy: write_rows(copy, rows)',
    },
    {
      path: 'etl/staging.py',
      how: 'created',
      before: '',
      after: 'def merge_staging(conn: Connection, batch: str) -> int:',
    },
    { path: 'etl/clock.py', how: 'created', before: '', after: 'BERLIN = ZoneInfo("Europe/Berlin")' },
    {
      path: 'sql/012_staging.sql',
      how: 'created',
      before: '',
      after: 'CREATE TABLE IF NOT EXISTS staging_readings (LIKE readings INCLUDING DEFAULTS);',
    },
    {
      path: 'etl/settings.py',
      how: 'changed',
      before: 'CHUNK = 1000',
      after: 'CHUNK = int(os.environ.get("ETL_CHUNK", "5000"))',
    },
    {
      path: 'tests/test_clock.py',
      how: 'created',
      before: '',
      after: 'def test_repeated_hour_keeps_both_readings() -> None:',
    },
    { path: 'etl/old_upsert.py', how: 'deleted', before: 'UPSERT_V1 = "..."', after: '' },
    { path: 'etl/helpers.py', how: 'moved', before: 'def batched(rows): ...', after: 'etl/batches.py' },
  ],
  checks: [
    {
      command: 'pytest -q',
      narrow: 'pytest -q tests/test_clock.py -k repeated',
      failure:
        '=================================== FAILURES ===================================\n____________ test_repeated_hour_keeps_both_readings ____________\nE       AssertionError: assert 24 == 25\nE        +  where 24 = len(rows)\ntests/test_clock.py:33: AssertionError\n1 failed, 61 passed in 4.20s',
      message: 'E AssertionError: assert 24 == 25',
      success:
        '..............................................................           [100%]\n62 passed in 4.11s',
    },
    {
      command: 'mypy --strict etl',
      narrow: 'mypy --strict etl/staging.py',
      failure:
        'etl/staging.py:48: error: Argument 1 to "write_row" of "Copy" has incompatible type "object"; expected "Sequence[Any]"  [arg-type]\nFound 1 error in 1 file (checked 19 source files)',
      message:
        'etl/staging.py:48: error: Argument 1 to "write_row" of "Copy" has incompatible type "object"; expected "Sequence[Any]" [arg-type]',
      success: 'Success: no issues found in 19 source files',
    },
    {
      command: 'python -m etl.compare --golden golden/2026-10',
      narrow: 'python -m etl.compare --golden golden/2026-10 --meter 44170',
      failure:
        'comparing 31 days\n2026-10-27: checksum mismatch on daily_totals (expected 9f31c2, got 77ab04)\n1 of 31 days differ',
      message: '2026-10-27: checksum mismatch on daily_totals (expected 9f31c2, got 77ab04)',
      success: 'comparing 31 days\nall 31 days identical',
    },
  ],
  actions: [
    { command: 'createdb -h localhost -p 5433 etl_golden', output: '' },
    {
      command: 'python -m cProfile -o night.prof -m etl.load_readings --date 2026-09-14',
      output: 'loaded 3,912,004 readings in 301.2 min',
    },
  ],
  asked: {
    question:
      'Vendor B sends corrected readings with the same timestamp. Which one wins, the first or the last in the file?',
    answer: '«the last one in the file wins, always»',
  },
  openQuestion:
    '«Can I delete the three empty partitions from 2019», or does some report still look at them?',
  subagents: [
    {
      task: 'Who reads daily_totals',
      prompt: 'Search all repos under /srv for readers of daily_totals and list the columns they rely on.',
      report:
        'Summary of what I found:\n\n- tableau/energy.twb: day, meter, kwh\n- invoices/monthly.sql: meter, kwh, tariff\n- scripts/*: nothing\n\n«Nobody reads loaded_at», everything else is in use by at least one consumer.',
    },
    {
      task: 'Measure COPY vs upsert',
      prompt: 'Benchmark both ways on one day.',
      report:
        '«COPY plus merge: 11 min for the day, executemany: 296 min» on the same copy of the database, warm cache, three runs each with less than 4 % spread.',
    },
  ],
  end: "Import is at 14 minutes on the copy. «October still differs on the 27th only», and that's the day with the repeated hour, so the next thing to look at is fold handling in merge_staging.",
  routine: [
    'can you print the slowest ten meters',
    'add a docstring there',
    'run it for the 15th as well',
    'what is vendor B again?',
    'use the logger here, not print',
    'pls rerun with one meter only',
  ],
  nouns: ['staging table', 'upsert', 'meter file', 'profile', 'golden copy', 'partition', 'dialect sniffing'],
  functions: ['merge_staging', 'load_day', 'write_rows', 'parse_ts', 'batched', 'checksum'],
};
