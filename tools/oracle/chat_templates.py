#!/usr/bin/env python3
"""Conversations as Jinja renders them with the families' templates, for tests/engine/chat_template_test.

usage: chat_templates.py [GGUF...]    writes tests/data/chat/conversations.json

Templates are those below (the families' published ones, without tools) and those of the GGUF files.
Rendered as transformers' apply_chat_template does: trim_blocks and lstrip_blocks.

needs: jinja2, gguf (PyPI).
"""
import json
import pathlib
import sys

import jinja2
import jinja2.sandbox

OUT = pathlib.Path(__file__).resolve().parents[2] / "tests/data/chat/conversations.json"

SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": " What is <|im_end|>? "}
ANSWER = {"role": "assistant", "content": "A mark."}
AGAIN = {"role": "user", "content": "Sure?"}
CONVERSATIONS = [[USER], [SYSTEM, USER], [USER, ANSWER, AGAIN], [SYSTEM, USER, ANSWER, AGAIN]]

# Family, begin and end of text, template, whether it knows system messages.
TEMPLATES = [
    ("llama3", "<|begin_of_text|>", "<|eot_id|>",
     "{% for message in messages %}{% set content = '<|start_header_id|>' + message['role'] + "
     "'<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
     "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
     "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}", True),
    ("gemma", "<bos>", "<eos>",
     "{{ bos_token }}{%- if messages[0]['role'] == 'system' -%}{%- set first_user_prefix = "
     "messages[0]['content'] + '\\n\\n' -%}{%- set loop_messages = messages[1:] -%}{%- else -%}"
     "{%- set first_user_prefix = '' -%}{%- set loop_messages = messages -%}{%- endif -%}"
     "{%- for message in loop_messages -%}{%- if (message['role'] == 'assistant') -%}{%- set role = 'model' -%}"
     "{%- else -%}{%- set role = message['role'] -%}{%- endif -%}{{ '<start_of_turn>' + role + '\\n' + "
     "(first_user_prefix if loop.first else '') }}{{ message['content'] | trim }}{{ '<end_of_turn>\\n' }}"
     "{%- endfor -%}{%- if add_generation_prompt -%}{{'<start_of_turn>model\\n'}}{%- endif -%}", True),
    ("granite", "<|end_of_text|>", "<|end_of_text|>",
     "{%- for message in messages %}{{- '<|start_of_role|>' + message['role'] + '<|end_of_role|>' + "
     "message['content'] + '<|end_of_text|>\\n' }}{%- endfor %}{%- if add_generation_prompt %}"
     "{{- '<|start_of_role|>assistant<|end_of_role|>' }}{%- endif %}", True),
    ("deepseek-v3", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>",
     "{%- set ns = namespace(system_prompt='') -%}{%- for message in messages -%}{%- if message['role'] == "
     "'system' -%}{%- set ns.system_prompt = message['content'] -%}{%- endif -%}{%- endfor -%}{{bos_token}}"
     "{{ns.system_prompt}}{%- for message in messages -%}{%- if message['role'] == 'user' -%}"
     "{{'<｜User｜>' + message['content']}}{%- endif -%}{%- if message['role'] == 'assistant' -%}"
     "{%- set content = message['content'] -%}{%- if '</think>' in content -%}{%- set content = "
     "content.split('</think>')[-1] -%}{%- endif -%}{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}"
     "{%- endif -%}{%- endfor -%}{%- if add_generation_prompt -%}{{'<｜Assistant｜><think>\\n'}}{%- endif %}", True),
    ("deepseek-v2", "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>",
     "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ 'User: ' + "
     "message['content'] + '\\n\\n' }}{% elif message['role'] == 'assistant' %}{{ 'Assistant: ' + "
     "message['content'] + eos_token }}{% elif message['role'] == 'system' %}{{ message['content'] + '\\n\\n' }}"
     "{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}", True),
    ("deepseek-coder", "<｜begin▁of▁sentence｜>", "<|EOT|>",
     "{%- set ns = namespace(found=false) -%}\n{%- for message in messages -%}\n    {%- if message['role'] == "
     "'system' -%}\n        {%- set ns.found = true -%}\n    {%- endif -%}\n{%- endfor -%}\n{{bos_token}}"
     "{%- if not ns.found -%}\n{{'You are an AI programming assistant, utilizing the Deepseek Coder model, "
     "developed by Deepseek Company, and you only answer questions related to computer science. For politically "
     "sensitive questions, security and privacy issues, and other non-computer science questions, you will "
     "refuse to answer\\n'}}\n{%- endif %}\n{%- for message in messages %}\n    {%- if message['role'] == "
     "'system' %}\n{{ message['content'] }}\n    {%- else %}\n        {%- if message['role'] == 'user' %}\n"
     "{{'### Instruction:\\n' + message['content'] + '\\n'}}\n        {%- else %}\n{{'### Response:\\n' + "
     "message['content'] + '\\n<|EOT|>\\n'}}\n        {%- endif %}\n    {%- endif %}\n{%- endfor %}\n"
     "{% if add_generation_prompt %}\n{{'### Response:'}}\n{% endif %}", True),
    ("mistral", "<s>", "</s>",
     "{{ bos_token }}{% for message in messages %}{% if message['role'] == 'user' %}{{ '[INST] ' + "
     "message['content'] + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ message['content'] + "
     "eos_token}}{% endif %}{% endfor %}", False),
    ("llama2", "<s>", "</s>",
     "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = "
     "messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}"
     "{% endif %}{% for message in loop_messages %}{% if loop.index0 == 0 and system_message != false %}"
     "{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'].strip() %}{% else %}"
     "{% set content = message['content'].strip() %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + "
     "'[INST] ' + content + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content + ' ' + "
     "eos_token }}{% endif %}{% endfor %}", True),
]


def render(template, messages, bos, eos):
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template).render(messages=messages, bos_token=bos, eos_token=eos,
                                                    add_generation_prompt=True)


def of_file(path):
    import gguf
    text = gguf.GGUFReader(path).fields["tokenizer.chat_template"].contents()
    return "chatml", "", "<|im_end|>", text, True


def main():
    cases = []
    for family, bos, eos, template, knows_system in TEMPLATES + [of_file(p) for p in sys.argv[1:]]:
        known = [m for m in CONVERSATIONS if knows_system or m[0] is not SYSTEM]
        cases.append({"family": family, "template": template, "conversations": [
            {"messages": messages, "prompt": render(template, messages, bos, eos)}
            for messages in known]})
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(cases, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()
