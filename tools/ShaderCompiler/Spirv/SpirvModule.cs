using System.Buffers.Binary;
using System.Text;

namespace VkNet.ShaderCompiler.Spirv;

/// <summary>A SPIR-V module as a list of instructions. Knows the encoding and nothing of the meaning.</summary>
internal sealed class SpirvModule
{
    private const uint Magic = 0x07230203;
    private const int HeaderWords = 5;
    private readonly uint[] words;

    private SpirvModule(uint[] words) => this.words = words;

    /// <summary>Reads a module.</summary>
    /// <exception cref="InvalidDataException">The bytes are no SPIR-V module, or an instruction runs past the end.</exception>
    public static SpirvModule Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % 4 != 0 || bytes.Length < HeaderWords * 4) throw new InvalidDataException($"{bytes.Length} bytes are no SPIR-V module");
        var words = new uint[bytes.Length / 4];
        for (var i = 0; i < words.Length; i++) words[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 * i)..]);
        if (words[0] != Magic) throw new InvalidDataException($"0x{words[0]:X8} is not SPIR-V's magic number");
        for (var at = HeaderWords; at < words.Length;)
        {
            var count = (int)(words[at] >> 16);
            if (count == 0 || at + count > words.Length) throw new InvalidDataException($"the instruction at word {at} is {count} words long");
            at += count;
        }
        return new SpirvModule(words);
    }

    /// <summary>The instructions in order.</summary>
    public IEnumerable<Instruction> Instructions
    {
        get
        {
            for (var at = HeaderWords; at < words.Length; at += (int)(words[at] >> 16))
                yield return new Instruction((SpirvOp)(words[at] & 0xFFFF), new ArraySegment<uint>(words, at + 1, (int)(words[at] >> 16) - 1));
        }
    }

    /// <summary>
    /// The module without its debug instructions (names, sources, lines): smaller, and the same whatever folder it was built in.
    /// </summary>
    public byte[] Strip()
    {
        var kept = new List<uint>(words.Length);
        kept.AddRange(words.AsSpan(0, HeaderWords));
        for (var at = HeaderWords; at < words.Length; at += (int)(words[at] >> 16))
        {
            if (!IsDebug((SpirvOp)(words[at] & 0xFFFF))) kept.AddRange(words.AsSpan(at, (int)(words[at] >> 16)));
        }
        var bytes = new byte[kept.Count * 4];
        for (var i = 0; i < kept.Count; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), kept[i]);
        return bytes;
    }

    /// <summary>Whether an instruction only helps debuggers.</summary>
    public static bool IsDebug(SpirvOp op) => op is SpirvOp.SourceContinued or SpirvOp.Source or SpirvOp.SourceExtension
        or SpirvOp.Name or SpirvOp.MemberName or SpirvOp.String or SpirvOp.Line or SpirvOp.NoLine or SpirvOp.ModuleProcessed;

    /// <summary>One instruction: its opcode and the words after the first.</summary>
    internal readonly record struct Instruction(SpirvOp Op, ArraySegment<uint> Operands)
    {
        /// <summary>The operand at a position.</summary>
        public uint this[int index] => Operands[index];

        /// <summary>The nul-terminated UTF-8 text that starts at an operand.</summary>
        public string Text(int start)
        {
            var bytes = new byte[4 * (Operands.Count - start)];
            for (var i = start; i < Operands.Count; i++) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * (i - start)), Operands[i]);
            var length = Array.IndexOf(bytes, (byte)0);
            return Encoding.UTF8.GetString(bytes, 0, length < 0 ? bytes.Length : length);
        }
    }
}
