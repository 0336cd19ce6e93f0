using System.Globalization;

namespace VkNet.Formats;

/// <summary>Whole-number arithmetic in graph files: sums, differences, products, exact quotients (/) and quotients rounded down (//) of numbers, symbols and $arguments, with brackets.</summary>
internal static class IntegerExpression
{
    /// <summary>Evaluates; null when the text is no such expression or a name is unknown.</summary>
    /// <exception cref="OverflowException">A result does not fit 64 bits.</exception>
    internal static long? Evaluate(string text, Func<string, long?> lookup)
    {
        if (text.Length > 200) return null;
        var position = 0;
        var value = Sum();
        Skip();
        return position == text.Length ? value : null;

        long? Sum()
        {
            var left = Product();
            while (left is not null && Peek() is '+' or '-')
            {
                var sign = text[position++];
                if (Product() is not { } right) return null;
                left = checked(sign == '+' ? left + right : left - right);
            }
            return left;
        }

        long? Product()
        {
            var left = Atom();
            while (left is not null && Peek() is '*' or '/')
            {
                var sign = text[position++];
                var rounds = sign == '/' && position < text.Length && text[position] == '/';
                if (rounds) position++;
                if (Atom() is not { } right) return null;
                if (sign == '*')
                {
                    left = checked(left * right);
                    continue;
                }
                if (right == 0 || (!rounds && left % right != 0)) return null;
                left = checked(left / right - (left % right != 0 && left < 0 != right < 0 ? 1 : 0));
            }
            return left;
        }

        long? Atom()
        {
            switch (Peek())
            {
                case '(':
                    position++;
                    var inner = Sum();
                    if (Peek() != ')') return null;
                    position++;
                    return inner;
                case '-':
                    position++;
                    return checked(-Atom());
            }
            var start = position;
            while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] is '_' or '$')) position++;
            var token = text[start..position];
            if (token.Length == 0) return null;
            return char.IsAsciiDigit(token[0])
                ? long.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null
                : lookup(token);
        }

        char Peek()
        {
            Skip();
            return position < text.Length ? text[position] : '\0';
        }

        void Skip()
        {
            while (position < text.Length && text[position] == ' ') position++;
        }
    }
}
