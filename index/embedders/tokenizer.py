"""The tokenizer of the embedded weights, as a tokenizer.json that splits as the C engine does.

The pieces and replacements are read from the bytes of e5-small-q4.bin, and written as JSON for the
`tokenizers` library. It is a unigram model: Kudo 2018, arXiv:1804.10959.
"""

import base64
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from mmap import mmap
from typing import Any, Final

Bytes = bytes | mmap

MAX_TOKENS: Final = 512
"""Positions of the model, special tokens included."""

_SPACE: Final = "▁"  # U+2581, what SentencePiece writes for a space.
_DROPPED: Final = "\x01"  # The file's normaliser drops it, and it joins no grapheme.
_UNKNOWN_SCORE: Final = -1000.0  # Far below any path of real pieces; the lowest piece has -20.4.


@dataclass(frozen=True)
class Unigram:
    """A unigram vocabulary and the replacements made before it is looked up."""

    pieces: list[str]
    scores: list[float]
    """Log probabilities, in the order of `pieces`."""
    bos: int
    eos: int
    pad: int
    unknown: int
    replacements: dict[str, str]
    """A code point, and what replaces it: nothing, a space, or up to 18 other code points."""


def read_unigram(data: Bytes, start: int) -> tuple[Unigram, int]:
    """Read the tokenizer from the file's bytes, whose hash the caller has checked.

    Args:
        data: The whole file.
        start: Offset of the tokenizer's first byte.

    Returns:
        The tokenizer, and the offset after its last byte.
    """
    count, bos, eos, pad, unknown, length = struct.unpack_from("<5iQ", data, start)
    at = start + struct.calcsize("<5iQ")
    bounds = struct.unpack_from(f"<{count + 1}I", data, at)
    at += 4 * (count + 1)
    scores = struct.unpack_from(f"<{count}f", data, at)
    at += 4 * count
    text = bytes(data[at : at + length])
    pieces = [text[a:b].decode() for a, b in pairwise(bounds)]
    replacements, end = _read_replacements(data, at + length)
    return Unigram(pieces, list(scores), bos, eos, pad, unknown, replacements), end


def _read_replacements(data: Bytes, start: int) -> tuple[dict[str, str], int]:
    count, length = struct.unpack_from("<iI", data, start)
    at = start + struct.calcsize("<iI")
    replacements = {}
    for _ in range(count):
        point, size = struct.unpack_from("<IB", data, at)
        at += struct.calcsize("<IB")
        replacements[chr(point)] = "".join(map(chr, struct.unpack_from(f"<{size}I", data, at)))
        at += 4 * size
    return replacements, start + struct.calcsize("<iI") + length


def tokenizer_json(unigram: Unigram) -> dict[str, Any]:
    """Describe the tokenizer as the `tokenizers` library writes it to tokenizer.json."""
    vocabulary = [list(pair) for pair in zip(unigram.pieces, unigram.scores, strict=True)]
    # The engine never reads "<unk>" out of a text. The library would: all specials score 0, best.
    vocabulary[unigram.unknown][1] = _UNKNOWN_SCORE
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        # None: the engine finds "<s>" in a text as it finds any piece, and the library must too.
        "added_tokens": [],
        "normalizer": {"type": "Sequence", "normalizers": _normalizers(unigram.replacements)},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": _pretokenizers(unigram)},
        "post_processor": _specials(unigram),
        "decoder": _metaspace("always"),
        "model": {
            "type": "Unigram",
            "unk_id": unigram.unknown,
            "vocab": vocabulary,
            "byte_fallback": False,
        },
    }


def tokenizer_config(unigram: Unigram) -> dict[str, Any]:
    """Describe the tokenizer as transformers writes it to tokenizer_config.json."""
    bos, eos = unigram.pieces[unigram.bos], unigram.pieces[unigram.eos]
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": MAX_TOKENS,
        "model_input_names": ["input_ids", "attention_mask"],
        "bos_token": bos,
        "cls_token": bos,
        "eos_token": eos,
        "sep_token": eos,
        "pad_token": unigram.pieces[unigram.pad],
        # No unk_token: transformers would find "<unk>" in texts. The others are left to the pieces
        # too, as in the engine, so that the text around them is not cut.
        "split_special_tokens": True,
        "clean_up_tokenization_spaces": False,
    }


