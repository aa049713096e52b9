"""Finding a market as Koreans type: whole words, half-typed syllables, or only the initial consonants.

A syllable of Hangul is one character whose code tells its initial, vowel and final. An input method shows the
syllable that is being typed as if it were finished: on the way to 비트 there is 빝 for a moment. Taken apart into
letters, what is typed is always a part of what is meant.
"""

from __future__ import annotations

from typing import Final, NamedTuple

_FIRST_SYLLABLE: Final = 0xAC00
_LAST_SYLLABLE: Final = 0xD7A3
_VOWELS: Final = 21
_FINALS: Final = 28
_INITIAL_LETTERS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_FIRST_VOWEL: Final = 0x314F
_FINAL_LETTERS: Final = (
    "", "ㄱ", "ㄲ", "ㄱㅅ", "ㄴ", "ㄴㅈ", "ㄴㅎ", "ㄷ", "ㄹ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ",
    "ㅁ", "ㅂ", "ㅂㅅ", "ㅅ", "ㅆ", "ㅇ", "ㅈ", "ㅊ", "ㅋ", "ㅌ", "ㅍ", "ㅎ",
)  # fmt: skip
# Two consonants in a row are typed as one letter where there is such a final.
_COMPOUND_LETTERS: Final = {
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ", "ㄾ": "ㄹㅌ",
    "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
# Vowels that are typed as two: 고 stands there for a moment on the way to 과.
_COMPOUND_VOWELS: Final = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
}  # fmt: skip


class SearchKey(NamedTuple):
    """What a search looks at, made once for a market.

    Attributes:
        letters: names and codes, lower case, syllables taken apart.
        initials: the initial consonants of the syllables; other characters as they are.
    """

    letters: str
    initials: str


def search_key(*names: str) -> SearchKey:
    """Return what a search looks at; the names are kept apart, so that none is found across two of them."""
    joined = "\n".join(names).lower()
    return SearchKey(_letters(joined), _initials(joined))


def matches(key: SearchKey, query: str) -> bool:
    """Tell whether a market is meant by what was typed; spaces at the ends do not count, an empty query means all."""
    typed = query.strip().lower()
    if not typed:
        return True
    if _letters(typed) in key.letters:
        return True
    apart = "".join(_COMPOUND_LETTERS.get(letter, letter) for letter in typed)
    return all(letter in _INITIAL_LETTERS for letter in apart) and apart in key.initials


def _initials(text: str) -> str:
    return "".join(
        _INITIAL_LETTERS[(ord(letter) - _FIRST_SYLLABLE) // (_VOWELS * _FINALS)] if _is_syllable(letter) else letter
        for letter in text
    )


def _letters(text: str) -> str:
    parts: list[str] = []
    for letter in text:
        if _is_syllable(letter):
            place = ord(letter) - _FIRST_SYLLABLE
            vowel = chr(_FIRST_VOWEL + place // _FINALS % _VOWELS)
            parts.append(_INITIAL_LETTERS[place // (_VOWELS * _FINALS)])
            parts.append(_COMPOUND_VOWELS.get(vowel, vowel))
            parts.append(_FINAL_LETTERS[place % _FINALS])
        else:
            parts.append(_COMPOUND_LETTERS.get(letter) or _COMPOUND_VOWELS.get(letter) or letter)
    return "".join(parts)


def _is_syllable(letter: str) -> bool:
    return _FIRST_SYLLABLE <= ord(letter) <= _LAST_SYLLABLE
