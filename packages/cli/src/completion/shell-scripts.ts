import { askCandidates } from "./ask-candidates.js";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/*
 * The scripts get all candidates from the command in PATH, never from the word that was typed: completing
 * `./molecule-image` must not run a program in the current directory.
 */
export const shellScripts: Readonly<Record<Shell, string>> = {
  bash: `# bash completion for molecule-image
_molecule_image() {
  local value about
  COMPREPLY=()
  while IFS=$'\\t' read -r value about; do
    case $value in
      :files) compopt -o default 2>/dev/null ;;
      :directories) compopt -o dirnames 2>/dev/null ;;
      *=) COMPREPLY+=("$value"); compopt -o nospace 2>/dev/null ;;
      *) COMPREPLY+=("$value") ;;
    esac
  done < <(command molecule-image ${askCandidates} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _molecule_image molecule-image
`,
  zsh: `#compdef molecule-image
# zsh completion for molecule-image
_molecule_image() {
  local line start
  local -a described suffix
  for line in "\${(@f)$(command molecule-image ${askCandidates} "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    start=\${line#*$'\\t'}
    case $line in
      '') ;;
      :files*) [ -z "$start" ] || compset -p \${#start}; _files; return ;;
      :directories*) [ -z "$start" ] || compset -p \${#start}; _files -/; return ;;
      *=$'\\t'*) suffix=(-S '') ;|
      *) described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  _describe molecule-image described "\${suffix[@]}"
}
if [ "\${funcstack[1]}" = _molecule-image ]; then _molecule_image "$@"; else compdef _molecule_image molecule-image; fi
`,
  fish: `# fish completion for molecule-image
function __molecule_image_candidates
    set -l words (commandline -opc) (commandline -ct)
    for line in (command molecule-image ${askCandidates} $words[2..-1] 2>/dev/null)
        switch $line
            case ':files*'
                set -l start (string split -m 1 \\t -- $line)[2]
                set -l typed (string sub -s (math 1 + (string length -- "$start")) -- (commandline -ct))
                printf '%s\\n' $start(__fish_complete_path "$typed")
            case ':directories*'
                set -l start (string split -m 1 \\t -- $line)[2]
                set -l typed (string sub -s (math 1 + (string length -- "$start")) -- (commandline -ct))
                printf '%s\\n' $start(__fish_complete_directories "$typed")
            case '*'
                echo $line
        end
    end
end
complete --command molecule-image --no-files --arguments '(__molecule_image_candidates)'
`,
};
