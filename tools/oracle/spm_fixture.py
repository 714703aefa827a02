"""A small SentencePiece-style vocabulary and the ids Hugging Face `tokenizers` gives texts with it.

    python tools/oracle/spm_fixture.py tests/data/tokenizer

Trained on this file's folder with byte fallback, as Gemma's and Llama 2's tokenizers are: spm.gguf
holds its keys, spm.txt one line a text: its UTF-8 bytes in hexadecimal, a tab, the ids. So does
spm_prefixed.txt, of the same vocabulary with a space put before each text, as Llama 2's does.
"""

import pathlib
import sys

import gguf
from tokenizers import Tokenizer, decoders, models, normalizers, trainers

VOCAB = 700
TEXTS = [
    "int main() {\n  return 0;\n}\n", " leading", "two  spaces   three", "", "x", " ", "   ",
    "for i in range(10):\n\tprint(i)\n", "naïve café — Ω ≈ 42", "日本語のテキスト", "emoji 🙂🙃",
    "e\u0301 combining", "aaaaaaaaaaaaaaaa", "((((((((", "def f(self, weight, name, array):",
    "\u2581 the space's own character", "\x00\x01control", "line\r\nends\r", "torch.tensor(ids)",
]


def main():
    out = pathlib.Path(sys.argv[1])
    folder = pathlib.Path(__file__).parent
    special = ["<pad>", "<eos>", "<bos>", "<unk>"]
    byte_tokens = [f"<0x{b:02X}>" for b in range(256)]
    tokenizer = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB, special_tokens=special + byte_tokens, show_progress=False,
        max_token_length=12)
    lines = [line for path in sorted(folder.glob("*.py")) for line in path.read_text().splitlines()]
    tokenizer.train_from_iterator(lines, trainer)
    tokens = sorted(tokenizer.get_vocab(), key=tokenizer.token_to_id)
    import json
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    rank = {"".join(m): i for i, m in reversed(list(enumerate(merges)))}
    scores = [-float(rank.get(t, len(merges))) for t in tokens]
    types = [3] * 3 + [2] + [6] * 256 + [1] * (len(tokens) - 260)
    writer = gguf.GGUFWriter(out / "spm.gguf", "gemma2")
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_add_space_prefix(False)
    writer.add_bos_token_id(2)
    writer.add_eos_token_id(1)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    write_ids(tokenizer, out / "spm.txt", TEXTS + [(folder / "gguf_model.py").read_text()])
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    write_ids(tokenizer, out / "spm_prefixed.txt", TEXTS)


def write_ids(tokenizer, path, texts):
    with open(path, "w") as lines:
        for text in texts:
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            lines.write(f"{text.encode().hex()}\t{' '.join(map(str, ids))}\n")


if __name__ == "__main__":
    main()
