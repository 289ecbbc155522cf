using System.Linq.Expressions;
using static TorchSharp.torch;

namespace TrainHarness.Training.Compute;

/// <summary>Looks at every call of one layer, whatever it takes and gives, until it is disposed of.</summary>
internal sealed class LayerWatch : IDisposable
{
    private readonly Action remove;

    /// <exception cref="NotSupportedException">The layer takes and gives nothing that can be looked at.</exception>
    public LayerWatch(string name, nn.Module layer, Action<LayerRun> look)
    {
        if (layer is nn.Module<Tensor, Tensor> plain)
        {
            var plainHook = plain.register_forward_hook((_, input, output) =>
            {
                look(LayerRun.Of([input], output));
                return output;
            });
            remove = plainHook.remove;
            return;
        }

        var hookable = Hookable(layer.GetType())
            ?? throw new NotSupportedException($"{layer.GetType().Name} ('{name}') has a price and is no Module<…>: what it takes cannot be seen.");
        // Another of the same name looks at the module alone.
        var hook = Hook(hookable.GetGenericArguments()[1], look);
        var registered = hookable.GetMethod(nameof(nn.Module<,>.register_forward_hook), [hook.GetType()])!.Invoke(layer, [hook])!;
        remove = () => registered.GetType().GetMethod("remove", [])!.Invoke(registered, []);
    }

    public void Dispose() => remove();

    private static Type? Hookable(Type? type) =>
        type is null || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(nn.HookableModule<,>)) ? type : Hookable(type.BaseType);

    /// <summary>A hook of the type that the layer's number of parameters asks for: (module, input, …, output) => output.</summary>
    private static Delegate Hook(Type type, Action<LayerRun> look)
    {
        ParameterExpression[] parameters = [.. type.GetMethod("Invoke")!.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType))];
        var inputs = Expression.NewArrayInit(typeof(object), parameters[1..^1].Select(Boxed));
        Action<object?[], object?> seen = (arguments, answer) => look(LayerRun.Of(arguments, answer));
        return Expression.Lambda(type, Expression.Block(Expression.Invoke(Expression.Constant(seen), inputs, Boxed(parameters[^1])), parameters[^1]), parameters).Compile();
    }

    private static UnaryExpression Boxed(ParameterExpression parameter) => Expression.Convert(parameter, typeof(object));
}
