using Transformer.Core;
using Transformer.Core.Extensions.Hosting;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddTransformer(builder.Configuration.GetSection("Transformer"))
    .AddWarmUp()
    .AddHealthCheck()
    .AddConcurrencyLimit();
WebApplication app = builder.Build();
app.MapHealthChecks("/health");
app.MapGet("/complete", async (string prompt, TextGenerator generator, GenerationGate gate, HttpResponse response, CancellationToken cancellationToken) =>
{
    try
    {
        using IDisposable place = await gate.EnterAsync(cancellationToken);
        GenerationOptions options = new() { MaxTokens = 100 };
        return Results.Text(await Task.Run(() => generator.Complete(prompt, options, cancellationToken).Text));
    }
    catch (GenerationQueueFullException full)
    {
        response.Headers.RetryAfter = $"{full.RetryAfter.TotalSeconds}";
        return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }
});
app.Run();
