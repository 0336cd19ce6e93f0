using System.Collections;
using System.Runtime.CompilerServices;
using VkNet.Shaders;

namespace VkNet.Compilation;

/// <summary>Those slices of a dispatch that its kernel reads, or those that it writes.</summary>
internal sealed class SliceSelection : IReadOnlyList<TensorSlice>
{
    private readonly TensorSlice[] _slices;
    private readonly int[] _places;

    internal SliceSelection(KernelDescriptor kernel, TensorSlice[] slices, bool writable)
    {
        var places = Places.Of(kernel);
        (_slices, _places) = (slices, writable ? places.Written : places.Read);
    }

    /// <inheritdoc/>
    public int Count => _places.Length;

    /// <inheritdoc/>
    public TensorSlice this[int index] => _slices[_places[index]];

    /// <inheritdoc/>
    public IEnumerator<TensorSlice> GetEnumerator()
    {
        foreach (var place in _places) yield return _slices[place];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The order in which a kernel's tensor bindings stand in a call, the parameter block left out: found once.</summary>
    internal sealed class Places
    {
        private static readonly ConditionalWeakTable<KernelDescriptor, Places> Known = [];

        private readonly KernelBinding[] _bindings;
        private readonly int[] _ofSlot;

        private Places(KernelDescriptor kernel)
        {
            _bindings = [.. kernel.Bindings.Where(b => b.Kind != BindingKind.UniformBuffer)];
            _ofSlot = new int[kernel.Bindings.Max(b => b.Slot) + 1];
            for (var i = 0; i < _bindings.Length; i++) _ofSlot[_bindings[i].Slot] = i;
            Read = [.. Enumerable.Range(0, _bindings.Length).Where(i => !_bindings[i].Writable)];
            Written = [.. Enumerable.Range(0, _bindings.Length).Where(i => _bindings[i].Writable)];
        }

        /// <summary>How many there are.</summary>
        internal int Count => _bindings.Length;

        /// <summary>Those that are read only.</summary>
        internal int[] Read { get; }

        /// <summary>Those that may be written.</summary>
        internal int[] Written { get; }

        /// <summary>Those of a kernel.</summary>
        internal static Places Of(KernelDescriptor kernel) => Known.GetValue(kernel, k => new Places(k));

        /// <summary>The place of a slot.</summary>
        internal int OfSlot(int slot) => _ofSlot[slot];

        /// <summary>The binding's name.</summary>
        internal string NameOf(int place) => _bindings[place].Name;

        /// <summary>Whether it is an operand of a fused program.</summary>
        internal bool IsOperand(int place) => NameOf(place).StartsWith("Operand", StringComparison.Ordinal);
    }
}
