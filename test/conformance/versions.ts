/** The real agents that the suite runs against. One place; change a version here and nowhere else. */

export interface AgentVersions {
  /** npm package. */
  package: string;
  version: string;
  /** Older versions that are tried as targets, too: `<agent>@<version>` in the matrix. */
  older?: string[];
  /** Other packages to install beside it, `name@version`. `VERSION` stands for the version being installed, `PATCH` for its end. */
  extra?: string[];
  /** File that proves the installation, below `node_modules`; default: `.bin/<bin>`. */
  bin: string;
  /** Lowest major version of Node that the agent starts on. */
  node?: number;
}

export const versions: Readonly<Record<string, AgentVersions>> = {
  auggie: { package: '@augmentcode/auggie', version: '0.36.0', bin: 'auggie' },
  claude: {
    package: '@anthropic-ai/claude-code',
    version: '2.1.332',
    older: ['2.1.197'],
    // the vendor's library of the same version, which lists sessions
    extra: ['@anthropic-ai/claude-agent-sdk@0.3.PATCH'],
    bin: 'claude',
    node: 22,
  },
  cline: { package: 'cline', version: '3.0.65', bin: 'cline' },
  codex: { package: '@openai/codex', version: '0.171.0', older: ['0.98.0'], bin: 'codex' },
  continue: { package: '@continuedev/cli', version: '1.5.47', bin: 'cn' },
  copilot: { package: '@github/copilot', version: '1.0.102', bin: 'copilot' },
  droid: {
    package: '@factory/cli-linux-x64',
    version: '0.225.2',
    // no entry in .bin
    bin: '../@factory/cli-linux-x64/bin/droid',
  },
  gemini: {
    package: '@google/gemini-cli',
    version: '0.61.0',
    older: ['0.45.2'],
    bin: 'gemini',
    node: 20,
  },
  kilo: {
    package: '@kilocode/cli',
    version: '7.7.7',
    extra: ['@kilocode/cli-linux-x64@VERSION'],
    bin: 'kilo',
  },
  kimi: { package: '@moonshot-ai/kimi-code', version: '2.1.0', bin: 'kimi', node: 24 },
  openclaw: { package: 'openclaw', version: '2026.9.6', bin: 'openclaw', node: 24 },
  opencode: { package: 'opencode-ai', version: '1.18.33', bin: 'opencode' },
  pi: {
    package: '@earendil-works/pi-coding-agent',
    version: '1.6.0',
    older: ['0.74.2'],
    bin: 'pi',
    node: 22,
  },
  qwen: { package: '@qwen-code/qwen-code', version: '0.24.4', older: ['0.15.10'], bin: 'qwen', node: 24 },
};
