using System.Linq.Expressions;
using System.Reflection;
using static TorchSharp.torch;

namespace TrainHarness.Training.Pricing;

/// <summary>Looks at every call of one layer, whatever it takes and gives, until it is disposed of.</summary>
internal sealed class LayerWatch : IDisposable
{
    private readonly Action remove;

    /// <exception cref="NotSupportedException">The layer takes and gives nothing that can be looked at.</exception>
    public LayerWatch(string name, nn.Module layer, Action<LayerRun> look)
    {
        if (layer is nn.Module<Tensor, Tensor> plain)
        {
            var hook = plain.register_forward_hook(
                (_, input, output) =>
                {
                    look(LayerRun.Of([input], output));
                    return output;
                }
            );
            remove = hook.remove;
            return;
        }

        var hookable = Hookable(layer.GetType())
            ?? throw new NotSupportedException(
                $"{layer.GetType().Name} ('{name}') has a price and is no Module<…>: what it takes cannot be seen."
            );
        var registered = Call(hookable, nameof(nn.Module<,>.register_forward_hook), layer, Hook(hookable.GetGenericArguments()[1], look));
        remove = () => Call(registered.GetType(), "remove", registered);
    }

    public void Dispose() => remove();

    private static Type? Hookable(Type? type) =>
        type is null || (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(nn.HookableModule<,>))
            ? type
            : Hookable(type.BaseType);

    private static object Call(Type type, string method, object instance, params object[] arguments) =>
        type.GetMethod(method, BindingFlags.Public | BindingFlags.Instance, Type.GetTypeArray(arguments))!.Invoke(instance, arguments)!;

    /// <summary>A hook of the type that the layer's number of parameters asks for: (module, input, …, output) => output.</summary>
    private static Delegate Hook(Type type, Action<LayerRun> look)
    {
        ParameterExpression[] parameters =
        [
            .. type.GetMethod("Invoke")!.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType)),
        ];
        var inputs = Expression.NewArrayInit(typeof(object), parameters[1..^1].Select(Boxed));
        Action<object?[], object?> seen = (arguments, answer) => look(LayerRun.Of(arguments, answer));
        return Expression
            .Lambda(
                type,
                Expression.Block(Expression.Invoke(Expression.Constant(seen), inputs, Boxed(parameters[^1])), parameters[^1]),
                parameters
            )
            .Compile();
    }

    private static UnaryExpression Boxed(ParameterExpression parameter) => Expression.Convert(parameter, typeof(object));
}
