#!/usr/bin/env python3
"""Texts and the ids Hugging Face `tokenizers` gives them, for tests/engine/tokenizer_fixture_test.

usage: tokenizer_fixture.py texts            writes tests/data/tokenizer/texts.zst
       tokenizer_fixture.py ids NAME GGUF    writes tests/data/tokenizer/NAME.txt
       tokenizer_fixture.py pieces           writes tests/data/tokenizer/pieces.txt
       tokenizer_fixture.py gguf JSON PRE GGUF   the vocabulary of a tokenizer.json as a GGUF
       tokenizer_fixture.py compare PROGRAM GGUF MEGABYTES FOLDER...
                   ids of files below the folders, and of as many adversarial texts as files,
                   against those of PROGRAM (tests/engine/encode_texts); one line of JSON

The texts are this repository's own sources and documents, prose and code made from word lists in
a dozen languages, and adversarial Unicode, all from one seed. A Hugging Face tokenizer is built
from the vocabulary and merges in the GGUF itself; control tokens are left out of it, because
ordinary text must never yield one. NAME.txt has a line per text: how many ids and half the SHA-256 of
them as little-endian 32-bit numbers; the first FULL also list them. pieces.txt has, for every
pre-tokenizer and text, the beginning of the SHA-256 of the ends of the pieces.

The patterns are those of the models' tokenizer.json files: Llama 3, Qwen2.5, SmolLM2, DeepSeek V2,
Coder and V3, Seed-Coder; "default" is llama.cpp's.

needs: tokenizers, gguf (PyPI) and the zstd program.
"""
import hashlib
import json
import pathlib
import random
import struct
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data/tokenizer"
SEED = 20250801
FULL = 40

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")
DEEPSEEK_LETTERS = (
    "A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚḀ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗ"
    "ὙὛὝὟ-\u1f7dᾀ-ᾴᾶ-ᾼ\u1fbeῂ-ῄῆ-ῌῐ-\u1fd3ῖ-\u1fdbῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212a-ℭℯ-ℴℹℼ-ℿⅅ-ⅉⅎↃↄⰀ-ⱻ"
    "Ȿ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃")
EASTERN = "[一-龥ࠀ-一가-\ud7ff]+"
# A pattern is a Split whose matches are pieces of their own; DIGITS is Digits(individual).
DIGITS = None
PATTERNS = {
    "gpt-2": [GPT2],
    "smollm": [DIGITS, GPT2],
    "qwen2": [QWEN2],
    "llama-bpe": [QWEN2.replace(r"\p{N}|", r"\p{N}{1,3}|")],
    "seed-coder": [QWEN2.replace(r" ?[^\s\p{L}\p{N}]+[\r\n]*", r" ?[^\s\p{L}\p{N}\r\n]+")],
    "deepseek-llm": ["[\r\n]", rf"\s?[{DEEPSEEK_LETTERS}]+", r"\s?[!-/:-~！-／：-～‘-‟　-。]+", r"\s+$",
                     EASTERN, DIGITS],
    "deepseek-coder": ["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", EASTERN, DIGITS],
    "deepseek-v3": [
        r"\p{N}{1,3}", "[一-龥぀-ゟ゠-ヿ]+",
        r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
        r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""],
    "default": [r"[\p{P}\$\+<=>\^~\|]+", GPT2, r"\p{N}+", "[0-9][0-9][0-9]"],
}

