"""What of an alignment is the same, what was left out as marked, and what differs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from rapidfuzz import fuzz

from .aligning import Step
from .heard import Heard
from .omissions import Parts

# What turns a sentence round. Leaving it out is never a mere trimming.
_NEGATIONS = (
    "not no never none nobody nothing neither nor cannot can't won't dont doesnt didnt isnt arent"
    " wasnt werent wouldnt shouldnt couldnt hasnt havent hadnt aint mustnt neednt without"
    " nicht kein keine keinen keiner nie niemals niemand pas jamais aucun aucune rien non nunca"
    " jamás nadie ningún ninguna nada tampoco"
)
NEGATIONS = set(_NEGATIONS.split())
ALIKE = 70  # of 100: letters that two words have in common, where one was misheard for the other
NEARLY = 0.8  # of a word that is the same
LONGEST_SHOWN = 300  # letters of what was left out


@dataclass(frozen=True, slots=True)
class Block:
    """Places in a row of both sides. `change`: `same`, `different` or `left_out` as marked."""

    change: str
    quoted: tuple[int, ...]
    said: tuple[int, ...]
    gap: int | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One stretch of what was said, beside the quotation."""

    heard: Heard
    parts: Parts
    blocks: tuple[Block, ...]

    @property
    def matched(self) -> list[int]:
        """Places of what was said that the quotation has, too."""
        return [place for block in self.blocks if block.change == "same" for place in block.said]

    @property
    def speakers(self) -> set[str]:
        counts = Counter(self.heard.speaker(place) for place in self.matched)
        return set(counts)

    @property
    def is_exact(self) -> bool:
        """Whether every word was said, in this order, with nothing left out unmarked."""
        return all(block.change != "different" for block in self.blocks)

    @property
    def is_trimmed(self) -> bool:
        return bool(self.parts.inserted) or any(b.change == "left_out" for b in self.blocks)

    @property
    def is_turned_round(self) -> bool:
        """Whether what is marked as left out, or put in, is a "not", or more than may be."""
        for inserted in self.parts.inserted.values():
            if NEGATIONS & set(inserted.casefold().replace("’", "").replace("'", "").split()):
                return True
        for block in self.blocks:
            if block.change != "left_out" or block.gap is None:
                continue
            if len(block.said) > self.parts.gaps[block.gap]:
                return True
            norms = {self.heard.words[place].norm for place in block.said}
            if norms & NEGATIONS and not self._ends_a_sentence(block.said):
                return True
        return False

    def _ends_a_sentence(self, places: Sequence[int]) -> bool:
        return any(self.heard.stops[place] for place in range(places[0] - 1, places[-1] + 1))

    @property
    def similarity(self) -> float:
        """From 0 to 1: the share of words that are the same, or nearly."""
        same = left_out = 0.0
        for block in self.blocks:
            if block.change == "same":
                same += len(block.quoted)
            elif block.change == "different":
                if self._is_alike(block.quoted, block.said):
                    same += NEARLY * len(block.quoted)
                    continue
                pairs = zip(block.quoted, block.said, strict=False)
                same += NEARLY * sum(self._is_alike([one], [other]) for one, other in pairs)
                left_out += max(0, len(block.said) - len(block.quoted))
        return same / ((len(self.parts.words) + left_out / 2) or 1)

    @property
    def longest_run(self) -> int:
        """How many words stand in a row as they were said."""
        runs = groupby(self.blocks, key=lambda block: block.change == "same")
        return max(
            (sum(len(block.quoted) for block in run) for is_same, run in runs if is_same), default=0
        )

    def _is_alike(self, quoted: Sequence[int], said: Sequence[int]) -> bool:
        one = "".join(self.parts.words[place].norm for place in quoted)
        other = "".join(self.heard.words[place].norm for place in said)
        return not one[:1].isdecimal() and fuzz.ratio(one, other) >= ALIKE

    def difference(self) -> list[tuple[str, str]]:
        """Word by word, as a person reads it: `same`, `removed`, `added`, `left_out`.

        `removed` was said and is not quoted; `added` is quoted and was not said there.
        """
        told: list[tuple[str, str]] = []
        for block in self.blocks:
            said = self.heard.said(block.said[0], block.said[-1] + 1) if block.said else ""
            quoted = ""
            if block.quoted:
                first, last = self.parts.words[block.quoted[0]], self.parts.words[block.quoted[-1]]
                quoted = self.parts.text[first.start : last.end]
            if block.change == "same":
                told.append(("same", quoted))
            elif block.change == "left_out":
                told.append(("left_out", said[:LONGEST_SHOWN]))
            else:
                told += [("removed", said)] if said else []
                told += [("added", quoted)] if quoted else []
        return told


