namespace QLearning;

/// <summary>
/// A pole on a cart that is pushed left or right: Barto, Sutton, Anderson, "Neuronlike adaptive elements that can solve difficult
/// learning control problems", 1983. Units: metres, seconds, kilograms, radians.
/// </summary>
internal sealed class CartPole(Random random)
{
    /// <summary>Position and velocity of the cart, angle and angular velocity of the pole.</summary>
    internal const int Features = 4;

    /// <summary>Left, right.</summary>
    internal const int Actions = 2;

    /// <summary>An episode is won when the pole has stood for so many steps.</summary>
    internal const int LongestEpisode = 200;

    private const double Gravity = 9.8, CartMass = 1, PoleMass = 0.1, HalfLength = 0.5, Force = 10, TimeStep = 0.02;
    private const double TotalMass = CartMass + PoleMass;
    private double _position, _velocity, _angle, _spin;
    private int _steps;

    /// <summary>Writes the state.</summary>
    internal void Observe(Span<float> state) => (state[0], state[1], state[2], state[3]) = ((float)_position, (float)_velocity, (float)_angle, (float)_spin);

    /// <summary>Begins an episode, nearly upright.</summary>
    internal void Reset()
    {
        (_position, _velocity, _angle, _spin, _steps) = (Small(), Small(), Small(), Small(), 0);
        double Small() => 0.1 * random.NextDouble() - 0.05;
    }

    /// <summary>Pushes the cart for one time step.</summary>
    /// <param name="action">0 for left, 1 for right.</param>
    /// <returns>Whether the pole has fallen or the cart left its track, and whether the episode is over, for that reason or because it is won.</returns>
    internal (bool Fallen, bool Over) Push(int action)
    {
        var (sine, cosine) = Math.SinCos(_angle);
        var pull = ((action == 1 ? Force : -Force) + PoleMass * HalfLength * _spin * _spin * sine) / TotalMass;
        var turn = (Gravity * sine - cosine * pull) / (HalfLength * (4.0 / 3 - PoleMass * cosine * cosine / TotalMass));
        var push = pull - PoleMass * HalfLength * turn * cosine / TotalMass;
        (_position, _velocity) = (_position + TimeStep * _velocity, _velocity + TimeStep * push);
        (_angle, _spin) = (_angle + TimeStep * _spin, _spin + TimeStep * turn);
        var fallen = Math.Abs(_position) > 2.4 || Math.Abs(_angle) > 12 * Math.PI / 180;
        return (fallen, fallen || ++_steps == LongestEpisode);
    }
}
