import type { Scenario } from '../scenario.ts';

/** Rust: a command-line tool that finds duplicate photos. */
export const photoRust: Scenario = {
  name: 'photo-rust',
  agent: 'claude',
  cwd: '/home/ana/dupes',
  branch: 'perceptual',
  goal: 'dupes currently only finds byte-identical photos. Would be great if it could also «find near duplicates, so resized or re-encoded versions of the same picture». My library is 240k files on a NAS so it has to be able to stop and continue. What do you think?',
  changes: [
    'Played with it on the weekend. The grouping is too eager! «It must show the pairs and let me confirm, not delete by itself».',
    'ok so HEIC: «leave HEIC for later», the decoder story is a mess',
    'Something different first: «it crashes on my panoramas, that needs fixing before we go on»',
    "I'd rather have this as a library too. «Split it into a core crate and the binary.»",
  ],
  constraints: [
    'the thing gets cross compiled for my ARM NAS, so «pure Rust only, nothing that links C»',
    '«Files are opened read-only. Always.» I lost photos once.',
    'Memory: the NAS has 1 GB, «stay below 300 MB resident»',
    'oh and «edition 2021, rustc 1.75» is what the NAS toolchain has',
    'I care about the exit codes, «0 nothing found, 1 found some, 2 trouble», scripts depend on it',
    'unwrap() in tests ok, «no unwrap or expect in the library code»',
  ],
  decisions: [
    {
      pick: 'a 64-bit difference hash',
      over: 'the DCT hash',
      why: 'it is four times as fast on the ARM core and the recall is the same on the sample',
    },
    {
      pick: 'a BK-tree in memory',
      over: 'an SQLite query per photo',
      why: 'lookups stay under a millisecond at 240k entries',
    },
    {
      pick: 'an append-only progress file',
      over: 'rewriting a JSON file',
      why: 'a power cut can only lose the last line',
    },
    {
      pick: 'decoding at 1/8 scale',
      over: 'full decoding and resizing',
      why: 'JPEG allows it almost for free',
    },
    {
      pick: 'hamming distance 6 as default',
      over: 'the usual 10',
      why: 'burst shots of one scene sit at 8 and 9',
    },
    { pick: 'two reader threads', over: 'one per core', why: 'the disk starts seeking with more' },
  ],
  failures: [
    { tried: 'memory-mapping the files', outcome: 'a NAS disconnect killed the process with SIGBUS' },
    { tried: 'using the average hash', outcome: 'all night sky pictures ended up in one group' },
    { tried: 'rotating by EXIF before hashing', outcome: 'half of the phone exports have the wrong flag' },
    { tried: 'rayon over the directory walk', outcome: 'the SMB server returned EMFILE' },
    { tried: 'keeping thumbnails in the cache', outcome: 'the cache file grew to 6 GB' },
  ],
  free: [
    {
      kind: 'decision',
      text: 'Groups are printed largest saving first; «alphabetical buries the videos somewhere in the middle».',
    },
    {
      kind: 'failed',
      text: '«The image crate’s own resize is the slow part, swapping the filter type did not move the numbers.»',
    },
  ],
  plan: [
    'Difference hash with sample pictures',
    'Resume file',
    'BK-tree lookup',
    'Interactive confirmation of pairs',
    'Panorama crash',
    'Core crate',
  ],
  files: [
    { path: 'src/hash.rs', how: 'created', before: '', after: 'pub fn dhash(luma: &GrayImage) -> u64 {' },
    { path: 'src/tree.rs', how: 'created', before: '', after: 'pub struct BkTree { nodes: Vec<Node> }' },
    {
      path: 'src/main.rs',
      how: 'changed',
      before: '    let groups = exact(&files);',
      after: '    let groups = exact(&files).merge(near(&files, distance));',
    },
    {
      path: 'src/progress.rs',
      how: 'created',
      before: '',
      after: 'writeln!(self.file, "{:016x} {}", hash, path.display())?;',
    },
    {
      path: 'Cargo.toml',
      how: 'changed',
      before: 'image = "0.24"',
      after: 'image = { version = "0.25", default-features = false, features = ["jpeg", "png"] }',
    },
    {
      path: 'tests/cli.rs',
      how: 'changed',
      before: 'fn finds_exact() {',
      after: 'fn finds_resized_copy() {',
    },
    { path: 'src/thumbs.rs', how: 'deleted', before: 'pub struct Thumbs;', after: '' },
    { path: 'src/walk.rs', how: 'moved', before: 'pub fn walk() {}', after: 'core/src/walk.rs' },
  ],
  checks: [
    {
      command: 'cargo test',
      narrow: 'cargo test --test cli finds_resized_copy',
      failure:
        "running 14 tests\ntest finds_resized_copy ... FAILED\n\n---- finds_resized_copy stdout ----\nthread 'finds_resized_copy' panicked at tests/cli.rs:52:5:\nassertion `left == right` failed: group count\n  left: 0\n right: 1\n\ntest result: FAILED. 13 passed; 1 failed; 0 ignored",
      message: 'assertion `left == right` failed: group count',
      success: 'running 14 tests\ntest result: ok. 14 passed; 0 failed; 0 ignored; 0 measured',
    },
    {
      command: 'cargo clippy -- -D warnings',
      narrow: 'cargo clippy -p dupes-core -- -D warnings',
      failure:
        'error: used `unwrap()` on a `Result` value\n  --> src/progress.rs:31:20\nerror: could not compile `dupes` (bin "dupes") due to 1 previous error',
      message: 'error: used `unwrap()` on a `Result` value',
      success: '    Finished `dev` profile [unoptimized + debuginfo] target(s) in 0.92s',
    },
    {
      command: 'cargo build --release --target aarch64-unknown-linux-musl',
      narrow: 'cargo build --target aarch64-unknown-linux-musl',
      failure:
        'error[E0308]: mismatched types\n  --> src/tree.rs:77:9\n   |\n77 |         self.nodes.len()\n   |         ^^^^^^^^^^^^^^^^ expected `u32`, found `usize`',
      message: 'error[E0308]: mismatched types',
      success: '    Finished `release` profile [optimized] target(s) in 1m 12s',
    },
  ],
  actions: [
    { command: 'scp target/aarch64-unknown-linux-musl/release/dupes nas:bin/', output: '' },
    { command: 'hyperfine "./dupes sample"', output: '  Time (mean ± σ):      4.112 s ±  0.071 s' },
  ],
  asked: {
    question: 'Live photos come as a JPEG plus a MOV. Treat them as one item or look at the JPEG only?',
    answer: '«look at the jpeg only but print the mov next to it»',
  },
  openQuestion: '«Shall the confirmation remember a "no" for a pair across runs?»',
  subagents: [
    {
      task: 'Pure Rust decoders',
      prompt: 'Which image decoders without C code handle JPEG scaling?',
      report:
        'zune-jpeg: fast, no scaled decoding.\njpeg-decoder: has scale(), pure Rust, maintained.\nturbojpeg: C.\n\nSo «jpeg-decoder is the only one that has scaled decoding without C».',
    },
    {
      task: 'Panorama crash',
      prompt: 'Find out why dupes crashes on panoramas in ./sample/pano.',
      report:
        '«The width of 65,536 overflows the u16 in Scale::fit», see src/scale.rs:19; everything at or above that width panics in debug and wraps in release.',
    },
  ],
  end: 'Near duplicates come up correctly in the sample. «The pair prompt still swallows Ctrl-C», so that is the part I was in when we stopped.',
  routine: [
    'nice, what is the time on the sample now?',
    'could you show the tree code once more',
    'make the output one line per pair',
    'write a short help text for it',
    'whats the u64 for',
    'add that to the tests as well',
  ],
  nouns: ['hash', 'tree lookup', 'progress file', 'pair prompt', 'decoder', 'sample folder', 'exit code'],
  functions: ['dhash', 'near', 'insert', 'fit', 'walk', 'resume_from'],
};
