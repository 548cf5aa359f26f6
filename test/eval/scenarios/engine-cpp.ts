import type { Scenario } from '../scenario.ts';

/** C++: stutter in a game engine. */
export const engineCpp: Scenario = {
  name: 'engine-cpp',
  agent: 'pi',
  cwd: '/home/kai/engine',
  branch: 'streaming',
  goal: "players on slow disks get 200ms hitches whenever a new area comes in. i want «asset streaming without frame hitches, budget 2 ms per frame on the main thread». there's a job system (src/jobs) nobody understands anymore, sorry about that",
  changes: [
    'hold on, textures are the smaller half. «meshes first»',
    'ok switching gears, QA found that «saves get corrupted if you quit during streaming». fix that, then back to meshes',
    'we dropped the old console so «the 64 MB staging limit is gone, use 256»',
    'audio guy wants in too: «streaming api should take sound banks as well»',
  ],
  constraints: [
    '«no exceptions, no rtti», the whole engine builds with both off',
    "C++17. «concepts and ranges don't compile on the console SDK»",
    'allocations on the main thread are a no-go, «everything from the frame arena there»',
    '«do not change the pak file format», 40 GB are out with testers',
    'clang-format is in the repo, tabs, «braces on their own line»',
    'third party goes through legal, «zstd is cleared, lz4 is not»',
  ],
  decisions: [
    {
      pick: 'a priority queue by camera distance',
      over: 'first come first served',
      why: 'what you look at pops in last otherwise',
    },
    {
      pick: 'uploading through a ring of 8 MB',
      over: 'one buffer per mesh',
      why: 'the driver stalls on buffer creation',
    },
    {
      pick: 'handles with generations',
      over: 'shared_ptr',
      why: 'the refcounts showed up with 3 % in the profile',
    },
    {
      pick: 'splitting decompression into 64 KB blocks',
      over: 'whole files',
      why: 'a single job may not hold a worker for longer than a frame',
    },
    { pick: 'a fence per upload batch', over: 'waiting for idle', why: 'the GPU keeps working meanwhile' },
    {
      pick: 'writing saves to a temp file and renaming',
      over: 'a lock around the streamer',
      why: 'rename is atomic on all our platforms',
    },
  ],
  failures: [
    {
      tried: 'moving file reads to the job system',
      outcome: 'all workers sat in read() and the frame starved',
    },
    { tried: 'prefetching everything within 300 m', outcome: 'memory peaked at 5.1 GB in the harbour' },
    {
      tried: 'doubling the worker count',
      outcome: 'the hitches got longer from contention on the allocator',
    },
    {
      tried: 'a spinlock in the request queue',
      outcome: 'priority inversion froze the render thread on two-core machines',
    },
    {
      tried: 'unmapping the old pages in the background',
      outcome: 'the TLB shootdowns cost more than the copy',
    },
  ],
  free: [
    {
      kind: 'failed',
      text: 'io_uring is fast and all, «the anticheat vendor blocks it», so that was two hours for nothing.',
    },
    {
      kind: 'decision',
      text: 'LOD0 is never streamed for hero characters. «art wants those crisp in cutscenes, 90 MB is the price».',
    },
  ],
  plan: [
    'Capture with hitch markers',
    'Request queue with priorities',
    'Block-wise decompression',
    'Upload ring',
    'Save corruption on quit',
    'Sound banks',
  ],
  files: [
    {
      path: 'src/stream/queue.cpp',
      how: 'created',
      before: '',
      after: 'bool RequestQueue::Push(const StreamRequest& request, float distance)',
    },
    {
      path: 'src/stream/queue.h',
      how: 'created',
      before: '',
      after: 'struct StreamRequest { AssetHandle handle; uint32_t generation; };',
    },
    {
      path: 'src/stream/upload_ring.cpp',
      how: 'created',
      before: '',
      after: 'uint8_t* UploadRing::Reserve(size_t bytes, Fence after)',
    },
    {
      path: 'src/world/area.cpp',
      how: 'changed',
      before: '	LoadAreaBlocking(id);',
      after: '	streamer.Request(id, CameraDistance(id));',
    },
    {
      path: 'src/save/save.cpp',
      how: 'changed',
      before: '	File out(path);',
      after: '	TempFile out(path);',
    },
    {
      path: 'CMakeLists.txt',
      how: 'changed',
      before: 'add_library(engine ${SRC})',
      after: 'add_library(engine ${SRC} ${STREAM_SRC})',
    },
    { path: 'src/world/loader_old.cpp', how: 'deleted', before: 'void LoadOld() {}', after: '' },
    { path: 'src/world/pak.cpp', how: 'moved', before: 'Pak::Pak() {}', after: 'src/stream/pak.cpp' },
  ],
  checks: [
    {
      command: 'ctest --test-dir build --output-on-failure',
      narrow: 'ctest --test-dir build --output-on-failure -R upload_ring',
      failure:
        '12/40 Test #12: upload_ring ......................***Failed    0.31 sec\n/home/kai/engine/test/upload_ring.cpp:64: CHECK( ring.Used() == 0 ) values: CHECK( 4096 == 0 )\n98% tests passed, 1 tests failed out of 40',
      message:
        '/home/kai/engine/test/upload_ring.cpp:64: CHECK( ring.Used() == 0 ) values: CHECK( 4096 == 0 )',
      success: '100% tests passed, 0 tests failed out of 40\nTotal Test time (real) =   9.80 sec',
    },
    {
      command: 'cmake --build build -j8',
      narrow: 'cmake --build build -j8 --target upload_ring',
      failure:
        "/home/kai/engine/src/stream/queue.cpp:88:17: error: no matching member function for call to 'emplace'\n1 error generated.\nninja: build stopped: subcommand failed.",
      message:
        "/home/kai/engine/src/stream/queue.cpp:88:17: error: no matching member function for call to 'emplace'",
      success: '[212/212] Linking CXX executable bin/game',
    },
    {
      command: './build/bin/game --replay harbour.rep --hitch-report',
      narrow: './build/bin/game --replay harbour_short.rep --hitch-report',
      failure:
        'replay harbour.rep: 5412 frames\nhitch at frame 3110: 41.2 ms in UploadRing::Reserve (budget 2.0)\nworst 41.2 ms, over budget: 1',
      message: 'hitch at frame 3110: 41.2 ms in UploadRing::Reserve (budget 2.0)',
      success: 'replay harbour.rep: 5412 frames\nworst 1.8 ms, over budget: 0',
    },
  ],
  actions: [
    {
      command: 'cmake -B build -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo',
      output: '-- Generating done\n-- Build files have been written to: /home/kai/engine/build',
    },
    {
      command: 'perf record -g ./build/bin/game --replay harbour.rep',
      output: '[ perf record: Captured and wrote 211.402 MB perf.data ]',
    },
  ],
  asked: {
    question: 'When the ring is full, drop the request or retry next frame?',
    answer: '«retry next frame but never more than 10 frames, then log it»',
  },
  openQuestion: '«do sound banks need the same distance priority or their own queue?»',
  subagents: [
    {
      task: 'how the job system works',
      prompt: 'Read src/jobs and explain the rules a job has to follow.',
      report:
        'It is a work-stealing scheduler with fibers.\n\nRules:\n1. no blocking calls\n2. «a job must not allocate from the frame arena, its lifetime ends with the frame»\n3. counters are waited on with Jobs::Wait only\n\nThe rest is ordinary.',
    },
    {
      task: 'save format',
      prompt: 'When is a save file inconsistent?',
      report:
        '«The header is written last but the length first», so a quit in between leaves a file that passes the length check with the old checksum. save.cpp:140-171.',
    },
  ],
  end: 'harbour replay is down to one hitch. «The remaining one is Reserve waiting for a fence that never gets signalled after alt-tab», looking at the swapchain recreation now.',
  routine: [
    'pull that into a function',
    'whats the frame time now',
    'show the queue header',
    'use uint32 there',
    'can you comment that block, future me will cry',
    'same for the sound path',
  ],
  nouns: ['request queue', 'upload ring', 'fence', 'arena', 'harbour replay', 'pak reader', 'job'],
  functions: ['Reserve', 'Push', 'Request', 'Pump', 'LoadBlock', 'OnAreaEnter'],
};
