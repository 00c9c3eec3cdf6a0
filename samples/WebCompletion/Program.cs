// Serves a model over OpenAI's endpoints, with a page: dotnet run --project samples/WebCompletion -- --Model model.gguf

using Transformer.Core.Extensions.AI;

WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, WebRootPath = Path.Combine(AppContext.BaseDirectory, "wwwroot") });
builder.Services.AddTransformer(builder.Configuration["Model"] ?? Path.Combine(AppContext.BaseDirectory, "primer.gguf"))
    .AddWarmUp()
    .AddHealthCheck()
    .AddConcurrencyLimit(limit => builder.Configuration.Bind("Concurrency", limit))
    // primer was never trained to chat: its conversations are lines of "User: ..." and "Assistant: ..."
    .AddOpenAI(options => options.FallbackTemplate = ChatTemplate.Plain);

WebApplication app = builder.Build();
app.UseDefaultFiles();
app.UseStaticFiles();
app.MapHealthChecks("/health");
app.MapOpenAI();
app.Run();
