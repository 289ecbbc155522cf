using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Sources;

/// <summary>
/// Reads the data in a Python pickle and runs nothing that stands in it: numbers, text, lists, dictionaries and arrays of numpy, whose
/// names are recognised and mean what <see cref="PickledName"/> does. Every other instruction, and every other name, is refused.
/// </summary>
/// <remarks>
/// Values are: null, bool, long, string, bytes as <see cref="ReadOnlyMemory{T}"/> (which is what a string of Python 2 is), object?[] for
/// tuples, <see cref="List{T}"/>, <see cref="Dictionary{TKey, TValue}"/> with texts as keys, and <see cref="PickledArray"/>.
/// </remarks>
internal sealed class Pickle
{
    // The largest file of CIFAR takes about 0.4 million; a file of instructions alone may not take all memory.
    private const int MaxInstructions = 4_000_000;

    private const int MaxArguments = 16;

    // What it may not hold, by its name in Python's pickletools.
    private static readonly Dictionary<byte, string> Refused = new()
    {
        [(byte)'P'] = "PERSID",
        [(byte)'Q'] = "BINPERSID",
        [(byte)'i'] = "INST",
        [(byte)'o'] = "OBJ",
        [0x81] = "NEWOBJ",
        [0x92] = "NEWOBJ_EX",
        [0x82] = "EXT1",
        [0x83] = "EXT2",
        [0x84] = "EXT4",
        [(byte)'F'] = "FLOAT",
        [(byte)'G'] = "BINFLOAT",
        [0x8F] = "EMPTY_SET",
        [0x90] = "ADDITEMS",
        [0x91] = "FROZENSET",
        [0x97] = "NEXT_BUFFER",
        [0x98] = "READONLY_BUFFER",
    };

    private static readonly object Mark = new();

    private readonly ReadOnlyMemory<byte> file;

    // Bytes that may be copied: one that is copied again and again would take for ever.
    private const long CopiedTimesOver = 4;
    private const long CopiedAtLeast = 1 << 20;

    private readonly List<object?> stack = [];
    private readonly Dictionary<long, object?> memo = [];
    private int position;
    private long copied;

    private Pickle(ReadOnlyMemory<byte> file) => this.file = file;

    /// <summary>The value; bytes and arrays in it are parts of <paramref name="file"/> where they can be.</summary>
    /// <exception cref="InvalidDataException">It is no pickle, is cut off, or holds more than data.</exception>
    public static object? Read(ReadOnlyMemory<byte> file)
    {
        var pickle = new Pickle(file);
        for (var instructions = 0; instructions < MaxInstructions; instructions++)
        {
            var instruction = pickle.Byte();
            if (instruction == '.')
                return pickle.Pop();
            pickle.Run(instruction);
        }

        throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"it holds more than {MaxInstructions} instructions."));
    }

    private void Run(byte instruction)
    {
        switch ((char)instruction)
        {
            case '\x80':
                Require(Byte() <= 5, "it is a pickle of a protocol after 5.");
                break;
            case '\x95':
                Number(8);
                break;
            case '(':
                stack.Add(Mark);
                break;
            case '0':
                Pop();
                break;
            case '1':
                ToMark();
                break;
            case '2':
                stack.Add(Top());
                break;
            case 'p':
                memo[LineNumber()] = Top();
                break;
            case 'q':
                memo[Number(1)] = Top();
                break;
            case 'r':
                memo[Number(4)] = Top();
                break;
            case '\x94':
                memo[memo.Count] = Top();
                break;
            case 'g':
                stack.Add(Remembered(LineNumber()));
                break;
            case 'h':
                stack.Add(Remembered(Number(1)));
                break;
            case 'j':
                stack.Add(Remembered(Number(4)));
                break;
            case 'c':
                stack.Add(PickledName.Of(Latin(Line().Span), Latin(Line().Span)));
                break;
            case '\x93':
                var name = PoppedText();
                stack.Add(PickledName.Of(PoppedText(), name));
                break;
            case 'R':
                var arguments = Popped<object?[]>("a tuple");
                stack.Add(Popped<PickledName>("a name").Call(Counted(arguments)));
                break;
            case 'b':
                var state = Popped<object?[]>("a tuple");
                (Top() as IPickledState ?? throw new InvalidDataException("it sets the state of what has none.")).Set(Counted(state));
                break;
            default:
                if (!Collected(instruction))
                    stack.Add(Literal(instruction));
                break;
        }
    }

    private bool Collected(byte instruction)
    {
        switch ((char)instruction)
        {
            case 'a':
                var item = Pop();
                Beneath<List<object?>>("a list").Add(item);
                return true;
            case 'e':
                var items = ToMark();
                Beneath<List<object?>>("a list").AddRange(items);
                return true;
            case 's':
                var value = Pop();
                var key = PoppedText();
                Beneath<Dictionary<string, object?>>("a dictionary")[key] = value;
                return true;
            case 'u':
                var pairs = ToMark();
                Fill(Beneath<Dictionary<string, object?>>("a dictionary"), pairs);
                return true;
            case 'l':
                stack.Add(new List<object?>(ToMark()));
                return true;
            case 'd':
                stack.Add(Fill(new Dictionary<string, object?>(StringComparer.Ordinal), ToMark()));
                return true;
            case 't':
                stack.Add(ToMark());
                return true;
            case '\x85' or '\x86' or '\x87':
                var count = instruction - 0x84;
                var tuple = new object?[count];
                for (var i = count - 1; i >= 0; i--)
                    tuple[i] = Pop();
                stack.Add(tuple);
                return true;
            default:
                return false;
        }
    }

    private object? Literal(byte instruction) =>
        (char)instruction switch
        {
            'N' => null,
            '\x88' => true,
            '\x89' => false,
            'K' => Number(1),
            'M' => Number(2),
            'J' => (long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4).Span),
            'I' => Latin(Line().Span) switch
            {
                "00" => false,
                "01" => true,
                var digits => Digits(digits),
            },
            'L' => Digits(Latin(Line().Span).TrimEnd('L')),
            '\x8A' => Long(Bytes(Number(1)).Span),
            '\x8B' => Long(Bytes(Number(4)).Span),
            'U' or 'C' => Bytes(Number(1)),
            'T' or 'B' => Bytes(Number(4)),
            '\x8E' or '\x96' => Bytes(Number(8)),
            'X' => Text(Bytes(Number(4))),
            '\x8C' => Text(Bytes(Number(1))),
            '\x8D' => Text(Bytes(Number(8))),
            'S' => PickledText.Quoted(Line().Span),
            'V' => PickledText.Escaped(Line().Span),
            ']' => new List<object?>(),
            '}' => new Dictionary<string, object?>(StringComparer.Ordinal),
            ')' => Array.Empty<object?>(),
            _ => throw new InvalidDataException(
                Refused.TryGetValue(instruction, out var known)
                    ? $"it has the instruction {known}; allowed: those of numbers, text, lists, dictionaries and arrays."
                    : string.Create(CultureInfo.InvariantCulture, $"it is no pickle: byte {position - 1} is no instruction of one.")
            ),
        };

    private Dictionary<string, object?> Fill(Dictionary<string, object?> dictionary, object?[] pairs)
    {
        Require(pairs.Length % 2 == 0, "a key of it has no value.");
        for (var i = 0; i < pairs.Length; i += 2)
            dictionary[KeyText(pairs[i])] = pairs[i + 1];
        return dictionary;
    }

    private string KeyText(object? key) => PickledText.Of(Counted(key)) ?? throw new InvalidDataException("a key of it is no text.");

    private object?[] ToMark()
    {
        var mark = stack.LastIndexOf(Mark);
        Require(mark >= 0, "it is no pickle: a mark is missing.");
        object?[] above = [.. stack[(mark + 1)..]];
        stack.RemoveRange(mark, stack.Count - mark);
        return above;
    }

    private object? Top()
    {
        Require(stack.Count > 0 && stack[^1] != Mark, "it is no pickle: a value is missing.");
        return stack[^1];
    }

    private object? Pop()
    {
        var top = Top();
        stack.RemoveAt(stack.Count - 1);
        return top;
    }

    private T Popped<T>(string what)
        where T : class => Pop() as T ?? throw new InvalidDataException($"it has something else where {what} must be.");

    private T Beneath<T>(string what)
        where T : class => Top() as T ?? throw new InvalidDataException($"it has something else where {what} must be.");

    private string PoppedText() =>
        PickledText.Of(Counted(Pop())) ?? throw new InvalidDataException("it has something else where text must be.");

    private object?[] Counted(object?[] tuple)
    {
        Require(tuple.Length <= MaxArguments, "it has a tuple that is too long.");
        foreach (var part in tuple)
            Counted(part);
        return tuple;
    }

    private object? Counted(object? value)
    {
        copied += value switch
        {
            string text => text.Length,
            ReadOnlyMemory<byte> bytes => bytes.Length,
            _ => 0,
        };
        Require(copied <= Math.Max(CopiedAtLeast, CopiedTimesOver * file.Length), "it uses the same bytes again and again.");
        return value;
    }

    private object? Remembered(long index) =>
        memo.TryGetValue(index, out var value) ? value : throw new InvalidDataException("it refers to what was not there before.");

    private byte Byte() => Bytes(1).Span[0];

    private ReadOnlyMemory<byte> Bytes(long count)
    {
        Require(count >= 0 && count <= file.Length - position, "it is cut off.");
        var bytes = file.Slice(position, (int)count);
        position += (int)count;
        return bytes;
    }

    private long Number(int bytes)
    {
        long number = 0;
        var digits = Bytes(bytes).Span;
        for (var i = digits.Length - 1; i >= 0; i--)
            number = (number << 8) | digits[i];
        return number;
    }

    private ReadOnlyMemory<byte> Line()
    {
        var length = file.Span[position..].IndexOf((byte)'\n');
        Require(length >= 0, "it is cut off.");
        var line = Bytes(length);
        position++;
        return line;
    }

    private long LineNumber() => Digits(Latin(Line().Span));

    private static string Latin(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private static long Digits(string digits) =>
        long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidDataException("it has something else where a number must be.");

    private static long Long(ReadOnlySpan<byte> bytes)
    {
        Require(bytes.Length <= sizeof(long), "it holds a number of more than 64 bits.");
        return bytes.Length == 0 ? 0 : (long)new BigInteger(bytes);
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidDataException(otherwise);
    }
}