def _normalizers(replacements: Mapping[str, str]) -> list[dict[str, Any]]:
    """Replace code points, then runs of spaces.

    The library's Precompiled step looks up whole graphemes where they have under six bytes, and
    then loses what follows a replaced code point, such as an accent on a no-break space. The engine
    looks up code points. So a grapheme is ended after each of those: by a code point that the table
    drops. ASCII needs none of it: what is replaced there are controls, which end graphemes.
    """
    replaced = _character_class(char for char in replacements if not char.isascii())
    table = base64.b64encode(charsmap(replacements)).decode()
    return [
        {"type": "Replace", "pattern": {"Regex": f"(?<=[{replaced}])"}, "content": _DROPPED},
        {"type": "Precompiled", "precompiled_charsmap": table},
        {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": " "},
    ]


def _pretokenizers(unigram: Unigram) -> list[dict[str, Any]]:
    """Split at spaces, which no piece spans, and around code points that no piece holds.

    The engine makes each of those an unknown token; the library would make a run of them one.
    """
    pieces = [piece for i, piece in enumerate(unigram.pieces) if i != unigram.unknown]
    unknown = {"Regex": f"[^{_character_class({' ', *''.join(pieces)})}]"}
    return [
        _metaspace("first"),
        {"type": "Split", "pattern": unknown, "behavior": "Isolated", "invert": False},
    ]


def _metaspace(prepend: str) -> dict[str, Any]:
    return {"type": "Metaspace", "replacement": _SPACE, "prepend_scheme": prepend, "split": True}


def _specials(unigram: Unigram) -> dict[str, Any]:
    """Put a sequence between <s> and </s>; two, as XLM-R does, with </s></s> between them."""
    ends = {unigram.pieces[number]: number for number in (unigram.bos, unigram.eos)}
    bos, eos = ({"SpecialToken": {"id": piece, "type_id": 0}} for piece in ends)
    first, second = ({"Sequence": {"id": name, "type_id": 0}} for name in "AB")
    return {
        "type": "TemplateProcessing",
        "single": [bos, first, eos],
        "pair": [bos, first, eos, eos, second, eos],
        "special_tokens": {
            piece: {"id": piece, "ids": [number], "tokens": [piece]}
            for piece, number in ends.items()
        },
    }


def _character_class(chars: Iterable[str]) -> str:
    r"""Write code points as the inside of a regular expression's [ ], in ranges.

    >>> print(_character_class("abcx"))
    \x{61}-\x{63}\x{78}
    """
    ranges: list[list[int]] = []
    for point in sorted(map(ord, chars)):
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return "".join(f"\\x{{{a:X}}}" if a == b else f"\\x{{{a:X}}}-\\x{{{b:X}}}" for a, b in ranges)


def charsmap(replacements: Mapping[str, str]) -> bytes:
    """Pack replacements as SentencePiece does: a trie's size, the trie, the replacements' bytes.

    Each replacement ends with NUL; the trie leads from a code point's UTF-8 bytes to its offset.
    Source: sentencepiece/src/normalizer.cc, PrefixMatcher and DecodePrecompiledCharsMap.
    """
    texts = bytearray()
    offsets: dict[str, int] = {}
    for text in replacements.values():
        if text not in offsets:
            offsets[text] = len(texts)
            texts += text.encode() + b"\0"
    trie = _double_array({key.encode(): offsets[text] for key, text in replacements.items()})
    packed = struct.pack(f"<{len(trie)}I", *trie)
    return struct.pack("<I", len(packed)) + packed + bytes(texts)


def _double_array(values: Mapping[bytes, int]) -> list[int]:
    """Build a trie in Darts-clone's form; no key may begin with another, as in UTF-8 none does.

    A node is at its parent's base XOR its byte, and contains that byte (bits 0-7), whether a value
    follows (bit 8) and its own base, XORed with its place (bits 10-30). A value is at the base
    itself, marked by bit 31. Inner nodes get a base of 256 units each, which wastes 150 KB and
    spares the search for gaps. Source: github.com/s-yata/darts-clone, darts.h, DoubleArrayUnit.
    """
    inner = sorted({key[:size] for key in values for size in range(len(key))})  # The root first.
    base = {prefix: 256 * block for block, prefix in enumerate(inner)}
    leaves = 256 * len(inner)
    # A lookup goes anywhere in the 256 units around a base, so the last ones must be whole too.
    units = [0] * (leaves + -(-len(values) // 256) * 256)
    for prefix in inner[1:]:
        place = base[prefix[:-1]] ^ prefix[-1]
        units[place] = prefix[-1] | (place ^ base[prefix]) << 10
    for leaf, (key, value) in enumerate(values.items(), start=leaves):
        place = base[key[:-1]] ^ key[-1]
        units[place] = key[-1] | 1 << 8 | (place ^ leaf) << 10
        units[leaf] = value | 1 << 31
    return units
