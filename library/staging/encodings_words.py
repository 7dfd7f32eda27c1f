"""Whether letters spell a Vietnamese syllable: what tells text read rightly from text read in a wrong encoding."""

from functools import lru_cache
from unicodedata import normalize

from library.core.fold import TONES

_ONSETS = "b c ch d đ g gh h k kh l m n ng ngh nh p ph r s t th tr v x".split()
_RHYMES = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu
i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong op ot
ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
u ua uân uâng uât uây uc uê uêch uênh ui um un ung uôc uôi uôm uôn uông uôt uơ up ut
uy uya uych uyên uyêt uyn uynh uyp uyt uyu
ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu
y yêm yên yêng yêt yêu ych ynh yt
""".split()
_AFTER_QU = """
a ac ach ai an ang anh ao at au ay ăc ăm ăn ăng ăp ăt ân âng ât ây e ec en eng eo et ê êch ên ênh êt
i ich in inh it iu ô ôc ơ ơn ơt y ych ynh yên yêt yt yp
""".split()
_AFTER_GI = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăt âc âm ân âng âp ât âu ây e em eng eo ep ê êm ên êng ênh êt êu
o oi om on ong op ot ơ ơi ô ôc ôi ôn ông ôp ôt u ua uc ui um un ung up ut uôc ư ưa ưc ưng ương ươp ươu
""".split()
_FRONT = "eêiy"
_BACK_ONLY, _FRONT_ONLY = ("c", "g", "ng"), ("k", "gh", "ngh")
_STOPS = ("c", "ch", "p", "t")
_ALONE = frozenset(("ă", "â"))  # letters, not words


def _toneless() -> frozenset[str]:
    """About 4,000 spellings. K stands before e ê i y, c before the others; so do gh and g, ngh and ng."""
    joined = {onset + rhyme for onset in _ONSETS for rhyme in _RHYMES if _fits(onset, rhyme)}
    quick = {"qu" + rhyme for rhyme in _AFTER_QU} | {"gi" + rhyme for rhyme in _AFTER_GI}
    return frozenset(joined | quick | {*_RHYMES, "gi", "gin"})


def _fits(onset: str, rhyme: str) -> bool:
    if onset in _BACK_ONLY:
        return rhyme[0] not in _FRONT
    return rhyme[0] in _FRONT if onset in _FRONT_ONLY else True


SYLLABLES = _toneless()


@lru_cache(maxsize=50_000)
def is_syllable(word: str) -> bool:
    """Any case, composed or not, the tone wherever it stands. A syllable ending in c, ch, p, t has sắc or nặng."""
    parts = normalize("NFD", word.lower())
    tones = [part for part in parts if part in TONES]
    bare = normalize("NFC", "".join(part for part in parts if part not in TONES))
    if len(tones) > 1 or bare not in SYLLABLES or bare in _ALONE:
        return False
    return not bare.endswith(_STOPS) or tones in ([TONES[3]], [TONES[4]])
