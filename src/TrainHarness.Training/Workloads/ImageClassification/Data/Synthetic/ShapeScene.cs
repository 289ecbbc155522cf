using System.Buffers;

namespace TrainHarness.Training.Workloads.ImageClassification.Data.Synthetic;

/// <summary>
/// Draws one example: a shape of random place, size, tilt and colours on a textured gradient, with lines and blobs behind it, and noise
/// over all. The shape is lighter than its ground by as much in every class, so that colours say nothing about the class. Additions,
/// products and quotients of floats only, which are rounded alike on every machine.
/// </summary>
internal static class ShapeScene
{
    /// <summary>Part of every drawn dataset's identity; goes up with any change of what is drawn.</summary>
    public const int Version = 4;

    // How hard the task is. Lengths are parts of the side, brightness goes from 0 to 1.
    private const float SmallestRadius = 0.30f;
    private const float LargestRadius = 0.42f;
    private const float Shift = 0.06f; // how far a shape's centre strays from the middle
    private const float LargestTilt = 0.08f; // tangent of half the angle: about 9 degrees
    private const float SmallestContrast = 0.45f;
    private const float LargestContrast = 0.70f;
    private const float Tint = 0.12f; // how far each channel of the shape strays from its brightness
    private const float DarkestGround = 0.15f;
    private const float LightestGround = 0.50f;
    private const float Texture = 0.10f;
    private const int TextureCells = 6;
    private const int MinDistractors = 0;
    private const int MaxDistractors = 2;
    private const float SmallestBlob = 0.03f;
    private const float LargestBlob = 0.08f;
    private const float ThinnestLine = 0.008f;
    private const float ThickestLine = 0.02f;
    private const float DistractorContrast = 0.35f;
    private const float Noise = 0.06f;

    private const int Channels = 3;
    private const int SamplesPerAxis = 2; // antialiasing: four samples per pixel

    /// <summary>Writes 3 × side × side bytes, red plane first.</summary>
    /// <param name="key">At least eight bytes that decide everything random.</param>
    public static void Draw(Shape shape, ReadOnlySpan<byte> key, int side, Span<byte> planes)
    {
        var random = new ShapeRandom(key);
        var rented = ArrayPool<float>.Shared.Rent(Channels * side * side);
        var canvas = new Canvas(rented.AsSpan(0, Channels * side * side), side);
        var from = random.Colour(DarkestGround, LightestGround);
        var to = random.Colour(DarkestGround, LightestGround);
        DrawGround(canvas, from, to, ref random);
        var distractors = random.Between(MinDistractors, MaxDistractors);
        for (var i = 0; i < distractors; i++)
            DrawDistractor(canvas, from, ref random);
        DrawShape(canvas, shape, from, to, ref random);
        WriteNoisy(canvas, planes, ref random);
        ArrayPool<float>.Shared.Return(rented);
    }

    private static void DrawGround(Canvas canvas, Colour from, Colour to, ref ShapeRandom random)
    {
        var alongX = random.Between(-1f, 1f);
        var alongY = random.Between(-1f, 1f);
        Span<float> cells = stackalloc float[(TextureCells + 1) * (TextureCells + 1)];
        foreach (ref var cell in cells)
            cell = random.Between(-Texture, Texture);
        for (var y = 0; y < canvas.Side; y++)
        {
            for (var x = 0; x < canvas.Side; x++)
            {
                var u = (x + 0.5f) / canvas.Side;
                var v = (y + 0.5f) / canvas.Side;
                var part = Math.Clamp(0.5f + (alongX * (u - 0.5f)) + (alongY * (v - 0.5f)), 0f, 1f);
                var texture = At(cells, u * TextureCells, v * TextureCells);
                canvas.Set(
                    x,
                    y,
                    Mix(from.Red, to.Red, part) + texture,
                    Mix(from.Green, to.Green, part) + texture,
                    Mix(from.Blue, to.Blue, part) + texture
                );
            }
        }
    }

    private static float At(ReadOnlySpan<float> cells, float u, float v)
    {
        const int stride = TextureCells + 1;
        var column = (int)u;
        var row = (int)v;
        var cell = (row * stride) + column;
        var upper = Mix(cells[cell], cells[cell + 1], u - column);
        var lower = Mix(cells[cell + stride], cells[cell + stride + 1], u - column);
        return Mix(upper, lower, v - row);
    }

    private static void DrawDistractor(Canvas canvas, Colour ground, ref ShapeRandom random)
    {
        var colour = Contrasting(ground, random.Between(-DistractorContrast, DistractorContrast), ref random);
        if (random.Between(0, 1) == 0)
            DrawBlob(canvas, colour, ref random);
        else
            DrawLine(canvas, colour, ref random);
    }

    private static void DrawBlob(Canvas canvas, Colour colour, ref ShapeRandom random)
    {
        float x = random.Between(0f, 1f),
            y = random.Between(0f, 1f);
        float width = random.Between(SmallestBlob, LargestBlob),
            height = random.Between(SmallestBlob, LargestBlob);
        Fill(canvas, colour, x - width, x + width, y - height, y + height, (px, py) =>
        {
            float u = (px - x) / width,
                v = (py - y) / height;
            return (u * u) + (v * v) < 1;
        });
    }

