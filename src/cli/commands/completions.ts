/** `segue completions`: small scripts that ask `segue complete` what may come next. */
import { exitCodes, SegueError } from '../../model/errors.ts';
import type { Invocation } from '../invocation.ts';

const scripts = new Map([
  [
    'bash',
    `_segue() {
  local current="\${COMP_WORDS[COMP_CWORD]}" value what
  [[ $current == [:=] ]] && current=
  COMPREPLY=()
  while IFS=$'\\t' read -r value what; do
    case $value in
      :directories) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
      :files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
      *) COMPREPLY+=("$value") ;;
    esac
  done < <(segue complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o nosort -F _segue segue 2>/dev/null || complete -F _segue segue
`,
  ],
  [
    'zsh',
    `#compdef segue
_segue() {
  local -a values
  local value what
  while IFS=$'\\t' read -r value what; do
    case $value in
      :directories) _directories; return ;;
      :files) _files; return ;;
      *) values+=("\${value//:/\\\\:}:$what") ;;
    esac
  done < <(segue complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( $#values )) && _describe -V segue values
}
if [[ $funcstack[1] == _segue ]]; then _segue "$@"; else compdef _segue segue; fi
`,
  ],
  [
    'fish',
    `function __segue_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    segue complete -- $before[2..-1] "$current" 2>/dev/null | while read -l line
        switch $line
            case ':directories'
                __fish_complete_directories "$current"
            case ':files'
                __fish_complete_path "$current"
            case '*'
                echo $line
        end
    end
end
complete -c segue -f -k -a '(__segue_complete)'
`,
  ],
  [
    'powershell',
    `Register-ArgumentCompleter -Native -CommandName segue -ScriptBlock {
    param($current, $commandAst, $cursor)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
    $next = if ($current -eq '') { @('--next') } else { @() }
    & segue complete @next -- @words 2>$null | ForEach-Object {
        $value, $what = $_ -split "\`t", 2
        if (-not $value.StartsWith(':')) {
            $tip = if ($what) { $what } else { $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $tip)
        }
    }
}
`,
  ],
]);

export async function run({ args, terminal }: Invocation): Promise<number> {
  const script = scripts.get(args[0] ?? '');
  if (script === undefined) {
    throw new SegueError('bad-usage', `no completions for "${args[0]}"`, {
      hint: `shells: ${[...scripts.keys()].join(', ')}`,
    });
  }
  terminal.out.write(script);
  return exitCodes.done;
}