WORDS = {
    "en": "the of engine and it's don't we've I'll memory reads writes quickly a token is never lost "
          "while she'd been waiting they're CAN'T Won'T builder's 2nd 1990s co-op e.g. naïve",
    "de": "der die das Übergröße straße möchte für Speicher läuft zurück Änderung größer weiß ÖL",
    "fr": "l'été où déjà ça c'est mémoire être naïveté œuvre d'abord Noël aujourd'hui élève",
    "es": "¿dónde está? mañana niño corazón ¡hola! código memoria según además pingüino año",
    "pl": "źródło łąka pamięć książka święto mówić żółw gęś się które dzięki ćma",
    "ru": "память всё ещё объект быстро пишет читает который ёлка съезд Москва это не",
    "el": "μνήμη γλώσσα όμως ταχύτητα είναι και ο κώδικας γράφει Ελλάδα ΐσως",
    "ar": "الذاكرة مع كل سطر يكتب البرنامج بسرعة هذا ليس خطأ ١٢٣ مُحَرِّك",
    "he": "זיכרון של קוד כותב מהר לא שורה בְּרֵאשִׁית שלום",
    "hi": "स्मृति कोड लिखता है और पढ़ता तेज़ यह नहीं १२३ हिन्दी क्षमता",
    "th": "หน่วยความจำ เขียน โค้ด เร็ว ไม่ใช่ บรรทัด ภาษาไทย ๑๒๓",
    "zh": "记忆 代码 引擎 写入 读取 很快 这 不是 错误 第三行 漢字 檔案 標點，符號。",
    "ja": "メモリ コード を 書く 速い です 行 ではない カタカナ ひらがな 漢字 「引用」 、。",
    "ko": "메모리 코드를 빠르게 쓴다 읽는다 오류가 아니다 한국어 줄",
    "emoji": "😀 👩‍👩‍👧‍👦 🇩🇪 👍🏽 ❤️ ✅ → ≠ ∑ ½ ² Ⅷ ℕ 𝒳 ﬁ",
}
NAMES = ("index value buffer size_t node_count getElementById HTTPServer parse_json kMaxTokens x1 "
         "isReady m_data _private __init__ tmp2 newNode i j0 utf8Length XMLHttpRequest "
         "SOME_CONSTANT naïve_id größe переменная 变量 übergabe").split()
OPERATORS = "+ - * / % == != <= >= && || << >> += -= -> . :: => | & ^ = := <=> ?? ... ~ !".split()
LITERALS = ("0 1 42 3.14159 0xDEADBEEF 1e-9 100_000 0b1010 'c' '\\n' \"text\" \"a\\tb\" \"it's\" "
            "\"ünïcode\" `tpl ${x}` /re+gex/ nullptr None true False 12345678901234567890").split()


def own_texts():
    """Sources and documents of this repository, as they are in the working tree."""
    names = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split("\n")
    kinds = (".cpp", ".h", ".py", ".md", ".ts", ".lua", ".sh", ".scm", ".cmake", ".sql", ".txt")
    for name in sorted(names):
        path = ROOT / name
        if name.startswith("tests/data/") or not name.endswith(kinds) or not path.is_file():
            continue
        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            continue
        yield text[:12000]


def prose(rng):
    languages = rng.choices(list(WORDS), k=rng.choice([1, 1, 1, 2, 3]))
    words = [w for lang in languages for w in WORDS[lang].split()]
    out = []
    for _ in range(rng.randrange(20, 60)):
        sentence = [rng.choice(words) for _ in range(rng.randrange(3, 18))]
        gap = "" if languages == ["zh"] or languages == ["ja"] else " "
        text = gap.join(sentence)
        if rng.random() < 0.5:
            text = text[:1].upper() + text[1:]
        out.append(text + rng.choice([". ", ".\n", "! ", "?\n\n", ", ", "; ", " - ", ".\r\n", "… "]))
    return "".join(out)


def expression(rng, depth=0):
    kind = rng.random()
    if depth > 2 or kind < 0.35:
        return rng.choice(NAMES) if rng.random() < 0.6 else rng.choice(LITERALS)
    if kind < 0.6:
        gap = rng.choice(["", " "])
        return expression(rng, depth + 1) + gap + rng.choice(OPERATORS) + gap + expression(rng, depth + 1)
    if kind < 0.85:
        arguments = ", ".join(expression(rng, depth + 1) for _ in range(rng.randrange(0, 4)))
        return f"{rng.choice(NAMES)}({arguments})"
    return f"{rng.choice(NAMES)}[{expression(rng, depth + 1)}]"


