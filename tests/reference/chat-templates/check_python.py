"""Adds to each line what Jinja itself gives, with Hugging Face's settings, where it differs from @huggingface/jinja.

Reads make.mjs's lines from standard input. transformers' own environment (utils/chat_template_utils.py): an
ImmutableSandboxedEnvironment with trim_blocks and lstrip_blocks, loop controls, its own tojson.
"""
import json
import sys
from datetime import datetime

from jinja2 import nodes
from jinja2.exceptions import TemplateError
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.Scope(body).set_lineno(line)


def raise_exception(message):
    raise TemplateError(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment(now=None):
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda form: (now or datetime.now()).strftime(form)
    return env


if __name__ == "__main__":
    for line in sys.stdin:
        case = json.loads(line)
        try:
            expected = {"output": environment().from_string(case["template"]).render(**case["variables"])}
        except Exception as error:  # whatever Python raises, the template failed
            expected = {"error": str(error)}
        if expected.get("output") != case.get("output"):
            case["python"] = expected
        print(json.dumps(case, ensure_ascii=False))
