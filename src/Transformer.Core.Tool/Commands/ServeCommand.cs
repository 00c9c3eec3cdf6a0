using System.CommandLine;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Transformer.Core.Extensions.AI;
using Transformer.Core.Numerics.Formats;
using Transformer.Core.Tool.Output;

namespace Transformer.Core.Tool.Commands;

/// <summary><c>transformer serve</c>: the web sample, for any model.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        Argument<string?> argument = SharedOptions.ModelArgument();
        Option<string?> model = SharedOptions.Model();
        Option<bool> json = SharedOptions.Json();
        Option<int?> threads = SharedOptions.Threads();
        Option<WeightFormat> kvCache = SharedOptions.KvCache();
        Option<string> host = new("--host") { Description = "The address to listen on. There is no password: others than this computer reach it only if you say so.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
        Option<int> port = SharedOptions.Integer("--port", 8080, 0, "The port; 0: any that is free.");
        port.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, out int value) && value > 65535)
                result.AddError("--port: expected 0 to 65535.");
        });
        Option<int> queue = SharedOptions.Integer("--queue", 16, 0, "Requests that may wait; more are answered by 503.");
        Option<int?> parallel = new("--parallel") { Description = "Requests that are answered at once. Default: one for each processor.", HelpName = "N" };

        Command command = new("serve", "Serve a model over OpenAI's endpoints, with a page to try it.") { argument, model, host, port, queue, parallel, threads, kvCache, json };
        command.SetAction((parsed, cancellationToken) => Task.Run(
            async () =>
            {
                WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot") });
                builder.Logging.ClearProviders();
                builder.WebHost.UseUrls($"http://{parsed.GetValue(host)}:{parsed.GetValue(port)}");
                // answers that never end must not hold up the end
                builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
                string path = ModelFile.Locate(SharedOptions.ModelOf(parsed, argument, model));
                builder.Services.AddTransformer(_ => ModelFile.Open(path, parsed.GetValue(threads), parsed.GetValue(kvCache)))
                    .AddWarmUp()
                    .AddHealthCheck()
                    .AddConcurrencyLimit(limit => (limit.MaxGenerations, limit.QueueLimit) = (parsed.GetValue(parallel), parsed.GetValue(queue)))
                    .AddOpenAI(options => options.FallbackTemplate = ChatTemplate.Plain);
                await using WebApplication app = builder.Build();
                app.UseDefaultFiles();
                app.UseStaticFiles();
                app.MapHealthChecks("/health");
                app.MapOpenAI();
                await app.StartAsync(cancellationToken);
                Say(app.Urls.First(), app.Services.GetRequiredService<TransformerModel>().Description.Name, parsed.GetValue(json));
                await app.WaitForShutdownAsync(cancellationToken);
                return 0;
            },
            CancellationToken.None));
        return command;
    }

    private static void Say(string url, string model, bool json)
    {
        if (json)
            JsonOutput.Write(writer =>
            {
                writer.WriteString("url", url);
                writer.WriteString("model", model);
            });
        else
            Console.WriteLine($"{model}: {url} (page), {url}/v1 (OpenAI's endpoints), {url}/health. Ctrl-C ends.");
    }
}
