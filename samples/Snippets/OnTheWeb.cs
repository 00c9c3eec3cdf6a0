namespace Transformer.Core.Snippets;

internal static class OnTheWeb
{
    public static void OpenAI(string[] args)
    {
        #region openai
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(args);
        builder.Services.AddTransformer("model.gguf").AddWarmUp().AddHealthCheck().AddConcurrencyLimit().AddOpenAI();
        WebApplication app = builder.Build();
        app.MapHealthChecks("/health");
        app.MapOpenAI();
        app.Run();
        #endregion
    }
}
