using System.Text;
using Microsoft.Extensions.Time.Testing;
using Transformer.Core.Extensions.AI.Jinja;
using Transformer.Core.Extensions.AI.Tests.Support;

namespace Transformer.Core.Extensions.AI.Tests.Jinja;

/// <summary>A template is a stranger's program: whatever it does ends soon, in a typed exception.</summary>
public class LimitTests
{
    private static readonly ChatTemplateLimits Small = new() { MaxSteps = 100_000, MaxOutputLength = 100_000, MaxSourceLength = 100_000 };

    [Theory]
    [InlineData("{% for i in range(1000000000) %}x{% endfor %}", "MaxSteps")]
    [InlineData("{% for i in range(1000) %}{% for j in range(1000) %}{% endfor %}{% endfor %}", "MaxSteps")]
    [InlineData("{{ 'x' * 1000000000 }}", "MaxOutputLength")]
    [InlineData("{{ ('x' * 90000) ~ ('x' * 90000) }}", "MaxOutputLength")]
    [InlineData("{% for i in range(100) %}{{ 'x' * 10000 }}{% endfor %}", "MaxOutputLength")]
    [InlineData("{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "MaxOutputLength")]
    [InlineData("{% set ns = namespace(s='xx') %}{% for i in range(99) %}{% set ns.s = ns.s.replace('x', 'xxx') %}{% endfor %}", "MaxOutputLength")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for i in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "MaxSteps")]
    [InlineData("{{ [1] * 1000000000 }}", "MaxSteps")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "MaxDepth")]
    [InlineData("{% set ns = namespace(s=[]) %}{% for i in range(999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s | tojson }}", "MaxDepth")]
    [InlineData("{% set ns = namespace(s=[]) %}{% for i in range(999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}", "MaxDepth")]
    [InlineData("{% set ns = namespace(s=[]) %}{% for i in range(999) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s == [[ns.s]] }}", "MaxDepth")]
    [InlineData("{% set ns = namespace(s=[]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s | tojson }}", "Max")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% set nt = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% set nt.s = [nt.s, nt.s] %}{% endfor %}{{ ns.s == nt.s }}", "MaxSteps")]
    [InlineData("{{ [] | tojson(indent=1000000000) }}", "")]
    [InlineData("{{ range(300) | list | batch(1000000000, 0) }}", "MaxSteps")]
    [InlineData("{{ 'a' | indent(1000000000) }}", "")]
    [InlineData("{{ 10 ** 1000 }}", "")]
    [InlineData("{{ 9223372036854775807 + 1 }}", "")]
    [InlineData("{{ '%.999999999f' % 1.5 }}", "")]
    public void A_greedy_template_is_stopped(string template, string limit)
    {
        Action run = () => JinjaTemplate.Parse(template, Small).Render([]);

        ChatTemplateException stopped = run.Should().Throw<ChatTemplateException>().Which;
        if (limit.Length > 0)
            stopped.Should().BeOfType<ChatTemplateLimitException>().Which.Limit.Should().StartWith(limit);
    }

