/**
 * How far `estimateTokens` is from an exact o200k count, on pieces of 4,096 characters of several kinds of text.
 *   node test/eval/tokens.ts
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { estimateTokens, loadTokenCounter } from '../../src/handoff/index.ts';
import { pick, seeded } from './random.ts';
import { generatedSessions } from './sessions.ts';

const PIECE = 4096;
const root = join(import.meta.dirname, '../..');
const random = seeded(5);

const files = (folder: string, ending: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(root, folder, name), 'utf8'));

const ideographs: Record<string, string[]> = {
  chinese: [
    '请先看一下登录接口的错误处理，再决定要不要改。',
    '昨天部署之后内存一直上涨，怀疑是缓存没有释放。',
    '测试全部通过了，但是覆盖率下降了两个百分点。',
    '不要修改数据库表结构，只能新增索引。',
    '这个函数在并发的情况下会重复写入，需要加锁或者改成幂等。',
    '我把配置文件移到了单独的目录，方便不同环境切换。',
  ],
  japanese: [
    'まずログイン処理のエラーを確認してから、修正方針を決めましょう。',
    'テストは通りましたが、警告がいくつか残っています。',
    'この関数は並行処理のときに二重に書き込むので、排他制御が必要です。',
    'データベースの構造は変更しないでください。インデックスの追加だけ可能です。',
    '設定ファイルを別のディレクトリに移しました。',
    'キャッシュが解放されていないため、メモリ使用量が増え続けています。',
  ],
  korean: [
    '먼저 로그인 오류 처리를 확인한 다음에 수정 방향을 정합시다.',
    '테스트는 모두 통과했지만 경고가 몇 개 남아 있습니다.',
    '이 함수는 동시에 실행되면 두 번 기록하므로 잠금이 필요합니다.',
    '데이터베이스 구조는 바꾸지 마세요. 인덱스만 추가할 수 있습니다.',
    '설정 파일을 별도의 폴더로 옮겼습니다.',
    '캐시가 해제되지 않아 메모리 사용량이 계속 늘어납니다.',
  ],
};

const bytes = (n: number): Buffer => Buffer.from(Array.from({ length: n }, () => Math.floor(random() * 256)));
const transcript = generatedSessions(1)
  .filter(({ name }) => name.endsWith(' 1000'))
  .map(({ session }) =>
    [...session.entries()]
      .map((entry) =>
        entry.type === 'message'
          ? entry.parts
              .map((part) =>
                part.type === 'text'
                  ? part.text
                  : part.type === 'tool_result'
                    ? part.content.map((content) => (content.type === 'text' ? content.text : '')).join('')
                    : part.type === 'tool_call'
                      ? JSON.stringify(part.input)
                      : '',
              )
              .join('\n')
          : '',
      )
      .join('\n'),
  );
const kinds: [string, string[]][] = [
  ['TypeScript', files('src', '.ts').slice(0, 120)],
  ['session records (JSON lines)', files('src/agents', '.jsonl')],
  ['transcripts (generated)', transcript],
  ['Markdown', files('src', '.md')],
  ...Object.entries(ideographs).map(([language, list]): [string, string[]] => [
    language,
    [Array.from({ length: 2000 }, () => pick(random, list)).join('')],
  ]),
  ['base64', [bytes(90_000).toString('base64')]],
  ['hex', [bytes(60_000).toString('hex')]],
];

const count = await loadTokenCounter();
console.log('error of the estimate          p5     median   p95    worst   pieces');
for (const [kind, texts] of kinds) {
  const all = texts.join('\n');
  const errors: number[] = [];
  for (let at = 0; at + PIECE <= all.length && errors.length < 150; at += PIECE) {
    const piece = all.slice(at, at + PIECE);
    const exact = count(piece);
    errors.push((100 * (estimateTokens(piece) - exact)) / exact);
  }
  errors.sort((a, b) => a - b);
  const at = (share: number): string =>
    (errors[Math.floor(share * (errors.length - 1))] ?? 0).toFixed(0).padStart(4);
  const worst = errors.reduce((most, own) => (Math.abs(own) > Math.abs(most) ? own : most), 0);
  console.log(
    `${kind.padEnd(29)} ${at(0.05)} % ${at(0.5)} % ${at(0.95)} %  ${worst.toFixed(0).padStart(4)} %   ${errors.length}`,
  );
}
