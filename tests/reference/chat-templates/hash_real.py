"""Reads real.mjs's lines; writes what may be committed: hashes of templates and outputs, and the scenarios once.

python hash_real.py SCENARIOS.json < lines > templates.jsonl
Jinja itself (check_python.py) renders each too, at 2026-01-02 03:04:05.
"""
import hashlib
import json
import sys
from datetime import datetime

from check_python import environment


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


scenarios = {}
for line in sys.stdin:
    case = json.loads(line)
    scenarios[case["scenario"]] = case["variables"]
    try:
        python = digest(environment(datetime(2026, 1, 2, 3, 4, 5)).from_string(case["template"]).render(**case["variables"]))
    except Exception:  # whatever Python raises, the template failed
        python = None
    print(json.dumps({
        "file": case["file"],
        "template": digest(case["template"]),
        "scenario": case["scenario"],
        "javascript": digest(case["output"]) if "output" in case else None,
        "python": python,
    }))
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(scenarios, file, ensure_ascii=False, indent=1)
    file.write("\n")
