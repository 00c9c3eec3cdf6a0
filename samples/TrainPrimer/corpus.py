"""Writes the corpus: documents made from the templates, some word combinations held out.

A template draws words for its {slots}. The words a *sentence* draws, but for
the scenery (times, weather), are its combination, for instance {小明, 吃一个苹果}. One combination in twenty, chosen by a hash of the words alone, is held out:
no training document has a sentence with it, whatever its template, tense or pronoun. So the held-out
documents have only words the model has seen, in company in which it has not seen them.
"""

import hashlib
import random
import re
from dataclasses import dataclass
from pathlib import Path

import lexicon as lex
import words
from lexicon import Noun, Person, Word

HERE = Path(__file__).parent
END_OF_SENTENCE = re.compile(r"[.?!。？！]")

_by_verb: dict = {}
for _verb in lex.TRANSITIVE:
    _by_verb.setdefault(_verb.en.split()[0], []).append(_verb)
_VERBS = list(_by_verb.values())

_FOOD = lex.NOUNS["fruit"] + lex.NOUNS["dish"]
_BUYABLE = [noun for kind in ("thing", "clothes", "reading") for noun in lex.NOUNS[kind] if noun.en not in ("letter", "story", "poem", "key")]
_INSECT = [Noun("蜜蜂", "只", "bee", "bees"), Noun("蝴蝶", "只", "butterfly", "butterflies"), Noun("蚂蚁", "只", "ant", "ants"), Noun("老鼠", "只", "mouse", "mice")]
_ANIMAL_DO = [Word(*row) for row in lex._rows("睡觉/sleep; 跑来跑去/run here and there; 在水里玩/play in the water; 晒太阳/lie in the sun; 找东西吃/look for food; 和朋友玩/play with its friends", 2)]
_PLAIN = {
    "now": words.NOW, "past": words.PAST, "future": words.FUTURE, "season": words.SEASON, "sky": words.SKY,
    "feeling": words.FEELING, "good": words.GOOD, "colour": words.COLOUR, "fur": words.FUR, "chore": lex.CHORES, "size": words.SIZE, "look": words.ANIMAL_LOOK,
    "character": words.CHARACTER, "country": words.COUNTRY, "city": words.CHINESE_CITY, "number": words.NUMBER[1:],
    "age": words.AGE, "hour": words.HOUR, "weekday": words.WEEKDAY, "subject": words.SUBJECT, "job": words.JOB,
    "on": words.ON, "ride": words.RIDE, "far": words.FAR, "festival": words.FESTIVAL, "ill": words.ILL,
    "money": words.MONEY, "place": lex.PLACES, "kin": lex.FAMILY, "role": lex.ROLES, "act": lex.ACTIVITIES,
    "food": _FOOD, "buyable": _BUYABLE, "insect": _INSECT, "animaldo": _ANIMAL_DO, **lex.NOUNS,
    "bad": [word for word in words.FEELING if word.en in ("sad", "worried", "angry")],
    "low": [word for word in words.FEELING if word not in words.GOOD and word.en not in ("happy", "excited")],
    "sky2": [word for word in words.SKY if word.en not in ("bad", "fine")],
    "skyif": [Word(row, "") for row in ("天气好", "不下雨", "不下雪", "有时间", "不刮风")],
}
# Words that only set the scene; they are no part of a sentence's combination.
_SCENERY = {"now", "past", "future", "sky", "sky2", "skyif", "good", "season", "hour", "money", "size", "on", "weekday"}


@dataclass(frozen=True)
class Document:
    text: str
    language: str        # zh, en or both
    held_out: bool
    sentences: int


