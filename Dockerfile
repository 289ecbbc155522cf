# The program in a container, for CPUs; for NVIDIA GPUs: docker build --build-arg BACKEND=cuda-linux . See docs/cluster.md.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG BACKEND=cpu
COPY . /source
RUN dotnet publish /source/src/TrainHarness.Cli --configuration Release --output /program -p:TorchBackend=$BACKEND

FROM mcr.microsoft.com/dotnet/runtime:10.0
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 libturbojpeg && rm -rf /var/lib/apt/lists/*
COPY --from=build /program /program
ENTRYPOINT ["/program/trainharness"]
