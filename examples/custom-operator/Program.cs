using CustomOperator;
using VkNet.Devices;
using VkNet.Execution;
using VkNet.Graphs;
using VkNet.Operators;
using VkNet.Training;

var operators = StandardOperators.Registry.Clone().Register(new SquaredDistance());
using var device = ComputeDevice.Open();

// The kernel against the host's evaluation, as 'vknet check' does for VkNet's own operators.
foreach (var result in new OperatorCheck(device, operators).Run(operators.Get("squared_distance")))
    Console.WriteLine($"device    {result.Status}: {result.Name}, largest error {result.MaximumError:0.0e+0} {result.Reason}");

// The gradient rule against central differences in double precision.
foreach (var error in GradientCheck.Run(operators, operators.Get("squared_distance"), operators.Get("squared_distance").Samples[0]))
    Console.WriteLine($"gradient  of {error.Input}: largest error {error.Error:0.0e+0}");

// A network that uses it, from files, as any other.
using var trainer = new Trainer(device, RecipeFile.Load(Path.Combine(AppContext.BaseDirectory, "rbf.train.yaml"), operators));
Console.WriteLine($"training  loss {trainer.Run().Train.Loss:0.000} on {device.Profile.Name}; answering 0 to everything costs 1");
