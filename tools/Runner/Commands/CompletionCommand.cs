using System.CommandLine;

namespace VkNet.Runner.Commands;

/// <summary><c>vknet completion</c>: a script that makes a shell complete vknet's commands, options and values. The shell asks vknet itself.</summary>
internal sealed class CompletionCommand : RunnerCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        // What is not suggested is completed as the name of a file.
        ["bash"] = """
            # vknet completion for bash: eval "$(vknet completion bash)"
            _vknet() {
                local line=${COMP_LINE:0:COMP_POINT} IFS=$'\n'
                line=${line#* }
                COMPREPLY=($(compgen -W "$("$1" "[suggest:${#line}]" "$line" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
            }
            complete -o default -o bashdefault -F _vknet vknet
            """,
        ["zsh"] = """
            # vknet completion for zsh: eval "$(vknet completion zsh)"
            _vknet() {
                local line=${LBUFFER#* }
                local -a found
                found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
                [[ -n "${found[1]}" ]] && compadd -- "${found[@]}" || _files
            }
            compdef _vknet vknet
            """,
        ["fish"] = """
            # vknet completion for fish: vknet completion fish | source
            function __vknet_suggest
                set -l line (string replace -r '^\S+ ?' '' -- (commandline -cp))
                set -l program (commandline -opc)[1]
                $program "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
            end
            complete -c vknet -a '(__vknet_suggest)'
            """,
        ["pwsh"] = """
            # vknet completion for PowerShell: vknet completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName vknet -ScriptBlock {
                param($word, $ast, $position)
                $line = $ast.ToString().PadRight($position).Substring(0, $position) -replace '^\S+ ?', ''
                & $ast.CommandElements[0].Value "[suggest:$($line.Length)]" $line 2>$null | Where-Object { $_ -like "$word*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    private readonly Argument<string> _shell = new("SHELL") { Description = "bash, zsh, fish or pwsh" };

    public CompletionCommand() => _shell.AcceptOnlyFromAmong([.. Scripts.Keys]);

    protected override string Name => "completion";

    protected override string Description => "Prints a script that makes a shell complete vknet's commands, options and values.";

    protected override IReadOnlyList<string> Examples => ["eval \"$(vknet completion bash)\"", "vknet completion pwsh | Out-String | Invoke-Expression"];

    protected override IEnumerable<Symbol> Symbols => [_shell];

    protected override int Execute(ParseResult arguments, CancellationToken cancellation)
    {
        Output.WriteLine(Scripts[arguments.GetValue(_shell)!].ReplaceLineEndings("\n"));
        return 0;
    }
}
