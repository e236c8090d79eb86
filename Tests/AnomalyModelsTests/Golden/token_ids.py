"""Expected token ids of WordPiece and byte-pair encoding.

    python3 -m venv V && V/bin/pip install tokenizers regex
    V/bin/python token_ids.py FOLDER_WITH_THE_PUBLISHED_WEIGHTS

Writes wordpiece.json and bytepair.json: lists of {"text", "ids"}. WordPiece ids come from the package
`tokenizers` reading the published tokenizer.json; byte-pair ids from the short encoder below, which works on
strings and a list of merges, with the pattern of the published tokenizer.
"""
import gzip
import html
import json
import os
import sys
import unicodedata

import regex
import tokenizers

PLAIN = r"""
a photo of a cat
scratched metal surface
a damaged magnetic tile
A photo of a Damaged Zipper.
printed circuit board with solder bridge
the quick brown fox jumps over the lazy dog
anomalous pcb4
blow-hole, crack; fray: free... uneven!
it's we've I'm they'll he'd you're don't
IT'S WE'VE I'M
x-ray of a 12.5mm M8x1.25 hex nut (DIN 934)
100% OK / NG = 3.14159
2024-11-21T05:58:16Z
serial #A-00123_b
e-mail: someone@example.com, https://example.com/path?x=1&y=2
C++ and C# and F#
!!!???...
(((nested [brackets] {braces})))
"quoted" 'single' `back`
$5 + €7 = £9 ¥10
a
I
0
9876543210
antidisestablishmentarianism
pneumonoultramicroscopicsilicovolcanoconiosis
Donaudampfschifffahrtsgesellschaft
supercalifragilisticexpialidocious
electroencephalographically
unbelievablyunsegmentedstringofwords
tab\tbetween\twords
line\nbreak\r\nwindows
   leading and trailing   
many      spaces
hyphen-ated under_scored dot.ted slash/ed back\\slash
~tilde^caret|pipe<less>greater
3D 2d 4k 8bit int8 float32
naïve café résumé
NAÏVE CAFÉ RÉSUMÉ
Müller Straße Österreich Ägypten Übung
smörgåsbord ångström Øresund Æsir œuvre
señor mañana ¿qué? ¡hola!
Łódź Kraków Gdańsk
Čeština Žluťoučký kůň
Türkçe ığdır şeker
Việt Nam Đà Nẵng phở
Привет, мир!
Москва и Санкт-Петербург
ёлка й
γειά σου κόσμε
αβγδ ώς
שלום עולם
مرحبا بالعالم
हिन्दी भाषा
ไทยแลนด์
日本語のテキスト
東京タワー
カタカナ ひらがな ガギグ
你好,世界
漢字と漢字
中文abc中文123
한국어 텍스트
한글abc
𠮷野家
豈更車
😀
😀😃 smile
👍🏽 thumbs
👩‍🔬 scientist
🇯🇵 flag
❤️ heart
→ arrow ← ↑
∑ ∫ √ ∞ ≤ ≥ ≠
½ ¼ ² ³ ₂
Ⅳ Ⅻ ①②③
— em – en ― bar … ellipsis
«guillemets» „low“ “double” ‘single’
don’t it’s
。、「」・
!?full width
ABC123
no\u00a0break\u2003em\u3000ideographic
zero\u200bwidth
soft\u00adhyphen
e\u0301 combining
a\u0300\u0301\u0302 stacked
\u0301 alone
ﬁ ﬂ ligature
™ ® © °C µm
ß ẞ SS
ǅ ǆ Ǆ
Kelvin K Å
ʻokina ʼapostrophe
१२३ ٤٥٦
a1b2c3
10x20x30
aaa bbb ccc
aaaaaaaaaaaaaaaaaaaaaaaa
hahahahahahaha
abcabcabcabcabcabcabcabc
xyzzy qwertyuiop zxcvbnm
_ __ ___
- -- ---
' '' '''
. .. ...
's 't 're
a's b't c're
''s ''''t
rock'n'roll
o'clock
'tis 'twas
1st 2nd 3rd 4th
№ 5 § 7 ¶
a.b.c.d
A/B
foo::bar->baz
<b>bold</b>
[unused0] [x]
##ing ##s
café au lait
e\u0301te\u0301
bad surface finish on aluminium housing, left edge, 3 mm from hole no. 4
a close-up photo of a flawless screw for visual inspection.
a cropped photo of the capsule without defect
the transistor has a bent lead and a misplaced case
"""