    private static void DrawLine(Canvas canvas, Colour colour, ref ShapeRandom random)
    {
        float x0 = random.Between(0f, 1f),
            y0 = random.Between(0f, 1f);
        float dx = random.Between(0f, 1f) - x0,
            dy = random.Between(0f, 1f) - y0;
        var half = random.Between(ThinnestLine, ThickestLine);
        var squared = Math.Max((dx * dx) + (dy * dy), half * half);
        Fill(
            canvas,
            colour,
            Math.Min(x0, x0 + dx) - half,
            Math.Max(x0, x0 + dx) + half,
            Math.Min(y0, y0 + dy) - half,
            Math.Max(y0, y0 + dy) + half,
            (px, py) =>
            {
                var along = Math.Clamp((((px - x0) * dx) + ((py - y0) * dy)) / squared, 0f, 1f);
                float u = px - x0 - (along * dx),
                    v = py - y0 - (along * dy);
                return (u * u) + (v * v) < half * half;
            }
        );
    }

    private static void DrawShape(Canvas canvas, Shape shape, Colour from, Colour to, ref ShapeRandom random)
    {
        var radius = random.Between(SmallestRadius, LargestRadius);
        float x = 0.5f + random.Between(-Shift, Shift),
            y = 0.5f + random.Between(-Shift, Shift);
        var tilt = random.Between(-LargestTilt, LargestTilt);
        float cosine = (1 - (tilt * tilt)) / (1 + (tilt * tilt)),
            sine = 2 * tilt / (1 + (tilt * tilt));
        var contrast = random.Between(SmallestContrast, LargestContrast);
        var ground = new Colour((from.Red + to.Red) / 2, (from.Green + to.Green) / 2, (from.Blue + to.Blue) / 2);
        var colour = Contrasting(ground, contrast, ref random);
        // A tilted square reaches farther than its radius; half as much again is enough for any tilt.
        var reach = 1.5f * radius;
        Fill(canvas, colour, x - reach, x + reach, y - reach, y + reach, (px, py) =>
        {
            float u = (px - x) / radius,
                v = (py - y) / radius;
            return shape.Contains((cosine * u) + (sine * v), (cosine * v) - (sine * u));
        });
    }

    private static Colour Contrasting(Colour ground, float contrast, ref ShapeRandom random) =>
        new(
            Math.Clamp(ground.Red + contrast + random.Between(-Tint, Tint), 0f, 1f),
            Math.Clamp(ground.Green + contrast + random.Between(-Tint, Tint), 0f, 1f),
            Math.Clamp(ground.Blue + contrast + random.Between(-Tint, Tint), 0f, 1f)
        );

    private static void Fill(
        Canvas canvas,
        Colour colour,
        float left,
        float right,
        float top,
        float bottom,
        Func<float, float, bool> contains
    )
    {
        var side = canvas.Side;
        int lastX = Math.Min(side - 1, (int)(right * side)),
            lastY = Math.Min(side - 1, (int)(bottom * side));
        for (var y = Math.Max(0, (int)(top * side)); y <= lastY; y++)
        {
            for (var x = Math.Max(0, (int)(left * side)); x <= lastX; x++)
                canvas.Blend(x, y, colour, Coverage(x, y, side, contains));
        }
    }

    private static float Coverage(int x, int y, int side, Func<float, float, bool> contains)
    {
        var hits = 0;
        for (var i = 0; i < SamplesPerAxis; i++)
        {
            for (var j = 0; j < SamplesPerAxis; j++)
            {
                if (contains((x + ((i + 0.5f) / SamplesPerAxis)) / side, (y + ((j + 0.5f) / SamplesPerAxis)) / side))
                    hits++;
            }
        }

        return hits / (float)(SamplesPerAxis * SamplesPerAxis);
    }

    // The sum of two uniform numbers: a triangle, near enough to a bell.
    private static void WriteNoisy(Canvas canvas, Span<byte> planes, ref ShapeRandom random)
    {
        const float half = 1f / (1 << 16);
        for (var i = 0; i < planes.Length; i++)
        {
            var bits = random.Next();
            var noise = Noise * ((((bits & 0xFFFF) + ((bits >> 16) & 0xFFFF)) * half) - 1);
            planes[i] = (byte)(Math.Clamp(canvas.Values[i] + noise, 0f, 1f) * 255 + 0.5f);
        }
    }

    private static float Mix(float from, float to, float part) => from + ((to - from) * part);

    /// <summary>Three planes of brightness.</summary>
    private readonly ref struct Canvas(Span<float> values, int side)
    {
        public Span<float> Values { get; } = values;

        public int Side { get; } = side;

        public void Set(int x, int y, float red, float green, float blue)
        {
            var i = (y * Side) + x;
            Values[i] = red;
            Values[i + (Side * Side)] = green;
            Values[i + (2 * Side * Side)] = blue;
        }

        public void Blend(int x, int y, Colour colour, float part)
        {
            var i = (y * Side) + x;
            Values[i] = Mix(Values[i], colour.Red, part);
            Values[i + (Side * Side)] = Mix(Values[i + (Side * Side)], colour.Green, part);
            Values[i + (2 * Side * Side)] = Mix(Values[i + (2 * Side * Side)], colour.Blue, part);
        }
    }
}
