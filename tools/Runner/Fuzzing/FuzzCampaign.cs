using System.Text;

namespace VkNet.Runner.Fuzzing;

/// <summary>
/// Gives readers files changed at random and notes what they did not treat as promised: an exception that is no diagnostic of theirs, a
/// reading that computes for more than five seconds (or, on a machine busy with other work, has not ended after the patience given), more
/// than 1 GB allocated for one file. Mutation i of a reader depends only on the seed, the reader's name and i. What ends a process (a stack
/// overflow, a fault in native code) leaves the file that did it in the folder.
/// </summary>
/// <param name="seed">The same seed gives the same files.</param>
/// <param name="folder">Where the file being read lies.</param>
/// <param name="patience">How long a reading may wait without computing; two minutes when null.</param>
internal sealed class FuzzCampaign(int seed, string folder, TimeSpan? patience = null)
{
    private const long LargestAllocation = 1_000_000_000;
    private const int MostFindings = 20;
    private static readonly TimeSpan LongestReading = TimeSpan.FromSeconds(5);

    /// <summary>
    /// The caps to try readers with. A tensor of 4 GiB or a loop of 200,000 nodes may be asked for in a few bytes: with the defaults, memory
    /// and time would say nothing about the readers.
    /// </summary>
    internal static LimitSet Caps => Limits.Current with { MaximumTensorBytes = 256 << 20, MaximumDecompressedBytes = 256 << 20, MaximumPicturePixels = 1 << 24, MaximumGraphNodes = 20_000 };

    private string Folder => folder;

    private TimeSpan Patience => patience ?? TimeSpan.FromMinutes(2);

    /// <summary>Tries a reader; it is given up after twenty findings.</summary>
    internal FuzzResult Run(FuzzTarget target, int mutations, CancellationToken cancellation = default)
    {
        var findings = new List<FuzzFinding>();
        var (tried, values, refused) = (0, 0, 0);
        while (tried < mutations && findings.Count < MostFindings)
        {
            var reading = new Reading(this, target, tried, mutations, MostFindings - findings.Count, cancellation);
            var isHanging = reading.Watch();
            cancellation.ThrowIfCancellationRequested();
            (values, refused, tried) = (values + reading.Values, refused + reading.Refused, reading.Index);
            findings.AddRange(reading.Findings);
            if (!isHanging) continue;
            findings.Add(new FuzzFinding(target.Name, tried, "hang", $"reading took longer than {LongestReading.TotalSeconds} s", Make(target, tried)));
            tried++;
        }
        return new FuzzResult(target.Name, tried, values, refused, findings);
    }

    /// <summary>The file of a mutation.</summary>
    internal byte[] Make(FuzzTarget target, int mutation)
    {
        var number = unchecked(((uint)seed * 0x9E3779B1u) ^ ((uint)mutation * 0x85EBCA6Bu));
        foreach (var letter in Encoding.UTF8.GetBytes(target.Name)) number = unchecked((number ^ letter) * 16777619u);
        var random = new Random(unchecked((int)number));
        return target.Pack(target.Mutate(Mutation.Any(target.Seeds, random), random));
    }

    // Reads one file after another on a thread of its own, which is abandoned with its folder when one of them does not end.
    private sealed class Reading
    {
        private readonly FuzzCampaign _campaign;
        private readonly FuzzTarget _target;
        private readonly int _end;
        private readonly int _mostFindings;
        private readonly string _path;
        private readonly CancellationToken _cancellation;
        private long _started = Environment.TickCount64;
        private long _computed = Environment.CpuUsage.TotalTime.Ticks;
        private volatile bool _isAbandoned;
        private volatile int _index;

        internal Reading(FuzzCampaign campaign, FuzzTarget target, int start, int end, int mostFindings, CancellationToken cancellation)
        {
            (_campaign, _target, _index, _end, _mostFindings, _cancellation) = (campaign, target, start, end, mostFindings, cancellation);
            var own = Directory.CreateDirectory(Path.Combine(campaign.Folder, $"{target.Name.Replace(' ', '-')}-{start}")).FullName;
            foreach (var (name, content) in target.Beside) File.WriteAllBytes(Path.Combine(own, name), content);
            _path = Path.Combine(own, target.FileName);
        }

        internal int Index => _index;

        internal int Values { get; private set; }

        internal int Refused { get; private set; }

        internal List<FuzzFinding> Findings { get; } = [];

        // True when a file hangs, whose number is then the index.
        internal bool Watch()
        {
            var thread = new Thread(ReadAll) { IsBackground = true, Name = $"reader of {_target.Name}" };
            thread.Start();
            while (!thread.Join(100))
            {
                var index = _index;
                var taken = TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _started));
                if (taken < LongestReading || index != _index) continue;
                var computing = Environment.CpuUsage.TotalTime - TimeSpan.FromTicks(Volatile.Read(ref _computed));
                if ((computing < LongestReading && taken < _campaign.Patience) || index != _index) continue;
                _isAbandoned = true;
                return true;
            }
            return false;
        }

        private void ReadAll()
        {
            while (_index < _end && Findings.Count < _mostFindings && !_isAbandoned && !_cancellation.IsCancellationRequested)
            {
                var content = _campaign.Make(_target, _index);
                File.WriteAllBytes(_path, content);
                Volatile.Write(ref _computed, Environment.CpuUsage.TotalTime.Ticks);
                Volatile.Write(ref _started, Environment.TickCount64);
                ReadOne(content);
                if (_isAbandoned) return;
                _index++;
            }
        }

        private void ReadOne(byte[] content)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var (isRead, fault) = (false, (string?)null);
            try
            {
                isRead = _target.Read(_path);
            }
            catch (VkNetException e) when (e.Kind != ErrorKind.Internal && _target.Codes.Split(' ').Any(c => e.Diagnostic.Code.StartsWith(c, StringComparison.Ordinal)))
            {
                // Refused as promised.
            }
            catch (Exception e)
            {
                fault = e.ToString();
            }
            if (_isAbandoned) return;
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (fault is not null) Findings.Add(new FuzzFinding(_target.Name, _index, "exception", fault, content));
            else if (allocated > LargestAllocation) Findings.Add(new FuzzFinding(_target.Name, _index, "memory", $"{allocated} bytes allocated", content));
            else if (isRead) Values++;
            else Refused++;
        }
    }
}
