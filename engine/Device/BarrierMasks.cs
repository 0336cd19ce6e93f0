namespace VkNet.Devices;

/// <summary>The Vulkan stages and accesses that a <see cref="BarrierScope"/> stands for.</summary>
internal static class BarrierMasks
{
    private const AccessFlags ShaderAccess = AccessFlags.ShaderReadBit | AccessFlags.ShaderWriteBit | AccessFlags.UniformReadBit;
    private const AccessFlags TransferAccess = AccessFlags.TransferReadBit | AccessFlags.TransferWriteBit;

    /// <summary>Stages before and after, writes to make available, accesses to make them visible to.</summary>
    public static (PipelineStageFlags SourceStages, PipelineStageFlags DestinationStages, AccessFlags Source, AccessFlags Destination) Of(BarrierScope scope)
    {
        PipelineStageFlags sourceStages = 0, destinationStages = 0;
        AccessFlags source = 0, destination = 0;
        void Add(bool present, PipelineStageFlags from, AccessFlags written, PipelineStageFlags to, AccessFlags accessed)
        {
            if (!present) return;
            sourceStages |= from;
            source |= written;
            destinationStages |= to;
            destination |= accessed;
        }
        Add(scope.HasFlag(BarrierScope.ComputeToCompute), PipelineStageFlags.ComputeShaderBit, AccessFlags.ShaderWriteBit, PipelineStageFlags.ComputeShaderBit, ShaderAccess);
        Add(scope.HasFlag(BarrierScope.TransferToCompute), PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit, PipelineStageFlags.ComputeShaderBit, ShaderAccess);
        Add(scope.HasFlag(BarrierScope.ComputeToTransfer), PipelineStageFlags.ComputeShaderBit, AccessFlags.ShaderWriteBit, PipelineStageFlags.TransferBit, TransferAccess);
        Add(scope.HasFlag(BarrierScope.TransferToTransfer), PipelineStageFlags.TransferBit, AccessFlags.TransferWriteBit, PipelineStageFlags.TransferBit, TransferAccess);
        Add(
            scope.HasFlag(BarrierScope.ToHost),
            PipelineStageFlags.ComputeShaderBit | PipelineStageFlags.TransferBit,
            AccessFlags.ShaderWriteBit | AccessFlags.TransferWriteBit,
            PipelineStageFlags.HostBit,
            AccessFlags.HostReadBit);
        return (sourceStages, destinationStages, source, destination);
    }
}
