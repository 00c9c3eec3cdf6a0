// Conversations that are put through real templates.
const weather = {
  type: "function",
  function: {
    name: "get_weather",
    description: "Weather of a \"city\" <now>",
    parameters: {
      type: "object",
      properties: {
        city: { type: "string", description: "The city's name" },
        days: { type: "integer", description: "How many days" },
        unit: { type: "string", enum: ["C", "F"], default: "C" },
        tags: { type: "array", items: { type: "string" } },
      },
      required: ["city"],
    },
  },
};
const clock = { type: "function", function: { name: "clock", description: "Tells the time", parameters: { type: "object", properties: {} } } };
const call = (args) => [{ id: "abc123xyz", type: "function", function: { name: "get_weather", arguments: args } }];
const user = (content) => ({ role: "user", content });
const assistant = (content) => ({ role: "assistant", content });
const system = (content) => ({ role: "system", content });
const args = { city: "Köln", days: 2 };

export const scenarios = {
  one: { messages: [user("Hello, who are you?")], add_generation_prompt: true },
  turns: {
    messages: [system("Be brief.\n"), user("Hi <there> & \"you\"\n"), assistant(" Hello! "), user("  2+2? é 漢字 🙂\n\nline")],
    add_generation_prompt: true,
  },
  closed: { messages: [user("Hi"), assistant("Hello"), user("Bye"), assistant("Ciao")], add_generation_prompt: false },
  thinking: {
    messages: [user("Hi"), assistant("<think>\nA greeting.\n</think>\n\nHello"), user("Again")],
    add_generation_prompt: true,
  },
  nothinking: { messages: [user("Hi")], add_generation_prompt: true, enable_thinking: false },
  tools: { messages: [system("Use tools."), user("Weather in Köln?")], tools: [weather, clock], add_generation_prompt: true },
  call: {
    messages: [user("Weather in Köln?"), { role: "assistant", content: "", tool_calls: call(args) }, { role: "tool", name: "get_weather", tool_call_id: "abc123xyz", content: "{\"t\": 20}" }],
    tools: [weather],
    add_generation_prompt: true,
  },
  calltext: {
    messages: [user("Weather?"), { role: "assistant", content: null, tool_calls: call(JSON.stringify(args)) }, { role: "tool", name: "get_weather", tool_call_id: "abc123xyz", content: "20" }, assistant("20 degrees."), user("Thanks")],
    add_generation_prompt: true,
  },
};
for (const scenario of Object.values(scenarios)) {
  scenario.bos_token ??= "<BOS>";
  scenario.eos_token ??= "<EOS>";
}