def code(rng):
    unit = rng.choice(["  ", "    ", "\t", "   "])
    end = rng.choice(["\n", "\n", "\n", "\r\n"])
    semicolon = rng.choice([";", ";", ""])
    depth, out = 0, []
    for _ in range(rng.randrange(30, 90)):
        pad, kind = unit * depth, rng.random()
        if kind < 0.12 and depth < 9:
            head = rng.choice(["if (%s) {", "while (%s) {", "def f(%s):", "for (auto& x : %s) {",
                               "fn go(a: %s) {", "class A(%s):", "} else if (%s) {"])
            out.append(pad + head % expression(rng))
            depth += 1
        elif kind < 0.25 and depth > 0:
            depth -= 1
            out.append(unit * depth + rng.choice(["}", "end", "};", "})", "]);"]))
        elif kind < 0.35:
            out.append(pad + rng.choice(["// ", "# ", "/* ", "-- "]) + prose(rng)[:60].replace("\n", " "))
        elif kind < 0.42:
            out.append(rng.choice(["", pad, "  " + pad + "\t"]))
        else:
            out.append(f"{pad}{rng.choice(NAMES)} = {expression(rng)}{semicolon}")
    return end.join(out) + end


def assigned_code_points():
    """Everything but surrogates and the few digits on which the oracle itself is of two minds:
    its Digits splitter knows Unicode 17, its regular expressions Unicode 16."""
    disputed = set(range(0x11DE0, 0x11DEA)) | {0x16FF4, 0x16FF5, 0x16FF6}
    return [c for c in range(0x110000) if not 0xD800 <= c < 0xE000 and c not in disputed]


def adversarial(rng, points):
    special = ["'s", "'S", "'\u017f", "'LL", "'lL", "'Ve", "'re", "'RE", "'m", "'D", "'t", "\r\n", "\n\n",
               "   ", "\t\t", "<|endoftext|>", "<tool_call>", "</tool_call>", "<|im_start|>",
               "<|fim_prefix|>", "<file_sep>", "\x00", "\x04", "\u00a0", "\u2028", "\u200d", "\ufeff",
               "\u0301", "e\u0301", "\u3000", "  \n  ", "\n ", " \r", "\ufffe", "\U0010ffff"]
    blocks = [(0x80, 0x250), (0x300, 0x400), (0x400, 0x530), (0x590, 0x700), (0x900, 0xD80),
              (0xE00, 0x1000), (0x1100, 0x1200), (0x1680, 0x1A00), (0x2000, 0x2C00), (0x3000, 0x3100),
              (0x4E00, 0x9FFF), (0xAC00, 0xD7A4), (0xE000, 0xE010), (0xF900, 0x10000),
              (0x10000, 0x10FFF), (0x16A00, 0x16F00), (0x1D400, 0x1D800), (0x1F000, 0x1FB00),
              (0x20000, 0x20010), (0xE0000, 0xE0200)]
    out = []
    for _ in range(rng.randrange(50, 400)):
        kind = rng.random()
        if kind < 0.25:
            low, high = rng.choice(blocks)
            c = rng.randrange(low, high)
            out.append(chr(c) * rng.choice([1, 1, 1, 2, 5]) if not 0xD800 <= c < 0xE000 else "?")
        elif kind < 0.3:
            out.append(chr(rng.choice(points)))
        elif kind < 0.5:
            out.append(rng.choice(special))
        elif kind < 0.65:
            out.append(rng.choice(" \n\r\t") * rng.choice([1, 1, 2, 3, 17]))
        elif kind < 0.75:
            out.append(rng.choice(NAMES))
        else:
            out.append(chr(rng.randrange(32, 127)))
    return "".join(out)


