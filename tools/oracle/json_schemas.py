#!/usr/bin/env python3
"""Schemas and documents with the verdicts of Python's `jsonschema`, for tests/engine/grammar.

usage: json_schemas.py fixture                  writes tests/data/grammar/schemas.json
       json_schemas.py check PROGRAM COUNT      samples of PROGRAM (tests/engine/sample_schema) for
                                                every schema, each validated; one line of JSON

A document spelled as the grammar spells them (compact, properties in the schema's order) must be
allowed exactly when it is valid; any other only if it is.

needs: jsonschema (PyPI).
"""
import json
import pathlib
import subprocess
import sys

import jsonschema

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/data/grammar/schemas.json"

TOOL = {"type": "object", "properties": {
    "tool": {"enum": ["read_file", "search", "run"]}, "path": {"type": "string", "maxLength": 20},
    "line": {"type": "integer", "minimum": 1, "maximum": 200}, "all": {"type": "boolean"}},
    "required": ["tool", "path"], "additionalProperties": False}
TREE = {"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties": {
    "name": {"type": "string", "minLength": 1, "maxLength": 8},
    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}, "maxItems": 3}},
    "required": ["name"]}}}

# Schema, documents spelled as the grammar does, others.
CASES = [
    (TOOL,
     ['{"tool":"run","path":"a"}', '{"tool":"run","path":"a","line":200,"all":true}',
      '{"tool":"run","path":"a","all":false}', '{"tool":"walk","path":"a"}', '{"tool":"run"}',
      '{"tool":"run","path":"a","line":0}', '{"tool":"run","path":"a","line":201}',
      '{"tool":"run","path":"a","line":"3"}', '{"tool":"run","path":"a","more":1}',
      '{"tool":"run","path":"123456789012345678901"}', '{"tool":"run","path":"a",}', '[]', '{',
      '{"tool":"run","path":"\\u00e9\\n\\\\"}', '{"tool": "run", "path": "a"}', '{\n  "tool":"run",\n  "path":"a"\n}'],
     ['{"path":"a","tool":"run"}', ' {"tool":"run","path":"a"}']),
    (TREE,
     ['{"name":"a"}', '{"name":"a","children":[]}', '{"name":"a","children":[{"name":"b"}]}',
      '{"name":"a","children":[{"name":"b","children":[{"name":"c"}]},{"name":"d"}]}',
      '{"name":""}', '{"children":[]}', '{"name":"a","children":[{}]}',
      '{"name":"a","children":[{"name":"b"},{"name":"b"},{"name":"b"},{"name":"b"}]}'], []),
    ({"type": "integer", "minimum": -17, "maximum": 1234},
     ["-17", "-18", "-9", "0", "-1", "1234", "1235", "999", "1000", "9", "12345", "-100", "01", "1.5"], []),
    ({"type": "integer", "exclusiveMinimum": 9, "exclusiveMaximum": 101},
     ["9", "10", "99", "100", "101", "11", "-10"], []),
    ({"type": "number", "minimum": 0, "maximum": 1},
     ["0", "1", "0.5", "0.999", "1.5", "-0.5", "2", "-1"], ["1.0", "1e0", "5e-1"]),
    ({"type": "number"}, ["0", "-1.25", "3e8", "1.5E-3", "1.", ".5", "-", "007", "NaN"], []),
    ({"type": ["string", "null"], "minLength": 2, "maxLength": 3},
     ['null', '"ab"', '"abc"', '"a"', '"abcd"', '"é漢"', '"\\n\\t"', '"😀😀"', '5'], []),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3},
     ["[]", "[1]", "[1,2,3]", "[1,2,3,4]", '["a"]', "[1, 2]", "[1,]", "[\n  1\n]"], []),
    ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
     ['[]', '["a"]', '["a",1]', '["a",1,2]', '[1]', '["a","b"]'], []),
    ({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "null"}, "minItems": 2},
     ['["a"]', '["a",null]', '["a",null,null]', '["a",1]'], []),
    ({"anyOf": [{"type": "string", "maxLength": 4}, {"type": "array", "items": {"type": "boolean"}}]},
     ['"ab"', '[true,false]', '"abcde"', '[1]', '5'], []),
    ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, ['"a"', "7", "7.5", "null"], []),
    ({"enum": [1, "one", None, {"a": [1, 2]}, "on", "once"]},
     ["1", '"one"', "null", '{"a":[1,2]}', '"on"', '"once"', '"onc"', "2", '{"a":[1]}'], []),
    ({"const": {"kind": "x"}}, ['{"kind":"x"}', '{"kind":"y"}', '"x"'], []),
    ({"type": "object", "additionalProperties": {"type": "integer"}, "properties": {
        "ab": {"type": "string"}, "abc": {"type": "boolean"}}},
     ['{}', '{"ab":"x"}', '{"ab":"x","abc":true}', '{"z":1}', '{"ab":"x","q":1,"a":2}', '{"abcd":1}',
      '{"ab":1}', '{"abc":1}', '{"z":"x"}', '{"a":5}'], ['{"é":1}']),
    ({"type": "object"}, ['{}', '{"a":[1,{"b":null}]}', '[]', '"a"'], []),
    ({"required": ["id"], "properties": {"id": {"type": "integer"}}}, ['{"id":1}', '{}', '{"id":"a"}'], []),
    (True, ['{"a":[1,"x",{"b":[null,true]}]}', '[[[[]]]]', '"a"', '-0.5', 'tru', '{a:1}'], []),
    ({"allOf": [{"type": "boolean"}]}, ["true", "false", "0"], []),
    ({"type": "string", "pattern": "^[A-Z][a-z]+(-[0-9]{2,3})?$"},
     ['"Ab"', '"Abc-12"', '"Abc-123"', '"A"', '"ab"', '"Ab-1"', '"Ab-1234"', '"xAb"', '5', '""'],
     ['"\\u0041b"']),
    ({"pattern": "[a-z0-9]b*[^b]"}, ['"bc"', '"abbcd"', '"bb"', '"b"', '"é漢"', '"\\"bc\\n"', '"é bc 漢"'], ['"\\u0062c"']),
    ({"pattern": "^(?:red|green|)$"}, ['"red"', '"green"', '""', '"reds"', '"r"'], []),
    ({"pattern": "^[^b]|[a-z]b$"}, ['"ax"', '"xb"', '"a"', '"b"', '"xa"', '"bx"'], []),
    ({"pattern": "^(a|b(c|d)*?){2}x{0}$"}, ['"aa"', '"bcdb"', '"bb"', '"a"', '"aaa"', '"aax"'], []),
    ({"pattern": '^[^"\\\\a-c]["\\\\]\\t.?$'},
     ['"d\\"\\t"', '"d\\\\\\t"', '"d\\"\\tx"', '"a\\"\\t"', '"d\\"t"', '"\\"\\"\\t"'], []),
    ({"pattern": "^\\d+\\.\\d+$"}, ['"1.5"', '"12.25"', '"1x5"', '".5"', '"1."'], []),
    ({"pattern": "^\\w+@\\S{0,8}\\s[\\d_-]$"}, ['"a_1@b.c 5"', '"a@ -"', '"@b 5"', '"a@b 5x"', '"a@b-5"'], []),
    ({"pattern": "^[\\u00e0-\\u00ff漢]{2}\\x41?$"}, ['"é漢"', '"éàA"', '"é"', '"éa"', '"éaA"'], []),
    ({"$ref": "#/definitions/a~1b", "definitions": {"a/b": {"type": "null"}}}, ["null", "0"], []),
]


