"""Text that means nothing to a cleaning robot: keyboards, bytes, code, other languages."""

from __future__ import annotations

from random import Random

_CODE = (
    "for i in range({n}): print(i)", "SELECT * FROM rooms WHERE id={n};", "<div id='{w}'></div>",
    '"{w}": [{n}, "{v}"]', "git commit -m '{w}'", "{w}@{v}.com", "{n}.{n}.{n}.{n}",
    "def {w}({v}): return {n}", "#{w} #{v} #{w}{n}", "ERROR {n}: {w} not found", "{n}+{n}={n}?",
    "../../{w}/{v}", "{w}={n}&{v}={w}", "0x{n}ff {w}", "{w}; {v} && {n}", "{w}{w}{w}{n}",
)  # fmt: skip
_FOREIGN = (
    "quelle heure est-il", "où est la gare", "wie geht es dir heute", "ich habe keine Zeit",
    "¿dónde está la biblioteca?", "hasta mañana amigo", "dov'è la stazione", "buongiorno a tutti",
    "おはようございます", "今日はいい天気ですね", "안녕하세요 반갑습니다", "где находится метро",
    "спасибо большое", "merhaba nasılsın", "obrigado até logo", "xin chào các bạn",
    "สวัสดีครับ", "शुभ प्रभात", "مرحبا كيف حالك", "lorem ipsum dolor sit amet",
)  # fmt: skip


def nonsense(language: str, rng: Random) -> str:
    """One such text; in Chinese also characters that make no sense together."""
    draw = rng.random()
    if draw < 0.25:
        words, n = [_word(rng) for _ in range(2)], rng.randint(0, 9999)
        return rng.choice(_CODE).format(w=words[0], v=words[1], n=n)
    if draw < 0.4:
        return rng.choice(_FOREIGN)
    if draw < 0.7 and language == "zh":
        return "".join(chr(rng.randint(0x4E00, 0x7FFF)) for _ in range(rng.randint(2, 14)))
    return " ".join(_word(rng) for _ in range(rng.randint(1, 7)))


def _word(rng: Random) -> str:
    letters = rng.choice(("qwertyuiopasdfghjklzxcvbnm", "asdfghjkl", "aeioubdkmt", "jkxqzw1234567"))
    return "".join(rng.choice(letters) for _ in range(rng.randint(2, 9)))
