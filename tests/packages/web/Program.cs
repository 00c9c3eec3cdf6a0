using Transformer.Core;
using Transformer.Core.Extensions.Hosting;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer"))
    .AddWarmUp()
    .AddHealthCheck()
    .AddConcurrencyLimit();
WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/complete", async (string prompt, TextGenerator generator, GenerationGate gate, CancellationToken cancellationToken) =>
{
    using IDisposable place = await gate.EnterAsync(cancellationToken);
    return await Task.Run(() => generator.Complete(prompt, new GenerationOptions { MaxTokens = 100 }, cancellationToken).Text);
});
app.Run();
