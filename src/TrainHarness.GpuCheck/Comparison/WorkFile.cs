using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using TrainHarness.Results;
using static TorchSharp.torch;

namespace TrainHarness.GpuCheck.Comparison;

/// <summary>
/// What the other side starts from: one line of JSON, then the parameters, the images (float32) and the labels (int64), each N×C×H×W and
/// little-endian, with nothing between them.
/// </summary>
internal static class WorkFile
{
    public static void Write(string path, ComparedWork work, nn.Module network, Tensor images, Tensor labels)
    {
        using var file = File.Create(path);
        var parameters = network.named_parameters().ToList();
        var header = JsonSerializer.SerializeToNode(work, ResultsJson.Options)!.AsObject();
        header["parameters"] = new JsonArray([
            .. parameters.Select(pair => new JsonObject
            {
                ["name"] = pair.name,
                ["shape"] = new JsonArray([.. pair.parameter.shape.Select(size => (JsonNode)size)]),
            }),
        ]);
        file.Write(Encoding.UTF8.GetBytes(header.ToJsonString() + "\n"));
        foreach (var (_, parameter) in parameters)
            Write<float>(file, parameter);
        Write<float>(file, images);
        Write<long>(file, labels);
    }

    private static void Write<T>(Stream stream, Tensor tensor)
        where T : unmanaged
    {
        using var scope = NewDisposeScope();
        stream.Write(MemoryMarshal.AsBytes<T>(tensor.detach().cpu().contiguous().data<T>().ToArray()));
    }
}