    [Fact]
    public void Deep_sources_are_refused_and_do_not_overflow_the_stack()
    {
        foreach (string template in new[]
        {
            "{{ " + new string('(', 20_000) + "1" + new string(')', 20_000) + " }}",
            "{{ " + new string('[', 20_000) + new string(']', 20_000) + " }}",
            "{{ " + string.Concat(Enumerable.Repeat("not ", 20_000)) + "1 }}",
            "{{ " + new string('-', 20_000) + "1 }}",
            string.Concat(Enumerable.Repeat("{% if 1 %}", 8_000)) + string.Concat(Enumerable.Repeat("{% endif %}", 8_000)),
            "{{ " + string.Concat(Enumerable.Repeat("1 if 1 else ", 5_000)) + "1 }}",
            "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 20_000)) + " }}",
            "{{ x" + string.Concat(Enumerable.Repeat("[0]", 20_000)) + " }}",
            "{{ x" + string.Concat(Enumerable.Repeat("|list", 18_000)) + " }}",
            "{{ x" + string.Concat(Enumerable.Repeat("[x", 20_000)) + string.Concat(Enumerable.Repeat("]", 20_000)) + " }}",
            "{{ {1:" + string.Concat(Enumerable.Repeat("{1:", 20_000)) + "1" + new string('}', 20_001) + " }}",
            "{% for " + new string('(', 20_000) + "x in y %}{% endfor %}",
        })
        {
            Action run = () => JinjaTemplate.Parse(template, Small with { MaxSourceLength = 1_000_000 }).Render([]);
            run.Should().Throw<ChatTemplateException>();
        }
    }

    [Fact]
    public void Long_sources_are_refused()
    {
        Action parse = () => JinjaTemplate.Parse(new string('x', 100_001), Small);
        parse.Should().Throw<ChatTemplateLimitException>().Which.Limit.Should().Be(nameof(ChatTemplateLimits.MaxSourceLength));
    }

    [Theory]
    [InlineData("{% include 'x' %}")]
    [InlineData("{% import 'x' as y %}")]
    [InlineData("{% extends 'x' %}")]
    [InlineData("{{ ''.__class__ }}")]
    [InlineData("{{ [].append(1) }}")]
    [InlineData("{{ {}.update({}) }}")]
    [InlineData("{{ ''['__class__'] }}")]
    [InlineData("{% set x.y = 1 %}")]
    public void What_a_sandbox_forbids_is_refused(string template)
    {
        Action run = () => JinjaTemplate.Parse(template).Render([]);
        run.Should().Throw<ChatTemplateException>();
    }

    [Fact]
    public void Errors_name_the_line()
    {
        Action run = () => JinjaTemplate.Parse("a\nb\n{{ x.y }}").Render([]);
        run.Should().Throw<ChatTemplateException>().Which.Line.Should().Be(3);
        Action parse = () => JinjaTemplate.Parse("a\n{% if x %}\n{% else\n %}\n{{ ! }}");
        parse.Should().Throw<ChatTemplateException>().Which.Line.Should().Be(5);
    }

    [Fact]
    public void The_clock_is_given()
    {
        FakeTimeProvider time = new(new DateTimeOffset(2026, 3, 4, 15, 6, 7, TimeSpan.Zero));

        JinjaTemplate.Parse("{{ strftime_now('%Y-%m-%d %H:%M:%S|%d %b %Y|%B %A %a %I %p %j %y %-d %%') }}").Render([], time).Text
            .Should().Be("2026-03-04 15:06:07|04 Mar 2026|March Wednesday Wed 03 PM 063 26 4 %");
    }

    /// <summary>Random changes of real-looking templates: an exception of ours or a result, nothing else.</summary>
    [Fact]
    public void Damaged_templates_fail_in_our_way()
    {
        string[] sources = [FamilyTemplates.Hermes, FamilyTemplates.Mistral, FamilyTemplates.DeepSeek, FamilyTemplates.Llama];
        Random random = new(7);
        const string Letters = "{}%#'\"()[]|.,:=+-*/~<> \n\\ifsetnd0";
        for (int i = 0; i < 4000; i++)
        {
            StringBuilder text = new(sources[i % sources.Length]);
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                int at = random.Next(text.Length);
                if (random.Next(2) == 0)
                    text.Remove(at, Math.Min(random.Next(1, 9), text.Length - at));
                else
                    text.Insert(at, Letters[random.Next(Letters.Length)]);
            }
            try
            {
                Dictionary<string, object?> user = new() { ["messages"] = new JinjaList([new JinjaMap { ["role"] = MarkedText.Data("user"), ["content"] = MarkedText.Data("hi") }]), ["bos_token"] = MarkedText.Template("<s>") };
                JinjaTemplate.Parse(text.ToString(), Small).Render(user);
            }
            catch (ChatTemplateException)
            {
                // as it should be
            }
        }
    }
}