WORDPIECE_ONLY = [
    "", " ", "\t\n", "\u0000", "nul\u0000inside", "bell\u0007bell", "\u001b[31mred", "del\u007fete",
    "repl\ufffdacement", "bom\ufefffirst", "left\u200eto\u202eright", "word\u2060joiner", "private\ue000use",
    "unassigned\u0378point", "line\u2028separator", "next\u0085line", "x" * 99, "x" * 100, "x" * 101,
    "é" * 100, "é" * 101, "ab " * 60, "Σίσυφος ΣΑΣ", "İstanbul", "֑א֑", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "𓀀", "\U0002b830 \U0002b920", "&amp; &lt;",
]

BYTEPAIR_ONLY = [
    "", " ", "\t\n", "&amp;", "&amp;amp;", "a &lt;b&gt; c", "&quot;quoted&quot;", "&#65;&#x42;&#67", "AT&T", "&amp;lt;x",
    "&nosuch; &", "R&D; Q&A", "fish &amp chips", "&#8364; 5", "<|startoftext|>", "a <|endoftext|> b", "<|STARTOFTEXT|>x", "𓀀", "𝔘𝔫",
]


def bytes_to_symbols():
    kept = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {byte: chr(byte) for byte in kept}, 256
    for byte in range(256):
        if byte not in table:
            table[byte] = chr(extra)
            extra += 1
    return table


class BytePair:
    PATTERN = regex.compile(
        r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+",
        regex.IGNORECASE)

    def __init__(self, path):
        lines = gzip.open(path).read().decode("utf-8").split("\n")[1:48_895]
        merges = [tuple(line.split()) for line in lines]
        self.ranks = {pair: rank for rank, pair in enumerate(merges)}
        self.symbols = bytes_to_symbols()
        names = list(self.symbols.values())
        names += [name + "</w>" for name in names] + ["".join(pair) for pair in merges]
        self.ids = {name: id for id, name in enumerate(names + ["<|startoftext|>", "<|endoftext|>"])}
        assert len(self.ids) == 49_408

    def piece(self, text):
        if text in ("<|startoftext|>", "<|endoftext|>"):
            return [self.ids[text]]
        word = [self.symbols[byte] for byte in text.encode("utf-8")]
        word[-1] += "</w>"
        while len(word) > 1:
            best = min(zip(word, word[1:]), key=lambda pair: self.ranks.get(pair, 1 << 30))
            if best not in self.ranks:
                break
            merged, index = [], 0
            while index < len(word):
                if tuple(word[index:index + 2]) == best:
                    merged.append(word[index] + word[index + 1])
                    index += 2
                else:
                    merged.append(word[index])
                    index += 1
            word = merged
        return [self.ids[name] for name in word]

    def encode(self, text):
        text = unicodedata.normalize("NFC", html.unescape(html.unescape(text)))
        text = regex.sub(r"\s+", " ", text).strip().lower()
        return [49_406, *(id for piece in self.PATTERN.findall(text) for id in self.piece(piece)), 49_407]


def save(name, texts, encode):
    here = os.path.dirname(os.path.abspath(__file__))
    with open(f"{here}/{name}", "w") as file:
        lines = ",\n".join(json.dumps({"text": text, "ids": encode(text)}) for text in texts)
        file.write("[\n" + lines + "\n]\n")
    print(f"{name}: {len(texts)} texts")


folder = sys.argv[1]
plain = [line.encode("latin-1", "backslashreplace").decode("unicode_escape") for line in PLAIN.split("\n")[1:-1]]
wordpiece = tokenizers.Tokenizer.from_file(f"{folder}/minilm_tokenizer/tokenizer.json")
wordpiece.no_padding()
wordpiece.no_truncation()
save("wordpiece.json", plain + WORDPIECE_ONLY, lambda text: wordpiece.encode(text).ids)
save("bytepair.json", plain + BYTEPAIR_ONLY, BytePair(f"{folder}/clip_bpe_simple_vocab_16e6.txt.gz").encode)
