using System.Globalization;
using QLearning;
using VkNet.Devices;

var episodes = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 250;
using var device = ComputeDevice.Open();
using var agent = new Agent(device, seed: 1);
var pole = new CartPole(new Random(1));
var (state, nextState) = (new float[CartPole.Features], new float[CartPole.Features]);

double lately = 0;
for (var episode = 1; episode <= episodes; episode++)
{
    lately += Episode(exploration: Math.Max(0.05, 1 - episode / 100.0), learn: true) / 25.0;
    if (episode % 25 != 0) continue;
    Console.WriteLine(FormattableString.Invariant($"episodes {episode - 24} to {episode}: the pole stood for {lately:0} steps on average"));
    lately = 0;
}
var trials = Enumerable.Range(0, 20).Select(_ => Episode(exploration: 0, learn: false)).ToList();
Console.WriteLine(FormattableString.Invariant($"without exploring: {trials.Average():0} of {CartPole.LongestEpisode} steps on average, {trials.Min()} at least, on {device.Profile.Name}"));

int Episode(double exploration, bool learn)
{
    pole.Reset();
    for (var steps = 1; ; steps++)
    {
        pole.Observe(state);
        var action = agent.Act(state, exploration);
        var (fallen, over) = pole.Push(action);
        pole.Observe(nextState);
        if (learn) agent.Learn(state, action, nextState, fallen);
        if (over) return steps;
    }
}