class Renderer:
    """Draws the words of one document and remembers them, so that {name} is the same person throughout."""

    def __init__(self, rng: random.Random, bilingual: bool):
        self.rng, self.bilingual = rng, bilingual
        self.drawn: dict = {}
        self.person: Person | None = None
        self.combinations: list = []
        self.has_place = False

    def _draw(self, slot: str, lang: str):
        if slot in self.drawn:
            return self.drawn[slot]
        kind = slot.rstrip("0123456789") if slot not in _PLAIN else slot
        names = lex.PEOPLE_ZH if lang == "zh" else lex.PEOPLE_EN
        if kind == "name":
            choices = names
        elif kind == "who" and slot == "who2":
            choices = lex.PRONOUNS[1:4] + lex.FAMILY
        elif kind == "who":
            groups = [lex.PRONOUNS, lex.FAMILY, lex.ROLES] + ([] if self.bilingual else [names])
            choices = self.rng.choice(groups)
        elif slot == "act" and self.has_place:                # nobody waters flowers in a cinema
            choices = lex.ACTIVITIES_AT[self._draw("place", lang).en]
        elif kind == "vp":
            choices = lex.ACTIVITIES if self.rng.random() < 0.5 else self.rng.choice(_VERBS)
        else:
            choices = _PLAIN[kind]
        taken = [word for other, word in self.drawn.items() if other.rstrip("2") == slot.rstrip("2")]
        word = self.rng.choice([word for word in choices if word not in taken])
        self.drawn[slot] = word
        return word

    def _text(self, slot: str, form: str, lang: str) -> str:
        word = self._draw(slot, lang)
        if isinstance(word, Person):
            self.person = word
            if form == "me":                      # "you" asked, "I" answer
                return "我" if word.kind == "2" else word.form(lang, "he")
        if form == "agr":
            form = "s" if self.person.kind in "mf" else ""
        if form == "a":
            return ("an " if word.en[0] in "aeiou" else "a ") + word.en
        return word.form(lang, form)

    def render(self, template: str, lang: str) -> str:
        while re.search(r"\[[^\[\]]*\]", template):       # one of the alternatives
            template = re.sub(r"\[([^\[\]]*)\]", lambda m: self.rng.choice(re.split(r"\|(?![^<]*>)", m[1])), template)
        self.has_place = self.has_place or "{place" in template
        out, content = [], []
        for part in re.split(r"(\{[^}]*\}|<[^>]*>)", template):
            if part.startswith("{"):
                slot, _, form = part[1:-1].partition(".")
                out.append(self._text(slot, form, lang))
                word = self._draw(slot, lang)
                if slot not in _SCENERY and word not in content:
                    content.append(word)
            elif part.startswith("<"):
                base, third = part[1:-1].split("|")
                out.append(third if self.person.kind in "mf" else base)
            else:
                out.append(part)
                if END_OF_SENTENCE.search(part):
                    self._close(content)
                    content = []
        self._close(content)
        text = "".join(out)
        if lang == "en":                                   # a capital opens each sentence and each quotation
            text = re.sub(r'(^"?|[.?!]"? "?|, ")(?!asked|said)([a-z])', lambda m: m[1] + m[2].upper(), text)
        return text

    def _close(self, content: list) -> None:
        if len(content) >= 2:
            self.combinations.append("|".join(sorted(f"{word.zh}/{word.en}" for word in content)))


def _is_held_out(combination: str) -> bool:
    return hashlib.md5(combination.encode("utf-8")).digest()[0] % 20 == 0


def _templates(file: str):
    for line in (HERE / file).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            weight, text = line.split(" ", 1)
            yield int(weight), text


def _generate(rng: random.Random, tables: dict, share: dict) -> Document:
    language = rng.choices(list(share), list(share.values()))[0]
    weights, texts = tables[language]
    template = rng.choices(texts, weights)[0]
    if language == "facts":
        language = "zh" if ord(template[0]) > 127 else "en"
        return Document(template, language, False, 1)
    renderer = Renderer(rng, language == "both")
    if language == "both":
        zh, en = template.split(" ||| ")
        pair = [renderer.render(zh, "zh"), renderer.render(en, "en")]
        text = " ".join(pair if rng.random() < 0.5 else pair[::-1])
    else:
        text = renderer.render(template, language)
    held_out = any(_is_held_out(combination) for combination in renderer.combinations)
    return Document(text, language, held_out, len(END_OF_SENTENCE.findall(text)))


def make_corpus(count: int, seed: int) -> tuple[list, list]:
    """Returns (training documents, held-out documents). Short training documents recur, held-out ones do not."""
    rng = random.Random(seed)
    tables = {}
    for name in ("zh", "en", "both"):
        tables[name] = tuple(zip(*_templates(f"templates_{name}.txt")))
    tables["facts"] = tuple(zip(*_templates("facts.txt")))
    share = {"zh": 42, "en": 36, "both": 16, "facts": 6}
    train, held = [], []
    while len(train) < count:
        document = _generate(rng, tables, share)
        (held if document.held_out else train).append(document)
    # "Her key is red." may be drawn for two persons, one held out and one not: such a text counts as seen.
    seen = {document.text for document in train}
    held = [d for d in held if not (d.text in seen or seen.add(d.text))]
    return train, held


if __name__ == "__main__":
    documents, held = make_corpus(2000, 1)
    for document in documents[:60]:
        print(document.text)