def way(heard: Heard, parts: Parts, steps: Sequence[Step], begin: int) -> Way:
    """The alignment of a stretch of the stream that begins at `begin`, in blocks."""
    main = Counter(heard.speaker(begin + s.said) for s in steps if s.is_same and s.said is not None)
    speaker = main.most_common(1)[0][0] if main else ""
    steps = _with_edges(heard, parts, steps, begin)
    blocks: list[Block] = []
    for (is_same, gap), run in groupby(steps, key=lambda step: (step.is_same, step.gap)):
        taken = list(run)
        quoted = tuple(step.quoted for step in taken if step.quoted is not None)
        said = tuple(begin + step.said for step in taken if step.said is not None)
        if is_same:
            change = "same"
        elif gap is not None:
            change = "left_out"
        else:
            heard_so = _heard_so(heard, parts, quoted, said, speaker)
            change = "different" if heard_so is None else "same"
            said = said if heard_so is None else heard_so
        blocks.append(Block(change, quoted, said, gap))
    return Way(heard, parts, tuple(_joined(blocks)))


def _heard_so(
    heard: Heard, parts: Parts, quoted: tuple[int, ...], said: tuple[int, ...], speaker: str
) -> tuple[int, ...] | None:
    """What of `said` sounds as it is quoted; None where more differs than how words are parted.

    What was begun anew may be left out, and what others threw in.
    """
    core = tuple(
        place for place in said if not heard.asides[place] and heard.speaker(place) == speaker
    )
    for places in (said, core):
        one = "".join(parts.words[place].norm for place in quoted)
        other = "".join(heard.words[place].norm for place in places)
        if one == other and not one.isdecimal():
            return places
    return None


def _joined(blocks: Sequence[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        if joined and joined[-1].change == block.change == "same":
            before = joined.pop()
            block = Block("same", before.quoted + block.quoted, before.said + block.said)  # noqa: PLW2901 - grows
        joined.append(block)
    return joined


def _with_edges(heard: Heard, parts: Parts, steps: Sequence[Step], begin: int) -> Sequence[Step]:
    """The same, with what was said in the place of the first and the last words.

    To the alignment they are words put in, because what is around the quotation costs it nothing.
    They are set beside what was said there where the two are alike: parted otherwise, or misheard.
    """
    matched = [number for number, step in enumerate(steps) if step.is_same]
    if not matched:
        return steps
    first, last = matched[0], matched[-1]
    head, tail = list(steps[:first]), list(steps[last + 1 :])
    before, after = (steps[first].said or 0) + begin, (steps[last].said or 0) + begin + 1
    if head and all(step.said is None for step in head):
        stretch = _alike(heard, parts, head, range(before - 1, -1, -1))
        head = [Step(None, place - begin, is_same=False) for place in reversed(stretch)] + head
    if tail and all(step.said is None for step in tail):
        stretch = _alike(heard, parts, tail, range(after, len(heard.words)))
        tail += [Step(None, place - begin, is_same=False) for place in stretch]
    return [*head, *steps[first : last + 1], *tail]


def _alike(heard: Heard, parts: Parts, edge: Sequence[Step], places: range) -> list[int]:
    """As many of the places as hold words like those of the edge, next to it; or none."""
    norms = [parts.words[step.quoted].norm for step in edge if step.quoted is not None]
    quoted = "".join(norms)
    for count in range(1, len(norms) + 2):
        taken = list(places[:count])
        if "".join(heard.words[place].norm for place in sorted(taken)) == quoted:
            return taken
    taken = list(places[: len(norms)])
    said = "".join(heard.words[place].norm for place in sorted(taken))
    return taken if fuzz.ratio(quoted, said) >= ALIKE else []