def is_json(text):
    def refuse(_):
        raise ValueError
    try:
        return json.loads(text, parse_constant=refuse), True
    except ValueError:
        return None, False


def valid(schema, text):
    value, readable = is_json(text)
    return readable and jsonschema.Draft202012Validator(schema).is_valid(value)


def write_fixture():
    cases = [{"schema": schema, "documents": [
        {"text": text, "valid": valid(schema, text), "spelled": spelled}
        for texts, spelled in ((ours, True), (others, False)) for text in texts]}
        for schema, ours, others in CASES]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(cases, ensure_ascii=False, indent=0) + "\n")


def check(program, count):
    samples, wrong = 0, 0
    for schema, _, _ in CASES:
        run = subprocess.run([program, str(count)], input=json.dumps(schema), capture_output=True,
                             text=True, check=True)
        for line in run.stdout.splitlines():
            text = json.loads(line)
            samples += 1
            if not valid(schema, text):
                wrong += 1
                print(f"invalid for {json.dumps(schema)[:80]}: {text[:200]!r}", file=sys.stderr)
    print(json.dumps({"schemas": len(CASES), "samples": samples, "invalid": wrong}))
    sys.exit(wrong > 0)


def main():
    if sys.argv[1:] == ["fixture"]:
        write_fixture()
    elif sys.argv[1:2] == ["check"] and len(sys.argv) == 4:
        check(sys.argv[2], sys.argv[3])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
