"""Names of people as lists write them: all in capitals, all in small letters, without marks."""

from library.core.fold import same_title


def is_plain(name: str) -> bool:
    """Whether it is written in one case alone: “NGUYỄN VĂN A”, “nguyễn văn a”."""
    return name == name.upper() or name == name.lower()


def tidy(name: str) -> str:
    """A name in one case alone with a capital for each word; others as they are: “H'Hen Niê”."""
    return " ".join(word[:1].upper() + word[1:].lower() for word in name.split()) if is_plain(name) else name


def is_bare(name: str) -> bool:
    """Without a single Vietnamese mark: nothing can be learnt from it about the marks of another."""
    return name.isascii()


def is_same(one: str, other: str) -> bool:
    """Whether two spellings, alike without marks, may be one name: “Hoà” and “Hòa”, “Hung” and “Hùng”, never “Hưng” and
    “Hùng”."""
    return is_bare(one) or is_bare(other) or same_title(one, other)


def betters(new: str, old: str) -> bool:
    """Whether the new spelling of a known person's name is a correction of the old."""
    if same_title(new, old):
        return False
    return not (is_bare(new) and not is_bare(old))
