namespace Transformer.Core.Extensions.AI.Tests.Support;

/// <summary>Small templates of our own in the manner of families.</summary>
internal static class FamilyTemplates
{
    public const string Hermes = """
        {%- if tools %}<tools>{% for tool in tools %}{{ tool | tojson }}
        {% endfor %}</tools> <tool_call>{}</tool_call>{% endif %}
        {%- for m in messages %}
        {{- '<|im_start|>' + m.role + '\n' + m.content }}
        {%- for call in m.tool_calls or [] %}{{ '<tool_call>' + (call.function | tojson) + '</tool_call>' }}{% endfor %}
        {{- '<|im_end|>\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """;

    public const string Thinking = "{% for m in messages %}{{ m.role + ':' + m.content }}{% endfor %}{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}";

    public const string OpenThinking = "{% for m in messages %}{{ m.role + ':' + m.content }}{% endfor %}{{ 'assistant:<think>\\n' }}";

    public const string Llama = """
        {{- bos_token }}
        {%- for m in messages %}
        {{- '<|start_header_id|>' + m.role + '<|end_header_id|>\n\n' + (m.content | trim) + '<|eot_id|>' }}
        {%- endfor %}
        {%- for tool in tools or [] %}{{ tool | tojson(indent=4) }} {"name": n, "parameters": p}{% endfor %}
        {%- if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
        """;

    public const string Mistral = """
        {{- bos_token }}
        {%- if tools %}[AVAILABLE_TOOLS]{{ tools | tojson }}[/AVAILABLE_TOOLS]{% endif %}
        {%- for m in messages %}
        {%- if m.role == 'user' %}[INST]{{ m.content }}[/INST]
        {%- elif m.tool_calls is defined %}[TOOL_CALLS][
        {%- for c in m.tool_calls %}{%- if c.id | length != 9 %}{{ raise_exception('nine') }}{% endif %}{{ (c.function | tojson)[:-1] + ', "id": "' + c.id + '"}' }}{% endfor %}]{{ eos_token }}
        {%- elif m.role == 'tool' %}[TOOL_RESULTS]{"content": {{ m.content }}, "call_id": "{{ m.tool_call_id }}"}[/TOOL_RESULTS]
        {%- else %}{{ m.content + eos_token }}{% endif %}
        {%- endfor %}
        """;

    public const string DeepSeek = """
        {{- bos_token }}{% for t in tools or [] %}{{ t | tojson }}{% endfor %}
        {%- for m in messages %}
        {%- if m.role == 'user' %}{{ '<｜User｜>' + m.content }}
        {%- elif m.role == 'assistant' and m.content is none %}<｜Assistant｜><｜tool▁calls▁begin｜>
        {%- for c in m.tool_calls %}{{ '<｜tool▁call▁begin｜>' + c.type + '<｜tool▁sep｜>' + c.function.name + '\n```json\n' + c.function.arguments + '\n```<｜tool▁call▁end｜>' }}{% endfor %}<｜tool▁calls▁end｜>
        {%- elif m.role == 'assistant' %}{{ '<｜Assistant｜>' + m.content + '<｜end▁of▁sentence｜>' }}
        {%- elif m.role == 'tool' %}{{ '<｜tool▁output▁begin｜>' + m.content + '<｜tool▁output▁end｜>' }}
        {%- else %}{{ m.content }}{% endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<｜Assistant｜>' }}{% endif %}
        """;

    public const string Gemma = """
        {{- bos_token }}
        {%- for m in messages %}{{ '<start_of_turn>' + ('model' if m.role == 'assistant' else m.role) + '\n' + (m.content | trim) + '<end_of_turn>\n' }}{% endfor %}
        {%- if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}
        """;

    public const string Phi = "{% for m in messages %}{{ '<|' + m['role'] + '|>' + '\n' + m['content'] + '<|end|>\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}";

    public const string Harmony = """
        {%- for t in tools or [] %}<|start|>developer<|message|>{{ t.function.name }}{{ t.function.parameters | tojson }}<|end|>{% endfor %}
        {%- for m in messages %}
        {%- if m.tool_calls %}{%- set call = m.tool_calls[0].function %}{{ '<|start|>assistant<|channel|>commentary to=functions.' + call.name + ' <|constrain|>json<|message|>' + (call.arguments | tojson) + '<|call|>' }}
        {%- else %}{{ '<|start|>' + m.role + '<|message|>' + m.content + '<|end|>' }}{% endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}<|start|>assistant{% endif %}
        """;
}