def pathological(rng):
    letters = "abcdefghij"
    return ["a" * 20000, " " * 20000, "\n" * 5000 + " x", " \n" * 2000, "ab" * 9000 + " " * 300 + "x",
            "".join(rng.choice(letters) for _ in range(20000)),
            "".join(rng.choice("ACGTé漢") for _ in range(8000)), "'" * 3000 + "s" * 3000,
            "é" * 5000, "😀" * 2000, "0123456789" * 1000, "", " ", "\n", "a", "'s"]


def make_texts():
    rng = random.Random(SEED)
    points = assigned_code_points()
    short = [t for text in list(WORDS.values()) for t in (text,)]
    short += ["Hello, world!\n", "for (int i = 0; i < n; ++i) {\n  sum += a[i];\n}\n",
              "I'll we've IT'S don'T 'S's\n", "x  y\t\tz \n\n  w", "<|endoftext|>a<tool_call>b",
              "def f(self, x):\n        return self.x[1:-1]\n", "e\u0301 \u00e9 \u212b \u00c5",
              "\u00a0\u2003 a\u2028b\u0085c", "12345 1,234.5 \u0661\u0662 \u00bd\u2167 4x4"]
    texts = short + pathological(rng)
    texts += [prose(rng) for _ in range(180)]
    texts += [code(rng) for _ in range(150)]
    texts += [adversarial(rng, points) for _ in range(220)]
    # A sample of all code points, each between letters, spaces and digits.
    chosen = points[::31]
    for at in range(0, len(chosen), 2000):
        texts.append("".join("a%s %s1\n" % (chr(c), chr(c)) for c in chosen[at:at + 2000]))
    texts += list(own_texts())[::2]
    return texts


def write_texts():
    data = b"".join(struct.pack("<I", len(b)) + b for b in (t.encode() for t in make_texts()))
    DATA.mkdir(parents=True, exist_ok=True)
    subprocess.run(["zstd", "-q", "-f", "--ultra", "-22", f"--stream-size={len(data)}",
                    "-o", str(DATA / "texts.zst")], input=data, check=True)
    print(f"{len(data)} bytes of text, {(DATA / 'texts.zst').stat().st_size} compressed")


def read_texts():
    data = subprocess.run(["zstd", "-dcq", str(DATA / "texts.zst")], capture_output=True,
                          check=True).stdout
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        yield data[at + 4:at + 4 + size].decode()
        at += 4 + size


def pre_tokenizer(kind):
    from tokenizers import Regex, pre_tokenizers
    stages = [pre_tokenizers.Digits(individual_digits=True) if pattern is DIGITS
              else pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in PATTERNS[kind]]
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    return pre_tokenizers.Sequence(stages + [byte_level])


def write_pieces():
    kinds = {kind: pre_tokenizer(kind) for kind in PATTERNS}
    with open(DATA / "pieces.txt", "w") as out:
        out.write(" ".join(kinds) + "\n")
        for text in read_texts():
            digests = []
            for kind in kinds.values():
                ends, end = [], 0
                for piece, _ in kind.pre_tokenize_str(text):  # spelled with a character a byte
                    end += len(piece)
                    ends.append(end)
                digests.append(hashlib.sha256(struct.pack(f"<{len(ends)}I", *ends)).hexdigest()[:8])
            out.write(" ".join(digests) + "\n")


