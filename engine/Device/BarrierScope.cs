namespace VkNet.Devices;

/// <summary>What a barrier orders: everything recorded before it with everything recorded after it, of these kinds.</summary>
[Flags]
internal enum BarrierScope
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Kernels before, kernels after (reads after writes, writes after reads, writes after writes).</summary>
    ComputeToCompute = 1,

    /// <summary>Copies and fills before, kernels after.</summary>
    TransferToCompute = 2,

    /// <summary>Kernels before, copies and fills after.</summary>
    ComputeToTransfer = 4,

    /// <summary>Copies and fills before, copies and fills after.</summary>
    TransferToTransfer = 8,

    /// <summary>Kernels, copies and fills before; reads by the host once the recording has completed.</summary>
    ToHost = 16,

    /// <summary>All kernels, copies and fills before; all kernels, copies and fills after.</summary>
    Device = ComputeToCompute | TransferToCompute | ComputeToTransfer | TransferToTransfer,
}
