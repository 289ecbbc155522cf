using System.Text.Json;
using System.Text.Json.Serialization;

namespace TrainHarness.Protocol;

/// <summary>How weights follow from gradients.</summary>
[JsonConverter(typeof(OptimizerRuleConverter))]
public abstract record OptimizerRule
{
    public required double WeightDecay { get; init; }

    /// <summary>Parameters with at most one dimension longer than 1 do not decay: biases, weights of normalisation, layer scales, class tokens.</summary>
    public bool ExemptOneDimensional { get; init; }
}

/// <summary>Stochastic gradient descent with momentum; weight decay is added to the gradient.</summary>
public sealed record SgdRule : OptimizerRule
{
    public required double Momentum { get; init; }

    public required bool Nesterov { get; init; }
}

/// <summary>RMSprop (Tieleman and Hinton 2012) with momentum; weight decay is added to the gradient.</summary>
public sealed record RmsPropRule : OptimizerRule
{
    /// <summary>Of the running mean of squared gradients.</summary>
    public required double Decay { get; init; }

    public required double Momentum { get; init; }

    /// <summary>Added to the root of that mean.</summary>
    public required double Epsilon { get; init; }
}

/// <summary>Adam with decoupled weight decay (arXiv:1711.05101), which is multiplied by the learning rate.</summary>
public sealed record AdamWRule : OptimizerRule
{
    public required double Beta1 { get; init; }

    public required double Beta2 { get; init; }

    public required double Epsilon { get; init; }
}

/// <summary>Writes the kind into record.json, and reads records from before there was one: those were SGD.</summary>
internal sealed class OptimizerRuleConverter : JsonConverter<OptimizerRule>
{
    public override OptimizerRule? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var kind = document.RootElement.TryGetProperty("kind", out var text) ? text.GetString() : "sgd";
        return kind switch
        {
            "sgd" => document.Deserialize<SgdRule>(options),
            "rmsprop" => document.Deserialize<RmsPropRule>(options),
            "adamw" => document.Deserialize<AdamWRule>(options),
            _ => throw new JsonException($"unknown optimizer '{kind}'."),
        };
    }

    public override void Write(Utf8JsonWriter writer, OptimizerRule value, JsonSerializerOptions options)
    {
        var fields = JsonSerializer.SerializeToNode(value, value.GetType(), options)!.AsObject();
        fields.Insert(0, "kind", KindOf(value));
        fields.WriteTo(writer, options);
    }

    private static string KindOf(OptimizerRule rule) => rule switch
    {
        SgdRule => "sgd",
        RmsPropRule => "rmsprop",
        AdamWRule => "adamw",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, null),
    };
}
