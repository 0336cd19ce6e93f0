namespace VkNet.Devices;

/// <summary>Asks a device which matrix products its hardware does, through either extension.</summary>
internal static unsafe class CooperativeMatrices
{
    /// <summary>The shapes of all subgroup-wide products; none where neither extension is offered.</summary>
    public static IReadOnlyList<CooperativeMatrixShape> Read(Vk api, Instance instance, PhysicalDevice device)
    {
        var shapes = new List<CooperativeMatrixShape>();
        if (api.IsDeviceExtensionPresent(device, KhrCooperativeMatrix.ExtensionName) &&
            HasFeature(api, device, StructureType.PhysicalDeviceCooperativeMatrixFeaturesKhr) &&
            api.TryGetInstanceExtension<KhrCooperativeMatrix>(instance, out var khr))
        {
            ReadKhr(khr, device, shapes);
        }
        if (api.IsDeviceExtensionPresent(device, NVCooperativeMatrix.ExtensionName) &&
            HasFeature(api, device, StructureType.PhysicalDeviceCooperativeMatrixFeaturesNV) &&
            api.TryGetInstanceExtension<NVCooperativeMatrix>(instance, out var nv))
        {
            ReadNv(nv, device, shapes);
        }
        return shapes;
    }

    // The two feature structures are laid out alike, so one serves for both questions.
    private static bool HasFeature(Vk api, PhysicalDevice device, StructureType type)
    {
        var feature = new PhysicalDeviceCooperativeMatrixFeaturesKHR { SType = type };
        var all = new PhysicalDeviceFeatures2 { SType = StructureType.PhysicalDeviceFeatures2, PNext = &feature };
        api.GetPhysicalDeviceFeatures2(device, &all);
        return feature.CooperativeMatrix;
    }

    private static void ReadKhr(KhrCooperativeMatrix khr, PhysicalDevice device, List<CooperativeMatrixShape> shapes)
    {
        uint count = 0;
        if (khr.GetPhysicalDeviceCooperativeMatrixProperties(device, &count, null) != Result.Success) return;
        var found = new CooperativeMatrixPropertiesKHR[count];
        Array.Fill(found, new CooperativeMatrixPropertiesKHR { SType = StructureType.CooperativeMatrixPropertiesKhr });
        fixed (CooperativeMatrixPropertiesKHR* first = found)
        {
            if (khr.GetPhysicalDeviceCooperativeMatrixProperties(device, &count, first) != Result.Success) return;
        }
        foreach (var m in found.Where(m => m.Scope == ScopeKHR.SubgroupKhr))
        {
            shapes.Add(new CooperativeMatrixShape((int)m.MSize, (int)m.NSize, (int)m.KSize, Name(m.AType), Name(m.BType), Name(m.CType), Name(m.ResultType), DeviceFeatures.CooperativeMatrix));
        }
    }

    private static void ReadNv(NVCooperativeMatrix nv, PhysicalDevice device, List<CooperativeMatrixShape> shapes)
    {
        uint count = 0;
        if (nv.GetPhysicalDeviceCooperativeMatrixProperties(device, &count, null) != Result.Success) return;
        var found = new CooperativeMatrixPropertiesNV[count];
        Array.Fill(found, new CooperativeMatrixPropertiesNV { SType = StructureType.CooperativeMatrixPropertiesNV });
        fixed (CooperativeMatrixPropertiesNV* first = found)
        {
            if (nv.GetPhysicalDeviceCooperativeMatrixProperties(device, &count, first) != Result.Success) return;
        }
        foreach (var m in found.Where(m => m.Scope == ScopeKHR.SubgroupKhr))
        {
            shapes.Add(new CooperativeMatrixShape((int)m.MSize, (int)m.NSize, (int)m.KSize, Name(m.AType), Name(m.BType), Name(m.CType), Name(m.DType), DeviceFeatures.CooperativeMatrixNv));
        }
    }

    private static string Name(ComponentTypeKHR type) => type.ToString().Replace("Khr", "", StringComparison.Ordinal);
}