def write_gguf(tokenizer_json, pre, path):
    import gguf
    described = json.loads(pathlib.Path(tokenizer_json).read_text())
    ids = dict(described["model"]["vocab"])
    kinds = dict.fromkeys(ids, 1)
    for token in described["added_tokens"]:
        ids[token["content"]] = token["id"]
        kinds[token["content"]] = 3 if token["special"] or token["content"].startswith("<｜") else 4
    tokens = [f"[unused {i}]" for i in range(max(ids.values()) + 1)]
    types = [5] * len(tokens)
    for token, number in ids.items():
        tokens[number], types[number] = token, kinds[token]
    merges = described["model"]["merges"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(pre)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges([m if isinstance(m, str) else " ".join(m) for m in merges])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()


def load_tokenizer(path):
    import gguf
    from tokenizers import AddedToken, Tokenizer, models, normalizers
    reader = gguf.GGUFReader(path)

    def strings(key):
        field = reader.fields[key]
        return [bytes(field.parts[i]).decode() for i in field.data]
    tokens = strings("tokenizer.ggml.tokens")
    merges = [tuple(m.split(" ", 1)) for m in strings("tokenizer.ggml.merges")]
    types = reader.fields["tokenizer.ggml.token_type"]
    types = [int(types.parts[i][0]) for i in types.data]
    kind = reader.fields["tokenizer.ggml.pre"].contents()
    tokenizer = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizer(kind)
    if kind == "qwen2":
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.add_tokens([AddedToken(t, normalized=False, special=False)
                          for t, k in zip(tokens, types) if k == 4])
    return tokenizer


def write_ids(name, path):
    tokenizer = load_tokenizer(path)
    with open(DATA / f"{name}.txt", "w") as out:
        for number, text in enumerate(read_texts()):
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            digest = hashlib.sha256(struct.pack(f"<{len(ids)}i", *ids)).hexdigest()[:32]
            listed = " " + ",".join(map(str, ids)) if number < FULL and len(ids) < 400 else ""
            out.write(f"{len(ids)} {digest}{listed}\n")


def texts_below(folders, limit):
    """Readable UTF-8 files below the folders, in seeded order, up to `limit` bytes."""
    names = sorted(str(p) for folder in folders for p in pathlib.Path(folder).rglob("*"))
    random.Random(SEED).shuffle(names)
    for name in names:
        try:
            text = pathlib.Path(name).read_bytes()[:200000].decode()
        except (OSError, UnicodeDecodeError):
            continue
        limit -= len(text)
        if limit < 0:
            return
        yield text


def compare(program, path, megabytes, folders):
    rng, points = random.Random(SEED), assigned_code_points()
    texts = list(texts_below(folders, int(float(megabytes) * 1e6)))
    texts += [adversarial(rng, points) for _ in range(len(texts))] + pathological(rng)
    texts.append("".join(" %sa%s'\n" % (chr(c), chr(c) * 2) for c in points))
    encoded = [t.encode() for t in texts]
    ours = subprocess.run([program, path], capture_output=True, check=True,
                          input=b"".join(struct.pack("<I", len(b)) + b for b in encoded))
    tokenizer, at, total, different = load_tokenizer(path), 0, 0, 0
    for number, text in enumerate(texts):
        (count,) = struct.unpack_from("<I", ours.stdout, at)
        ids = list(struct.unpack_from(f"<{count}i", ours.stdout, at + 4))
        at += 4 + 4 * count
        expected = tokenizer.encode(text, add_special_tokens=False).ids
        total += len(expected)
        if ids != expected:
            different += 1
            print(f"text {number} differs: {text[:60]!r}", file=sys.stderr)
    print(json.dumps({"model": pathlib.Path(path).name, "texts": len(texts),
                      "bytes": sum(map(len, encoded)), "ids": total, "different_texts": different,
                      "MB_per_s": float(ours.stderr.split()[0])}))
    sys.exit(different > 0)


def main():
    if sys.argv[1:2] == ["texts"]:
        write_texts()
    elif sys.argv[1:2] == ["ids"] and len(sys.argv) == 4:
        write_ids(sys.argv[2], sys.argv[3])
    elif sys.argv[1:] == ["pieces"]:
        write_pieces()
    elif sys.argv[1:2] == ["gguf"] and len(sys.argv) == 5:
        write_gguf(*sys.argv[2:])
    elif sys.argv[1:2] == ["compare"] and len(sys.argv) > 5:
        compare(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
